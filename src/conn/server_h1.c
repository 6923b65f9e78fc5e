/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/1.1 (and 1.0, 0.9) towards clients: a connection and its states. */
#include "conn/server_h1.h"

#include "base/limits.h"

static void woke(void *arg);
static void task_run(struct loop_task *task);
static void read_head(struct server_conn *conn);
static void deliver(struct server_conn *conn);
static void go_idle(struct server_conn *conn);
static void go_on(struct server_conn *conn);
static void discard(struct server_conn *conn);
static void linger(struct server_conn *conn);

/* ---- deadlines ---------------------------------------------------------------------------- */

/* When the other side has been silent for too long; INT64_MAX: it is not its turn. */
static int64_t deadline_of(const struct server_conn *conn)
{
    const int64_t idle_ms = conn->active_ms + conn->config->idle_timeout_ms;
    const int64_t head_ms = conn->phase_ms + conn->config->head_timeout_ms;

    switch ((enum server_state)conn->state) {
    case SERVER_IDLE:
    case SERVER_DISCARD:
        return idle_ms;
    case SERVER_HEAD:
        return idle_ms < head_ms ? idle_ms : head_ms;
    case SERVER_REQUEST:
        return conn->req->is_waiting ? idle_ms : INT64_MAX;
    case SERVER_LINGER:
        return conn->phase_ms + LIMIT_LINGER_MS;
    }
    return idle_ms;
}

/* The client's next move is waited for. The timer is always armed, and left where it is when the
 * deadline moves out: an exchange costs no timer operation. It looks at the deadline when it comes.
 */
void server_h1_arm(struct server_conn *conn)
{
    (void)!stream_watch(conn->stream); /* failing, the timer tries again: see h1_start() */
    server_conn_due_by(conn, server_conn_look_ms(conn, deadline_of(conn)));
}

static void fault(struct server_conn *conn, int status, struct fault fault)
{
    struct server_req *req = conn->req;

    req->fault = fault;
    req->fault_status = status;
    h1_body_init(&req->body, HTTP_NO_BODY, 0, NULL);
    deliver(conn);
}

/* The kernel holds megabytes for a slow reader, who may take them long after the last write of ours
 * that found room. */
static void note_flow(struct server_conn *conn, int64_t now_ms)
{
    if (conn->state == SERVER_REQUEST && conn->req->is_responded) {
        const int64_t sent_ms = now_ms - stream_silence_ms(conn->stream);

        conn->active_ms = sent_ms > conn->active_ms ? sent_ms : conn->active_ms;
    }
}

static void h1_due(struct server_conn *conn)
{
    const int64_t now_ms = loop_now_ms(conn->server->loop);

    if (now_ms >= deadline_of(conn)) {
        note_flow(conn, now_ms);
    }
    const int64_t deadline_ms = deadline_of(conn);
    const bool is_watched = stream_watch(conn->stream) == RC_OK;
    const int64_t look_again_ms =
        now_ms + (is_watched ? conn->config->idle_timeout_ms : LIMIT_UNWATCHED_MS);
    const bool is_nearer = deadline_ms > now_ms && deadline_ms < look_again_ms;

    server_conn_rest(conn);
    loop_timer_set(conn->server->loop, &conn->timer,
                   server_conn_look_ms(conn, is_nearer ? deadline_ms : look_again_ms));
    if (now_ms < deadline_ms) {
        return;
    }
    switch ((enum server_state)conn->state) {
    case SERVER_HEAD:
        fault(conn, 408,
              (struct fault){FAULT_CLIENT, RC_LATE, "the head did not come in time", false});
        return;
    case SERVER_REQUEST:
        conn->req->is_late = true;
        woke(conn);
        return;
    case SERVER_IDLE:
    case SERVER_DISCARD:
    case SERVER_LINGER:
        server_conn_close(conn, false);
        return;
    }
}

/* ---- the way of a connection -------------------------------------------------------------- */

static void h1_start(struct server_conn *conn)
{
    conn->state = SERVER_IDLE;
    loop_task_init(&conn->task, task_run);
    stream_on_wake(conn->stream, woke, conn);
    /* Often all is over before the client need be watched: its request came along, and it is
     * answered and closed. Else this timer tells that it is time to. */
    if (conn->stream->is_unwatched) {
        loop_timer_set(conn->server->loop, &conn->timer, conn->born_ms + LIMIT_UNWATCHED_MS);
    } else {
        server_h1_arm(conn);
    }
    read_head(conn);
}

static void wake_user(struct server_req *req)
{
    req->is_waiting = false;
    if (req->wake) {
        req->wake(req->wake_arg);
    }
}

static void woke(void *arg)
{
    struct server_conn *conn = arg;

    switch ((enum server_state)conn->state) {
    case SERVER_IDLE:
    case SERVER_HEAD:
        read_head(conn);
        return;
    case SERVER_REQUEST:
        /* The end of the client's bytes may mean that it left: who waits for a target wants to
         * know. */
        if (conn->req->is_waiting || conn->stream->is_closed || conn->stream->is_ending) {
            wake_user(conn->req);
        }
        return;
    case SERVER_DISCARD:
        discard(conn);
        return;
    case SERVER_LINGER:
        linger(conn);
        return;
    }
}

static void h1_wake(struct server_conn *conn)
{
    if (conn->state == SERVER_REQUEST) {
        wake_user(conn->req);
    }
}

static void task_run(struct loop_task *task)
{
    woke(CONTAINER_OF(task, struct server_conn, task));
}

static void go_idle(struct server_conn *conn)
{
    if (conn->req) {
        server_req_give(conn->req);
    }
    conn->state = SERVER_IDLE;
    server_h1_arm(conn);
}

/* A head has begun; the next bytes, or the deadline, go on. */
static void wait_for_head(struct server_conn *conn)
{
    if (conn->state == SERVER_IDLE) {
        conn->state = SERVER_HEAD;
        conn->phase_ms = loop_now_ms(conn->server->loop);
    }
    server_h1_arm(conn);
}

static enum rc parse_head(struct server_req *req, struct h1_refusal *refusal)
{
    const struct text bytes = inbox_bytes(&req->inbox);
    size_t consumed;

    if (bytes.len == 0) {
        return RC_AGAIN;
    }
    TRY(h1_request_read(&req->reader, bytes, req->arena, &req->head, &consumed, refusal));
    inbox_pin(&req->inbox);
    inbox_drop(&req->inbox, consumed);
    req->received_bytes = consumed;
    h1_body_init(&req->body, req->head.framing, req->head.content_length, req->arena);
    return RC_OK;
}

static void read_head(struct server_conn *conn)
{
    struct server_req *req = conn->req ? conn->req : server_req_take(conn);

    for (;;) {
        struct h1_refusal refusal;
        enum rc rc = parse_head(req, &refusal);

        if (rc == RC_OK) {
            deliver(conn);
            return;
        }
        if (rc != RC_AGAIN) {
            fault(conn, refusal.status, refusal.fault);
            return;
        }
        rc = inbox_fill(&req->inbox, conn->stream, INBOX_ANY);
        if (rc == RC_OK) {
            server_conn_touch(conn);
            continue;
        }
        if (rc == RC_LIMIT && !inbox_is_empty(&req->inbox)) {
            fault(conn, 503, (struct fault){FAULT_US, RC_LIMIT, "no memory for its head", false});
            return;
        }
        if (rc != RC_AGAIN) {
            server_conn_close(conn, false); /* gone before a request was there to answer */
        } else if (inbox_is_empty(&req->inbox)) {
            go_idle(conn);
        } else {
            wait_for_head(conn);
        }
        return;
    }
}

static void deliver(struct server_conn *conn)
{
    conn->state = SERVER_REQUEST;
    conn->server->user->request(conn->arg, conn->req);
}

/* The answer is done and the connection stays: to the next request, which may be here already. */
static void go_on(struct server_conn *conn)
{
    struct server_req *req = conn->req;

    conn->is_bulky = inbox_was_bulky(&req->inbox, req->received_bytes);
    if (conn->server->is_draining) {
        server_conn_close(conn, false);
        return;
    }
    inbox_unpin(&req->inbox);
    if (inbox_is_empty(&req->inbox)) {
        go_idle(conn);
        if (conn->stream->is_readable) {
            loop_later(conn->server->loop, &conn->task);
        }
        return;
    }
    const struct inbox inbox = req->inbox;
    req->inbox = (struct inbox){.buffers = inbox.buffers};
    server_req_give(req);
    server_req_take(conn)->inbox = inbox;
    conn->state = SERVER_IDLE;
    wait_for_head(conn);
    loop_later(conn->server->loop, &conn->task);
}

/* ---- the end of a request ----------------------------------------------------------------- */

/* Nothing more is to come that our close could cut off the answer with. */
static bool is_client_done(const struct server_req *req)
{
    return req->head.wants_close && req->is_body_done && inbox_is_empty(&req->inbox) &&
           !stream_has_bytes(req->conn->stream);
}

static void close_after_answer(struct server_conn *conn)
{
    if (is_client_done(conn->req) || stream_shutdown(conn->stream) == RC_IO) {
        server_conn_close(conn, false);
        return;
    }
    conn->phase_ms = loop_now_ms(conn->server->loop);
    conn->state = SERVER_LINGER;
    linger(conn);
}

static void h1_finish(struct server_req *req)
{
    struct server_conn *conn = req->conn;

    ASSERT(conn->state == SERVER_REQUEST);
    req->wake = NULL;
    req->is_waiting = false;
    req->is_late = false;
    if (!req->outbox.is_ended) {
        /* RFC 9112 §8: an answer that ends by close must not look complete. */
        server_conn_close(conn, req->outbox.sent_bytes > 0);
    } else if (req->is_tunnel) {
        server_conn_close(conn, false);
    } else if (req->closes) {
        close_after_answer(conn);
    } else if (req->is_body_done) {
        go_on(conn);
    } else {
        conn->state = SERVER_DISCARD;
        discard(conn);
    }
}

/* Reads and drops the short rest of a body, then goes on. */
static void discard(struct server_conn *conn)
{
    struct server_req *req = conn->req;
    struct text data;
    enum rc rc;

    while ((rc = server_h1_read(req, &data)) == RC_OK) {
        server_h1_consume(req, data.len);
    }
    if (rc == RC_END) {
        go_on(conn);
    } else if (rc != RC_AGAIN) {
        server_conn_close(conn, false);
    }
}

/* RFC 9112 §9.6: closing while the client sends makes its kernel drop our answer; so we read on
 * until it closes, too, or LIMIT_LINGER_MS passed. */
static void linger(struct server_conn *conn)
{
    struct server_req *req = conn->req;

    inbox_drop(&req->inbox, inbox_bytes(&req->inbox).len);
    const enum rc rc = server_h1_fill(req, INBOX_ANY);
    if (rc == RC_OK) {
        loop_later(conn->server->loop, &conn->task); /* a fast sender gets one read a turn */
    } else if (rc != RC_AGAIN) {
        server_conn_close(conn, false);
    }
}

const struct server_ops server_h1 = {
    .start = h1_start,
    .due = h1_due,
    .wake = h1_wake,
    .read = server_h1_read,
    .consume = server_h1_consume,
    .respond = server_h1_respond,
    .take_back = server_h1_take_back,
    .write = server_h1_write,
    .flush = server_h1_flush,
    .end = server_h1_end,
    .finish = h1_finish,
};
