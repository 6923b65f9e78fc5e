/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/2 towards clients: joins the requests of a session to their users. */
#include "conn/server_conn.h"

#include "base/limits.h"
#include "base/mem.h"
#include "conn/h2_wire.h"

enum {
    INTERNAL_ERROR = 2, /* RFC 9113 §7: an answer was begun and could not be ended */
    ROUNDS_MAX = 16,    /* of answering in one go, before other connections have their turn */
    DRAIN_ROUND_TRIP_MS = 1000, /* between the two GOAWAYs of RFC 9113 §6.8 */
};

struct server_h2 {
    struct server_conn *conn;
    struct h2_wire wire;
    struct list reqs; /* lent or delivered */
    size_t req_count;
    size_t delivered; /* of them */
    uint64_t progress;
    int64_t drain_ms; /* when to say the second GOAWAY; 0: not draining */
    bool is_dead;     /* the client is gone, or broke the session */
};

static void run(struct server_conn *conn);

/* ---- requests ----------------------------------------------------------------------------- */

static struct arena *lend_arena(void *arg, void **stream_arg)
{
    struct server_h2 *h2 = arg;

    if (!budget_allows(h2->conn->server->buffers.budget, LIMIT_SMALL_BUFFER_BYTES, 100)) {
        return NULL;
    }
    struct server_req *req = server_req_take(h2->conn);
    h2->conn->req = NULL; /* there are many */
    list_push_back(&h2->reqs, &req->link);
    h2->req_count++;
    *stream_arg = req;
    return req->arena;
}

static void give_req(struct server_h2 *h2, struct server_req *req)
{
    list_remove(&req->link);
    h2->req_count--;
    h2->delivered -= req->stream != NULL;
    server_req_give(req);
}

static void take_arena_back(void *arg, void *stream_arg)
{
    give_req(arg, stream_arg);
}

/* AWS ALB, "HTTP client keepalive duration": the request is served, then GOAWAY. */
static void drain_if_due(struct server_h2 *h2)
{
    struct server_conn *conn = h2->conn;
    const int64_t now_ms = loop_now_ms(conn->server->loop);

    if (h2->drain_ms == 0 &&
        (conn->server->is_draining || now_ms - conn->born_ms >= conn->config->keep_alive_ms)) {
        h2_drain(h2->wire.session);
        h2->drain_ms = now_ms + DRAIN_ROUND_TRIP_MS;
        loop_timer_set(conn->server->loop, &conn->timer, h2->drain_ms);
    }
}

static void deliver(struct server_h2 *h2, struct server_req *req, struct h2_stream *stream)
{
    struct server_conn *conn = h2->conn;
    const struct fault *fault = h2_stream_fault(stream, &req->fault_status);

    req->stream = stream;
    h2->delivered++;
    req->active_ms = loop_now_ms(conn->server->loop);
    req->head = *h2_stream_request(stream);
    req->received_bytes = req->head.head_bytes;
    if (fault) {
        req->fault = *fault;
    }
    drain_if_due(h2);
    conn->server->user->request(conn->arg, req);
}

static void wake(struct server_req *req)
{
    req->is_waiting = false;
    if (req->wake) {
        req->wake(req->wake_arg);
    }
}

/* Tells the requests what happened to them; false: nothing did. */
static bool pump(struct server_h2 *h2)
{
    struct h2_event event;
    bool did = false;

    while (h2_next(h2->wire.session, &event)) {
        did = true;
        if (event.news & H2_REQUEST) {
            deliver(h2, event.arg, event.stream);
        } else if (event.arg) {
            wake(event.arg);
        }
    }
    return did;
}

static void note_progress(struct server_h2 *h2)
{
    if (h2_progress(h2->wire.session) != h2->progress) {
        h2->progress = h2_progress(h2->wire.session);
        server_conn_touch(h2->conn);
    }
}

static enum rc flush(struct server_h2 *h2)
{
    const enum rc rc = h2_wire_flush(&h2->wire);

    note_progress(h2);
    return rc;
}

/* ---- the way of a connection -------------------------------------------------------------- */

static void wake_all(struct server_h2 *h2)
{
    LIST_EACH (&h2->reqs, link) {
        struct server_req *req = LIST_ITEM(link, struct server_req, link);

        if (req->stream) {
            wake(req);
        }
    }
}

static void die(struct server_h2 *h2)
{
    if (!h2->is_dead) {
        h2->is_dead = true;
        wake_all(h2);
    }
}

/* Reads what is there; true: there is more, which waits for the next turn. */
static bool receive(struct server_h2 *h2)
{
    struct server_conn *conn = h2->conn;
    const enum rc rc = h2_wire_receive(&h2->wire, loop_now_ms(conn->server->loop));

    note_progress(h2);
    if (rc != RC_OK && rc != RC_AGAIN) {
        (void)pump(h2);   /* what had arrived in whole is answered, if it can be */
        (void)!flush(h2); /* GOAWAY says why */
        die(h2);
    }
    return rc == RC_OK;
}

static void close_if_over(struct server_conn *conn)
{
    struct server_h2 *h2 = conn->h2;
    const bool is_flushed = h2_wire_is_flushed(&h2->wire);

    conn->state = h2->delivered ? SERVER_REQUEST : h2->req_count ? SERVER_HEAD : SERVER_IDLE;
    if (h2->req_count == 0 && (h2->is_dead || (is_flushed && h2_is_over(h2->wire.session)))) {
        server_conn_close(conn, false);
        return;
    }
    if (is_flushed) {
        h2_wire_rest(&h2->wire);
    }
}

static void run(struct server_conn *conn)
{
    struct server_h2 *h2 = conn->h2;
    bool has_more = false;
    int rounds = 0;

    if (conn->is_resting) {
        server_conn_stir(conn);
    }
    h2_wire_open(&h2->wire);
    if (!h2->is_dead) {
        has_more = receive(h2);
    }
    while (!h2->is_dead) {
        const bool did = pump(h2);

        if (flush(h2) == RC_IO) {
            die(h2);
        } else if (!did && !pump(h2)) {
            break; /* nobody has more to say, also with the room that was made */
        } else if (++rounds == ROUNDS_MAX) {
            has_more = true;
            break;
        }
    }
    if (has_more && !h2->is_dead) {
        loop_later(conn->server->loop, &conn->task);
    }
    close_if_over(conn);
}

static void woke(void *arg)
{
    run(arg);
}

static void task_run(struct loop_task *task)
{
    run(LIST_ITEM(task, struct server_conn, task));
}

static void run_later(struct server_conn *conn)
{
    loop_later(conn->server->loop, &conn->task);
}

/* ---- deadlines ---------------------------------------------------------------------------- */

/* When somebody has been silent for too long: the client, with a head that does not end or without
 * any, or one of its streams whose turn it is on the client's side. */
static int64_t deadline_of(const struct server_h2 *h2)
{
    const int64_t idle_ms = h2->conn->config->idle_timeout_ms;
    int64_t deadline_ms = h2->delivered ? loop_now_ms(h2->conn->server->loop) + idle_ms
                                        : h2->conn->active_ms + idle_ms;

    LIST_EACH (&h2->reqs, link) {
        const struct server_req *req = LIST_ITEM(link, struct server_req, link);

        if (req->is_waiting && req->active_ms + idle_ms < deadline_ms) {
            deadline_ms = req->active_ms + idle_ms;
        }
    }
    if (h2->drain_ms && h2->drain_ms < deadline_ms) {
        deadline_ms = h2->drain_ms;
    }
    return deadline_ms;
}

static void h2_rest_conn(struct server_conn *conn)
{
    if (conn->h2->req_count == 0) {
        (void)h2_rest(conn->h2->wire.session); /* else later */
    }
}

static bool h2_can_rest(const struct server_conn *conn)
{
    return !h2_is_resting(conn->h2->wire.session);
}

static void end_late_requests(struct server_h2 *h2, int64_t now_ms)
{
    const int64_t idle_ms = h2->conn->config->idle_timeout_ms;

    LIST_EACH (&h2->reqs, link) {
        struct server_req *req = LIST_ITEM(link, struct server_req, link);

        if (req->is_waiting && now_ms - req->active_ms >= idle_ms) {
            req->is_late = true;
            wake(req);
        }
    }
}

static void h2_due(struct server_conn *conn)
{
    struct server_h2 *h2 = conn->h2;
    const int64_t now_ms = loop_now_ms(conn->server->loop);
    const bool is_idle =
        h2->delivered == 0 && now_ms - conn->active_ms >= conn->config->idle_timeout_ms;

    if ((h2->drain_ms && now_ms >= h2->drain_ms) || is_idle) {
        h2->drain_ms = 0;
        h2_drain(h2->wire.session);
        h2_drain(h2->wire.session); /* nobody is told to come again: this is the last word */
        run_later(conn);
    }
    end_late_requests(h2, now_ms);
    if (is_idle) {
        (void)!flush(h2);
        server_conn_close(conn, false);
        return;
    }
    server_conn_rest(conn);
    loop_timer_set(conn->server->loop, &conn->timer, server_conn_look_ms(conn, deadline_of(h2)));
}

static void h2_start(struct server_conn *conn)
{
    struct server_h2 *h2 = MEM_NEW(struct server_h2);
    const struct h2_config config = {.is_server = true,
                                     .arena = lend_arena,
                                     .arena_back = take_arena_back,
                                     .budget = conn->server->buffers.budget,
                                     .shelf = &conn->server->shelf,
                                     .arg = h2};

    h2->conn = conn;
    h2_wire_init(&h2->wire, conn->stream, &conn->server->buffers, &config);
    list_init(&h2->reqs);
    conn->h2 = h2;
    conn->state = SERVER_IDLE;
    loop_task_init(&conn->task, task_run);
    stream_on_wake(conn->stream, woke, conn);
    loop_timer_set(conn->server->loop, &conn->timer, server_conn_look_ms(conn, deadline_of(h2)));
    run(conn);
}

static void h2_drain_conn(struct server_conn *conn)
{
    drain_if_due(conn->h2);
    run_later(conn);
}

static void h2_wake_conn(struct server_conn *conn)
{
    struct server_h2 *h2 = conn->h2;

    if (h2->delivered) {
        wake_all(h2);
        (void)!flush(h2);
        close_if_over(conn);
    }
}

static void h2_done(struct server_conn *conn)
{
    struct server_h2 *h2 = conn->h2;

    /* Streams whose heads never came whole hold arenas of ours. */
    h2_wire_done(&h2->wire);
    ASSERT(h2->req_count == 0);
    mem_give(h2);
    conn->h2 = NULL;
}

/* ---- what conn/server.h promises of a request --------------------------------------------- */

/* RC_AGAIN is remembered, so that the deadline knows whose turn it is; late once, it is told. */
static enum rc tell(struct server_req *req, enum rc rc)
{
    if (rc == RC_AGAIN) {
        if (req->conn->h2->is_dead) {
            return RC_IO;
        }
        if (req->is_late) {
            return RC_LATE;
        }
        if (!req->is_waiting) {
            req->is_waiting = true;
            server_conn_due_by(req->conn, req->active_ms + req->conn->config->idle_timeout_ms);
        }
        return rc;
    }
    req->is_waiting = false;
    return rc;
}

static enum rc h2_read(struct server_req *req, struct text *out)
{
    const enum rc rc = h2_stream_read(req->stream, out);

    req->is_body_done = rc == RC_END;
    return tell(req, rc);
}

static void h2_consume(struct server_req *req, size_t len)
{
    req->active_ms = loop_now_ms(req->conn->server->loop);
    req->received_bytes += len;
    h2_stream_consume(req->stream, len);
    run_later(req->conn); /* the window grows */
}

static enum rc h2_respond(struct server_req *req, const struct http_response *response)
{
    h2_wire_open(&req->conn->h2->wire);
    run_later(req->conn);
    return h2_stream_respond(req->stream, response);
}

static enum rc h2_write(struct server_req *req, struct text data, size_t *taken)
{
    h2_wire_open(&req->conn->h2->wire);
    run_later(req->conn);
    const enum rc rc = h2_stream_write(req->stream, data, taken);
    if (rc == RC_OK) {
        req->active_ms = loop_now_ms(req->conn->server->loop);
        req->outbox.sent_bytes += *taken;
    }
    return tell(req, rc);
}

static enum rc h2_flush_req(struct server_req *req)
{
    run_later(req->conn);
    return RC_OK;
}

static enum rc h2_end(struct server_req *req, const struct http_fields *trailers)
{
    h2_wire_open(&req->conn->h2->wire);
    run_later(req->conn);
    return tell(req, h2_stream_end(req->stream, trailers));
}

static void h2_finish(struct server_req *req)
{
    struct server_conn *conn = req->conn;

    if (req->was_told_to_close && conn->h2->drain_ms == 0) {
        h2_drain(conn->h2->wire.session);
        conn->h2->drain_ms = loop_now_ms(conn->server->loop) + DRAIN_ROUND_TRIP_MS;
        loop_timer_set(conn->server->loop, &conn->timer, conn->h2->drain_ms);
    }
    h2_stream_finish(req->stream, req->reset_code ? req->reset_code : INTERNAL_ERROR);
    give_req(conn->h2, req);
    run_later(conn);
}

const struct server_ops server_h2 = {
    .start = h2_start,
    .due = h2_due,
    .drain = h2_drain_conn,
    .wake = h2_wake_conn,
    .done = h2_done,
    .rest = h2_rest_conn,
    .can_rest = h2_can_rest,
    .read = h2_read,
    .consume = h2_consume,
    .respond = h2_respond,
    .write = h2_write,
    .flush = h2_flush_req,
    .end = h2_end,
    .finish = h2_finish,
};
