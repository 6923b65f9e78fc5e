/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/1.1 towards clients: one request, its body and its answer. */
#include "conn/server_h1.h"

#include "base/limits.h"
#include "http/h1_write.h"

/* ---- the request's body ------------------------------------------------------------------- */

/* RC_AGAIN to the user: the next event of the stream, or the deadline, wakes it. RC_LATE, once,
 * when the deadline was what came. */
enum rc server_h1_wait(struct server_req *req)
{
    if (req->is_late) {
        req->is_late = false;
        return RC_LATE;
    }
    req->is_waiting = true;
    server_h1_arm(req->conn);
    return RC_AGAIN;
}

bool server_h1_owes_continue(const struct server_req *req)
{
    return req->head.expects_continue && !req->is_continued && !req->is_responded &&
           req->received_bytes <= req->head.head_bytes && inbox_is_empty(&req->inbox);
}

/* RFC 9110 §10.1.1: a client that waits for it gets 100 once its body is wanted. */
static void continue_client(struct server_req *req)
{
    const struct text line = H1_CONTINUE;

    if (!server_h1_owes_continue(req)) {
        return;
    }
    req->is_continued = true;
    memcpy(outbox_room(&req->outbox, line.len), line.at, line.len);
    outbox_added(&req->outbox, line.len);
    /* Whatever is not sent now leaves with the answer; failing shows at the next read. */
    (void)!outbox_flush(&req->outbox, req->conn->stream);
}

enum rc server_h1_fill(struct server_req *req, uint64_t expected_bytes)
{
    const enum rc rc = inbox_fill(&req->inbox, req->conn->stream, expected_bytes);

    if (rc == RC_OK) {
        server_conn_touch(req->conn);
        return RC_OK;
    }
    inbox_rest(&req->inbox);
    return rc == RC_AGAIN ? server_h1_wait(req) : rc;
}

static enum rc read_tunnel(struct server_req *req, struct text *out)
{
    if (inbox_is_empty(&req->inbox)) {
        TRY(server_h1_fill(req, INBOX_ANY));
    }
    *out = inbox_bytes(&req->inbox);
    return RC_OK;
}

enum rc server_h1_left(struct server_req *req)
{
    req->fault = (struct fault){FAULT_CLIENT, RC_IO, "the client left inside its body", false};
    return RC_IO;
}

static enum rc read_body(struct server_req *req, struct text *out)
{
    for (;;) {
        struct fault why;
        size_t skip;
        enum rc rc = h1_body_read(&req->body, inbox_bytes(&req->inbox), &skip, out, &why);

        inbox_drop(&req->inbox, skip);
        req->received_bytes += skip;
        if (rc == RC_BAD || rc == RC_LIMIT) {
            req->fault = why;
            req->fault.side = FAULT_CLIENT;
            return rc;
        }
        if (rc != RC_AGAIN) {
            req->is_body_done = rc == RC_END;
            return rc;
        }
        continue_client(req);
        rc = server_h1_fill(req, h1_body_run(&req->body));
        if (rc == RC_END || rc == RC_IO) {
            return server_h1_left(req);
        }
        if (rc != RC_OK) {
            return rc;
        }
    }
}

enum rc server_h1_read(struct server_req *req, struct text *out)
{
    return req->is_tunnel ? read_tunnel(req, out) : read_body(req, out);
}

void server_h1_consume(struct server_req *req, size_t len)
{
    if (!req->is_tunnel) {
        h1_body_consume(&req->body, len);
    }
    inbox_drop(&req->inbox, len);
    req->received_bytes += len;
}

/* ---- the answer --------------------------------------------------------------------------- */

/* Whether what is left of the body can be read and dropped behind the answer. Behind an unanswered
 * expectation the client may send it or not: nobody knows where the next request begins. */
static bool is_rest_short(struct server_req *req)
{
    struct fault unused;
    struct text data;
    size_t skip;

    if (req->fault.side != FAULT_NONE) {
        return false; /* of the head or of the body: nobody knows where the next request begins */
    }
    if (req->is_body_done) {
        return true;
    }
    const enum rc rc = h1_body_read(&req->body, inbox_bytes(&req->inbox), &skip, &data, &unused);
    if (rc == RC_BAD || rc == RC_LIMIT) {
        return false; /* found again, and told, by whoever reads on */
    }
    inbox_drop(&req->inbox, skip);
    req->received_bytes += skip;
    if (rc == RC_END) {
        req->is_body_done = true;
        return true;
    }
    if (req->head.expects_continue && !req->is_continued && rc == RC_AGAIN) {
        return false;
    }
    return req->head.framing == HTTP_LENGTH && h1_body_run(&req->body) <= LIMIT_BODY_DISCARD_BYTES;
}

static bool closes_after(struct server_req *req)
{
    const struct server_conn *conn = req->conn;
    const int64_t age_ms = loop_now_ms(conn->server->loop) - conn->born_ms;

    return !is_rest_short(req) || req->head.wants_close || req->was_told_to_close ||
           conn->server->is_draining || age_ms >= conn->config->keep_alive_ms ||
           (!conn->config->allows_pipelining && req->is_body_done && !inbox_is_empty(&req->inbox));
}

static enum rc add_head(struct server_req *req, const struct http_response *response,
                        struct h1_plan plan, enum http_version version, size_t size)
{
    const size_t pending = outbox_pending(&req->outbox); /* 1xx before it */
    size_t len;

    if (size <= pending) {
        return RC_LIMIT;
    }
    size -= pending;
    TRY(h1_write_response(response, plan, version, outbox_room(&req->outbox, size), size, &len));
    outbox_added(&req->outbox, len);
    return RC_OK;
}

enum rc server_h1_respond(struct server_req *req, const struct http_response *response)
{
    const bool is_tunnel = response->status == 101;
    const bool is_final = response->status >= 200;
    const enum http_version version = req->head.version ? req->head.version : HTTP_1_1;
    const struct h1_plan plan =
        h1_plan_response(response, version, req->head.method_id, is_final && closes_after(req));

    ASSERT(!req->is_responded);
    enum rc rc = add_head(req, response, plan, version, LIMIT_SMALL_BUFFER_BYTES);
    if (rc == RC_LIMIT) {
        rc = add_head(req, response, plan, version, LIMIT_LARGE_BUFFER_BYTES);
    }
    TRY(rc);
    if (is_final || is_tunnel) {
        req->is_responded = true;
        req->is_tunnel = is_tunnel;
        req->closes = plan.closes;
        outbox_begin(&req->outbox, plan.framing, response->content_length);
    }
    if (is_tunnel) {
        outbox_begin_raw(&req->outbox);
    }
    return RC_OK;
}

bool server_h1_take_back(struct server_req *req)
{
    if (!req->is_responded || req->is_tunnel || req->outbox.sent_bytes > 0) {
        return false;
    }
    outbox_done(&req->outbox);
    outbox_init(&req->outbox, &req->conn->server->buffers);
    req->is_responded = false;
    return true;
}

/* After a call that sent what it could. */
static enum rc sent(struct server_req *req, uint64_t sent_before, enum rc rc)
{
    if (req->outbox.sent_bytes != sent_before) {
        server_conn_touch(req->conn);
    }
    return rc == RC_AGAIN ? server_h1_wait(req) : rc;
}

enum rc server_h1_write(struct server_req *req, struct text data, size_t *taken)
{
    const uint64_t before = req->outbox.sent_bytes;

    ASSERT(req->is_responded);
    return sent(req, before, outbox_write(&req->outbox, req->conn->stream, data, taken));
}

enum rc server_h1_flush(struct server_req *req)
{
    const uint64_t before = req->outbox.sent_bytes;

    return sent(req, before, outbox_flush(&req->outbox, req->conn->stream));
}

enum rc server_h1_end(struct server_req *req, const struct http_fields *trailers)
{
    const uint64_t before = req->outbox.sent_bytes;

    ASSERT(req->is_responded);
    /* With the request read to its end, its user has nothing left to do but to finish it. */
    req->conn->stream->is_closing = req->closes && req->is_body_done;
    return sent(req, before, outbox_end(&req->outbox, req->conn->stream, trailers));
}
