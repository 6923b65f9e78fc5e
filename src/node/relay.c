/* SPDX-License-Identifier: Apache-2.0 */
/* RELAY: the client's body to the target and the target's answer to the client, at the same time.
 *
 * Bytes are borrowed from one side's buffer and written to the other: nothing is copied or kept
 * here, so the slower side holds the faster one back. Either side's wake runs both directions; what
 * is not ready says so without a system call. */
#include "base/limits.h"
#include "conn/splice.h"
#include "http/forward.h"
#include "http/upgrade.h"
#include "node/worker.h"

/* What one look at a direction came to. */
enum look {
    LOOK_WAIT,   /* nothing more now */
    LOOK_DONE,   /* this direction is complete */
    LOOK_FAILED, /* *next is the step to go to */
};

struct relay {
    struct request *req;
    enum step next;
    size_t bytes;        /* moved in this turn, both ways */
    bool has_moved;      /* a byte, a head or an end */
    bool is_client_slow; /* what we wait for is the client's to do */
};

static enum look fail(struct relay *relay, enum fault_id fault)
{
    relay->next = request_fail(relay->req, fault);
    return LOOK_FAILED;
}

static enum look fail_target(struct relay *relay, enum fault_id fault)
{
    relay->next = request_fail_target(relay->req, fault);
    return LOOK_FAILED;
}

static void moved(struct relay *relay, size_t bytes)
{
    relay->has_moved = true;
    relay->bytes += bytes;
}

static bool is_turn_over(const struct relay *relay)
{
    return relay->bytes >= LIMIT_RELAY_TURN_BYTES;
}

/* ---- client to target --------------------------------------------------------------------- */

static enum look fail_body(struct relay *relay, enum rc rc)
{
    /* RFC 9110 §15.5.9: whatever the rest of this body is, nobody waits for it. */
    server_req_close_after(relay->req->in);
    if (rc == RC_LIMIT && !server_req_fault(relay->req->in)) {
        return fail(relay, FAULT_ID_MEMORY);
    }
    return fail(relay, rc == RC_BAD || rc == RC_LIMIT       ? FAULT_ID_BODY_BROKEN
                       : rc == RC_LATE                      ? FAULT_ID_BODY_LATE
                       : server_req_is_gone(relay->req->in) ? FAULT_ID_CLIENT_GONE
                                                            : FAULT_ID_BODY_CUT);
}

/* The target stopped reading, perhaps because it has answered already: its answer tells. */
static enum look go_deaf(struct relay *relay)
{
    relay->req->is_deaf = true;
    return LOOK_DONE;
}

/* Trailers of HTTP/1.1 clients end here: AWS ALB says nothing about them, and few targets expect
 * any. */
static const struct http_fields *trailers_of(const struct server_req *in)
{
    return server_req_head(in)->version == HTTP_2 ? server_req_trailers(in) : NULL;
}

static enum look finish_asking(struct relay *relay)
{
    const enum rc rc = client_req_end(relay->req->out, trailers_of(relay->req->in));

    if (rc == RC_AGAIN) {
        return LOOK_WAIT;
    }
    if (rc != RC_OK) {
        return go_deaf(relay);
    }
    relay->req->is_asked = true;
    moved(relay, 0);
    return LOOK_DONE;
}

static enum look wait_for_client(struct relay *relay)
{
    const enum rc rc = client_req_flush(relay->req->out);

    relay->is_client_slow = true;
    return rc == RC_OK || rc == RC_AGAIN ? LOOK_WAIT : go_deaf(relay);
}

static enum look stop_splicing_body(struct relay *relay, enum rc rc, bool waits_for_target)
{
    if (rc == RC_AGAIN) {
        return waits_for_target ? LOOK_WAIT : wait_for_client(relay);
    }
    if (rc == RC_IO && !server_req_fault(relay->req->in)) {
        return go_deaf(relay);
    }
    return fail_body(relay, rc);
}

static enum look send_body(struct relay *relay)
{
    struct request *req = relay->req;

    while (!is_turn_over(relay)) {
        struct text data;
        size_t taken;
        bool waits_for_target = false;
        const enum rc spliced = splice_body(req->in, req->out, &taken, &waits_for_target);

        if (spliced == RC_OK) {
            req->has_taken_body = true;
            moved(relay, taken);
            continue;
        }
        if (spliced != RC_ABSENT) {
            return stop_splicing_body(relay, spliced, waits_for_target);
        }
        const enum rc read = server_req_read(req->in, &data);

        if (read == RC_END) {
            return finish_asking(relay);
        }
        if (read != RC_OK) {
            return read == RC_AGAIN ? wait_for_client(relay) : fail_body(relay, read);
        }
        const enum rc written = client_req_write(req->out, data, &taken);
        if (written != RC_OK) {
            return written == RC_AGAIN ? LOOK_WAIT : go_deaf(relay);
        }
        server_req_consume(req->in, taken);
        req->has_taken_body = true;
        moved(relay, taken);
    }
    return LOOK_WAIT;
}

/* ---- target to client --------------------------------------------------------------------- */

static enum fault_id fault_of_head(const struct request *req, enum rc rc)
{
    if (rc == RC_LIMIT && !client_req_fault(req->out)) {
        return FAULT_ID_MEMORY;
    }
    return rc == RC_BAD     ? FAULT_ID_TARGET_BROKEN
           : rc == RC_LIMIT ? FAULT_ID_TARGET_HEAD_LIMIT
                            : FAULT_ID_TARGET_CLOSED;
}

/* AWS ALB, "Target group attributes", routing.http2.rst_stream_error_forwarding.enabled: these
 * codes of RFC 9113 §7 go on to the client. */
static bool forwards_reset(const struct request *req, uint32_t code)
{
    enum { INTERNAL_ERROR = 2, REFUSED_STREAM = 7, CANCEL = 8, ENHANCE_YOUR_CALM = 11 };

    return req->group->snap->forwards_resets && (code == INTERNAL_ERROR || code == REFUSED_STREAM ||
                                                 code == CANCEL || code == ENHANCE_YOUR_CALM);
}

/* The target's answer came to a bad end. */
static enum look fail_answer(struct relay *relay, enum fault_id fault)
{
    struct request *req = relay->req;
    const uint32_t code = client_req_reset_code(req->out);

    if (forwards_reset(req, code)) {
        req->target_error = code;
        return fail(relay, FAULT_ID_TARGET_RESET);
    }
    return req->is_answering ? fail(relay, fault) : fail_target(relay, fault);
}

static void count_status(const struct request *req, int status)
{
    static const enum metric metrics[] = {
        [2] = METRIC_TARGET_2XX,
        [3] = METRIC_TARGET_3XX,
        [4] = METRIC_TARGET_4XX,
        [5] = METRIC_TARGET_5XX,
    };

    if (status >= 200 && status < 600) {
        request_count(req, metrics[status / 100], 1);
    }
}

static enum look begin_answer(struct relay *relay, const struct http_response *answer)
{
    struct request *req = relay->req;

    if (req->listener->fields->answer.count > 0 && request_set_fields(req, &answer) != RC_OK) {
        return fail_target(relay, FAULT_ID_TARGET_BROKEN);
    }
    switch (server_req_respond(req->in, answer)) {
    case RC_OK:
        break;
    case RC_BAD:
    case RC_LIMIT:
        return fail_target(relay, FAULT_ID_TARGET_BROKEN);
    case RC_AGAIN:
    case RC_END:
    case RC_LATE:
    case RC_ABSENT:
    case RC_CONFLICT:
    case RC_DENIED:
    case RC_IO:
        return fail(relay, FAULT_ID_CLIENT_GONE);
    }
    req->answer = answer;
    req->answered_us = loop_now_us(req->worker->loop);
    req->is_answering = true;
    req->status = answer->status;
    count_status(req, answer->status);
    return LOOK_DONE;
}

/* RFC 9110 §15.2: interim answers go on to whoever can understand them; 100 is ours to send. */
static enum look pass_interim(struct relay *relay, const struct http_response *answer)
{
    const struct http_request *head = server_req_head(relay->req->in);

    if (answer->status == 100 || head->version < HTTP_1_1) {
        return LOOK_DONE;
    }
    return server_req_respond(relay->req->in, answer) == RC_OK
               ? LOOK_DONE
               : fail_target(relay, FAULT_ID_TARGET_BROKEN);
}

static enum look switch_protocols(struct relay *relay, const struct http_response *answer)
{
    struct request *req = relay->req;

    if (!upgrade_granted(req->forward->upgrade, answer)) {
        return fail_target(relay, FAULT_ID_TARGET_BROKEN);
    }
    const enum look look = begin_answer(relay, answer);
    if (look == LOOK_DONE) {
        req->is_tunnel = true;
        req->is_asked = false; /* the client's bytes begin anew */
    }
    return look;
}

/* LOOK_DONE: the final head is with the client. */
static enum look read_head(struct relay *relay)
{
    struct request *req = relay->req;

    while (!req->is_answering) {
        const struct http_response *answer;
        const enum rc rc = client_req_read_head(req->out, &answer);
        enum look look;

        if (rc != RC_OK) {
            return rc == RC_AGAIN ? LOOK_WAIT : fail_answer(relay, fault_of_head(req, rc));
        }
        moved(relay, answer->head_bytes);
        if (answer->status == 101) {
            look = switch_protocols(relay, answer);
        } else if (answer->status < 200) {
            look = pass_interim(relay, answer);
        } else {
            look = begin_answer(relay, answer);
        }
        if (look != LOOK_DONE) {
            return look;
        }
    }
    return LOOK_DONE;
}

static enum look finish_answer(struct relay *relay)
{
    const enum rc rc = server_req_end(relay->req->in, client_req_trailers(relay->req->out));

    if (rc == RC_AGAIN) {
        relay->is_client_slow = true;
        return LOOK_WAIT;
    }
    if (rc != RC_OK) {
        return fail(relay, FAULT_ID_CLIENT_GONE);
    }
    moved(relay, 0);
    return LOOK_DONE;
}

/* Nothing came from the target: what was collected for the client must not wait with us. */
static enum look wait_for_target(struct relay *relay)
{
    const enum rc rc = server_req_flush(relay->req->in);

    return rc == RC_OK || rc == RC_AGAIN ? LOOK_WAIT : fail(relay, FAULT_ID_CLIENT_GONE);
}

static enum look stop_splicing_answer(struct relay *relay, enum rc rc, bool waits_for_client)
{
    if (rc == RC_AGAIN) {
        relay->is_client_slow |= waits_for_client;
        return waits_for_client ? LOOK_WAIT : wait_for_target(relay);
    }
    return fail(relay,
                client_req_fault(relay->req->out) ? FAULT_ID_TARGET_CLOSED : FAULT_ID_CLIENT_GONE);
}

static enum look send_answer(struct relay *relay)
{
    struct request *req = relay->req;

    while (!is_turn_over(relay)) {
        struct text data;
        size_t taken;
        bool waits_for_client = false;
        const enum rc spliced = splice_answer(req->out, req->in, &taken, &waits_for_client);

        if (spliced == RC_OK) {
            moved(relay, taken);
            continue;
        }
        if (spliced != RC_ABSENT) {
            return stop_splicing_answer(relay, spliced, waits_for_client);
        }
        const enum rc read = client_req_read(req->out, &data);

        if (read == RC_END) {
            return finish_answer(relay);
        }
        if (read != RC_OK) {
            return read == RC_AGAIN ? wait_for_target(relay)
                                    : fail_answer(relay, FAULT_ID_TARGET_CLOSED);
        }
        const enum rc written = server_req_write(req->in, data, &taken);
        if (written == RC_AGAIN) {
            relay->is_client_slow = true;
            return LOOK_WAIT;
        }
        if (written != RC_OK) {
            return fail(relay, FAULT_ID_CLIENT_GONE);
        }
        client_req_consume(req->out, taken);
        moved(relay, taken);
    }
    return LOOK_WAIT;
}

/* ---- both --------------------------------------------------------------------------------- */

static enum look look_up(struct relay *relay)
{
    const struct request *req = relay->req;

    return req->is_asked || req->is_deaf ? LOOK_DONE : send_body(relay);
}

static enum look look_down(struct relay *relay)
{
    struct request *req = relay->req;
    enum look look = req->has_ended ? LOOK_DONE : LOOK_WAIT;

    if (req->has_ended) {
        return look;
    }
    look = read_head(relay);
    if (look == LOOK_DONE) {
        look = send_answer(relay);
    }
    req->has_ended = look == LOOK_DONE;
    return look;
}

/* OURS: a client that sent its last byte and then FIN may be gone, or may just be done asking; the
 * target's answer has this long to come. AWS ALB counts 460 for those who left. */
static bool is_abandoned(struct request *req)
{
    if (server_req_is_gone(req->in)) {
        return true;
    }
    return req->is_half_closed && req->is_late;
}

static void note_half_close(struct request *req, int64_t now_ms)
{
    if (!req->is_half_closed && !req->is_answering && req->is_asked &&
        server_req_stream(req->in)->is_ending) {
        req->is_half_closed = true;
        lease_expect(req->lease, now_ms + LIMIT_HALF_CLOSED_MS);
    }
}

static enum step wait_on(struct relay *relay)
{
    struct request *req = relay->req;
    const int64_t now_ms = loop_now_ms(req->worker->loop);

    if (is_turn_over(relay)) {
        request_yield(req);
    }
    if (relay->has_moved || relay->is_client_slow) {
        lease_expect(req->lease, now_ms + req->listener->config.idle_timeout_ms);
        req->is_half_closed = false;
    }
    note_half_close(req, now_ms);
    return STEP_WAIT;
}

enum step step_relay(struct request *req)
{
    struct relay relay = {.req = req};

    if (is_abandoned(req)) {
        return request_fail(req, FAULT_ID_CLIENT_GONE);
    }
    if (req->is_cut) {
        return request_fail_target(req, FAULT_ID_TARGET_LEFT);
    }
    enum look up = look_up(&relay);
    if (up == LOOK_FAILED) {
        return relay.next;
    }
    const enum look down = look_down(&relay);
    if (down == LOOK_FAILED) {
        return relay.next;
    }
    if (up == LOOK_DONE && req->is_tunnel && !req->is_asked) {
        up = look_up(&relay); /* just opened: who is not asked for bytes does not wake us */
        if (up == LOOK_FAILED) {
            return relay.next;
        }
    }
    if (down == LOOK_DONE && (up == LOOK_DONE || !req->is_tunnel)) {
        return STEP_FINISH;
    }
    if (req->is_late && !relay.has_moved && !relay.is_client_slow) {
        return request_fail(req, FAULT_ID_TARGET_LATE);
    }
    req->is_late = false;
    return wait_on(&relay);
}
