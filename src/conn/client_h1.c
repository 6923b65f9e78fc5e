/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/1.1 towards targets. */
#include "conn/client_conn.h"

#include "base/limits.h"
#include "http/h1_write.h"

/* Whatever arrives, or an end, while nothing was asked ends the connection: a target's late or
 * surplus answer must never meet somebody else's request. */
static bool is_quiet(struct client_conn *conn)
{
    char byte;
    size_t len;

    return stream_read(conn->stream, &byte, 1, &len) == RC_AGAIN;
}

static void woke(void *arg)
{
    struct client_conn *conn = arg;
    struct client_req *req = conn->req;

    if (req) {
        if (req->is_waiting) {
            req->is_waiting = false;
            req->wake(req->wake_arg);
        }
        return;
    }
    if (!is_quiet(conn)) {
        conn->gone(conn->arg, conn);
        client_close(conn);
    }
}

static void h1_adopt(struct client_conn *conn)
{
    stream_on_wake(conn->stream, woke, conn);
}

static bool h1_is_usable(const struct client_conn *conn)
{
    return conn->req == NULL && !conn->stream->is_closed && !conn->stream->is_ending;
}

/* ---- asking ------------------------------------------------------------------------------- */

static enum rc add_head(struct client_req *req, const struct http_request *head,
                        struct h1_plan plan, size_t size)
{
    size_t len;

    TRY(h1_write_request(head, plan, outbox_room(&req->outbox, size), size, &len));
    outbox_added(&req->outbox, len);
    return RC_OK;
}

static enum rc h1_start(struct client_conn *conn, const struct http_request *head,
                        struct client_req *req)
{
    const struct h1_plan plan = h1_plan_request(head, false);
    enum rc rc = add_head(req, head, plan, LIMIT_SMALL_BUFFER_BYTES);

    if (rc == RC_LIMIT) {
        rc = add_head(req, head, plan, LIMIT_LARGE_BUFFER_BYTES);
    }
    TRY(rc);
    outbox_begin(&req->outbox, plan.framing, head->content_length);
    return RC_OK;
}

enum rc client_h1_wait(struct client_req *req)
{
    req->is_waiting = true;
    return RC_AGAIN;
}

static enum rc h1_write(struct client_req *req, struct text data, size_t *taken)
{
    const enum rc rc = outbox_write(&req->outbox, req->conn->stream, data, taken);

    return rc == RC_AGAIN ? client_h1_wait(req) : rc;
}

static enum rc h1_flush(struct client_req *req)
{
    const enum rc rc = outbox_flush(&req->outbox, req->conn->stream);

    return rc == RC_AGAIN ? client_h1_wait(req) : rc;
}

static enum rc h1_end(struct client_req *req, const struct http_fields *trailers)
{
    const enum rc rc = outbox_end(&req->outbox, req->conn->stream, trailers);

    return rc == RC_AGAIN ? client_h1_wait(req) : rc;
}

/* ---- the answer --------------------------------------------------------------------------- */

enum rc client_h1_fail(struct client_req *req, enum rc rc, const char *why)
{
    req->fault = (struct fault){
        .side = FAULT_TARGET,
        .rc = rc,
        .why = why,
        .may_try_another = req->outbox.sent_bytes == 0,
    };
    return rc;
}

static enum rc fill(struct client_req *req, uint64_t expected_bytes)
{
    const enum rc rc = inbox_fill(&req->inbox, req->conn->stream, expected_bytes);

    if (rc == RC_OK) {
        return RC_OK;
    }
    inbox_rest(&req->inbox);
    return rc == RC_AGAIN ? client_h1_wait(req) : rc;
}

static enum rc parse_head(struct client_req *req)
{
    const struct text bytes = inbox_bytes(&req->inbox);
    struct h1_refusal refusal;
    size_t consumed;

    if (bytes.len == 0) {
        return RC_AGAIN;
    }
    const enum rc rc = h1_response_read(&req->reader, bytes, req->arena, req->asked, &req->head,
                                        &consumed, &refusal);
    if (rc == RC_BAD || rc == RC_LIMIT) {
        return client_h1_fail(req, rc, refusal.fault.why);
    }
    TRY(rc);
    inbox_pin(&req->inbox);
    inbox_drop(&req->inbox, consumed);
    req->received_bytes += consumed;
    return RC_OK;
}

static enum rc take_head(struct client_req *req)
{
    if (req->head.status < 200 && req->head.status != 101) {
        req->reader = (struct h1_reader){.base = NULL};
        return ++req->interims > LIMIT_INTERIM_RESPONSES
                   ? client_h1_fail(req, RC_BAD, "too many 1xx before the answer")
                   : RC_OK;
    }
    req->has_head = true;
    if (req->head.status == 101) {
        if (!req->outbox.is_ended) {
            return client_h1_fail(req, RC_BAD, "101 before the request was complete");
        }
        req->is_tunnel = true;
        outbox_begin_raw(&req->outbox);
    }
    h1_body_init(&req->body, req->head.framing, req->head.content_length, req->arena);
    return RC_OK;
}

static enum rc h1_read_head(struct client_req *req, const struct http_response **out)
{
    enum rc rc;

    ASSERT(!req->has_head);
    while ((rc = parse_head(req)) == RC_AGAIN) {
        rc = fill(req, INBOX_ANY);
        if (rc == RC_END && client_req_got_anything(req)) {
            return client_h1_fail(req, RC_IO, "the target closed inside its answer's head");
        }
        if (rc == RC_END || rc == RC_IO) {
            return client_h1_fail(req, rc, "the target closed before its answer");
        }
        TRY(rc);
    }
    TRY(rc);
    TRY(take_head(req));
    *out = &req->head;
    return RC_OK;
}

static enum rc read_tunnel(struct client_req *req, struct text *out)
{
    if (inbox_is_empty(&req->inbox)) {
        TRY(fill(req, INBOX_ANY));
    }
    *out = inbox_bytes(&req->inbox);
    return RC_OK;
}

static enum rc body_ended(struct client_req *req, enum rc rc)
{
    if (rc == RC_END && h1_body_close(&req->body) == RC_END) {
        req->is_body_done = true;
        return RC_END;
    }
    return client_h1_fail(req, RC_IO, "the target closed inside its answer's body");
}

static enum rc h1_read(struct client_req *req, struct text *out)
{
    ASSERT(req->has_head);
    if (req->is_tunnel) {
        return read_tunnel(req, out);
    }
    for (;;) {
        struct fault why;
        size_t skip;
        enum rc rc = h1_body_read(&req->body, inbox_bytes(&req->inbox), &skip, out, &why);

        inbox_drop(&req->inbox, skip);
        req->received_bytes += skip;
        if (rc == RC_BAD || rc == RC_LIMIT) {
            return client_h1_fail(req, rc, why.why);
        }
        if (rc != RC_AGAIN) {
            req->is_body_done = rc == RC_END;
            return rc;
        }
        rc = fill(req, h1_body_run(&req->body));
        if (rc == RC_END || rc == RC_IO) {
            return body_ended(req, rc);
        }
        TRY(rc);
    }
}

static void h1_consume(struct client_req *req, size_t len)
{
    if (!req->is_tunnel) {
        h1_body_consume(&req->body, len);
    }
    inbox_drop(&req->inbox, len);
    req->received_bytes += len;
}

/* ---- the end of a request ----------------------------------------------------------------- */

/* The answer may be complete though its user did not ask for the end. */
static bool is_body_done(struct client_req *req)
{
    struct fault why;
    struct text data;
    size_t skip;

    if (req->is_body_done) {
        return true;
    }
    if (!req->has_head || req->is_tunnel) {
        return false;
    }
    const enum rc rc = h1_body_read(&req->body, inbox_bytes(&req->inbox), &skip, &data, &why);
    inbox_drop(&req->inbox, skip);
    return rc == RC_END;
}

static bool is_reusable(struct client_req *req)
{
    return is_body_done(req) && req->outbox.is_ended && !req->head.wants_close &&
           req->head.framing != HTTP_UNTIL_CLOSE && inbox_is_empty(&req->inbox) &&
           is_quiet(req->conn);
}

static bool h1_sent_anything(const struct client_req *req)
{
    return req->outbox.sent_bytes > 0;
}

static bool h1_got_anything(const struct client_req *req)
{
    return req->received_bytes > 0 || !inbox_is_empty(&req->inbox);
}

static bool h1_finish(struct client_req *req)
{
    struct client_conn *conn = req->conn;
    const bool stays = is_reusable(req);

    conn->is_bulky = inbox_was_bulky(&req->inbox, req->received_bytes);
    client_req_give(req);
    if (!stays) {
        client_close(conn);
    }
    return stays;
}

const struct client_ops client_h1 = {
    .adopt = h1_adopt,
    .close = client_conn_free,
    .is_usable = h1_is_usable,
    .start = h1_start,
    .write = h1_write,
    .flush = h1_flush,
    .end = h1_end,
    .read_head = h1_read_head,
    .read = h1_read,
    .consume = h1_consume,
    .sent_anything = h1_sent_anything,
    .got_anything = h1_got_anything,
    .finish = h1_finish,
};
