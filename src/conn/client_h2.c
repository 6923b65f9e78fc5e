/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/2 towards targets: many requests share a connection. */
#include "conn/client_conn.h"

#include "base/limits.h"
#include "base/mem.h"
#include "conn/h2_wire.h"
#include "tls/stream.h"

enum {
    CANCEL = 8,      /* RFC 9113 §7 */
    ROUNDS_MAX = 16, /* of asking in one go, before other connections have their turn */
};

struct client_h2 {
    struct client_conn *conn;
    struct h2_wire wire;
    struct list reqs;
    size_t req_count;
    struct loop_task task;
    bool is_dead;    /* the target is gone, or broke the session */
    bool is_running; /* run() is below us: the connection must not go under its feet */
    bool is_closed;  /* it was closed meanwhile */
};

/* ---- the way of a connection -------------------------------------------------------------- */

static void free_conn(struct client_conn *conn)
{
    struct client_h2 *h2 = conn->h2;

    ASSERT(h2->req_count == 0);
    loop_task_cancel(conn->client->loop, &h2->task);
    h2_wire_done(&h2->wire);
    mem_give(h2);
    client_conn_free(conn);
}

/* False: nothing happened. */
static bool pump(struct client_h2 *h2)
{
    struct h2_event event;
    bool did = false;

    while (h2_next(h2->wire.session, &event)) {
        struct client_req *req = event.arg;

        did = true;
        req->wake(req->wake_arg);
    }
    return did;
}

static void die(struct client_h2 *h2)
{
    h2->is_dead = true;
    LIST_EACH (&h2->reqs, link) {
        struct client_req *req = LIST_ITEM(link, struct client_req, link);

        req->wake(req->wake_arg);
    }
}

/* True: there is more, which waits for the next turn. */
static bool receive(struct client_conn *conn)
{
    struct client_h2 *h2 = conn->h2;
    const enum rc rc = h2_wire_receive(&h2->wire, loop_now_ms(conn->client->loop));

    if (rc != RC_OK && rc != RC_AGAIN) {
        (void)pump(h2);                  /* answers that came whole are worth something */
        (void)!h2_wire_flush(&h2->wire); /* GOAWAY says why */
        die(h2);
    }
    return rc == RC_OK;
}

/* Lets the requests and the socket go on until neither can; true: they still could. */
static bool work(struct client_h2 *h2)
{
    for (int i = 0; i < ROUNDS_MAX && !h2->is_dead; i++) {
        const bool did = pump(h2);

        if (h2_wire_flush(&h2->wire) == RC_IO) {
            die(h2);
        } else if (!did && !pump(h2)) {
            return false;
        }
    }
    return !h2->is_dead;
}

static void end_run(struct client_conn *conn)
{
    struct client_h2 *h2 = conn->h2;
    const bool is_flushed = h2_wire_is_flushed(&h2->wire);

    if (h2->is_closed) {
        free_conn(conn);
    } else if (h2->req_count == 0 &&
               (h2->is_dead || (is_flushed && h2_is_over(h2->wire.session)))) {
        conn->gone(conn->arg, conn);
        free_conn(conn);
    } else if (is_flushed) {
        h2_wire_rest(&h2->wire);
    }
}

static void run(struct client_conn *conn)
{
    struct client_h2 *h2 = conn->h2;
    bool has_more = false;

    h2->is_running = true;
    h2_wire_open(&h2->wire);
    if (!h2->is_dead) {
        has_more = receive(conn);
    }
    has_more |= work(h2);
    if (has_more && !h2->is_dead) {
        loop_later(conn->client->loop, &h2->task);
    }
    h2->is_running = false;
    end_run(conn);
}

static void woke(void *arg)
{
    run(arg);
}

static void task_run(struct loop_task *task)
{
    run(LIST_ITEM(task, struct client_h2, task)->conn);
}

static void run_later(struct client_conn *conn)
{
    loop_later(conn->client->loop, &conn->h2->task);
}

static void h2_adopt(struct client_conn *conn)
{
    struct client_h2 *h2 = MEM_NEW(struct client_h2);
    const struct h2_config config = {.is_tls = tls_stream_is(conn->stream),
                                     .budget = conn->client->buffers.budget,
                                     .shelf = &conn->client->shelf};

    h2->conn = conn;
    h2_wire_init(&h2->wire, conn->stream, &conn->client->buffers, &config);
    list_init(&h2->reqs);
    loop_task_init(&h2->task, task_run);
    conn->h2 = h2;
    stream_on_wake(conn->stream, woke, conn);
    run_later(conn); /* the preface leaves with the first request */
}

static void h2_close(struct client_conn *conn)
{
    struct client_h2 *h2 = conn->h2;

    h2->is_closed = true;
    if (h2->is_running) {
        return;
    }
    if (!h2->is_dead) {
        h2_drain(h2->wire.session);
        (void)!h2_wire_flush(&h2->wire); /* GOAWAY, if the socket takes it at once */
    }
    free_conn(conn);
}

static bool h2_conn_is_usable(const struct client_conn *conn)
{
    const struct client_h2 *h2 = conn->h2;

    return !h2->is_dead && !h2->is_closed && !conn->stream->is_closed &&
           h2_is_usable(h2->wire.session);
}

/* ---- what conn/client.h promises of a request --------------------------------------------- */

static enum rc h2_start(struct client_conn *conn, const struct http_request *head,
                        struct client_req *req)
{
    struct client_h2 *h2 = conn->h2;

    conn->req = NULL; /* there are many */
    h2_wire_open(&h2->wire);
    run_later(conn);
    TRY(h2_request(h2->wire.session, head, req->arena, req, &req->stream));
    list_push_back(&h2->reqs, &req->link);
    h2->req_count++;
    return RC_OK;
}

/* What the session does not know: that its connection is gone. */
static enum rc tell(const struct client_req *req, enum rc rc)
{
    return rc == RC_AGAIN && req->conn->h2->is_dead ? RC_IO : rc;
}

static enum rc fail(struct client_req *req, enum rc rc, const char *why)
{
    req->fault = (struct fault){
        .side = FAULT_TARGET,
        .rc = rc,
        .why = why,
        .may_try_another = !client_req_sent_anything(req),
    };
    return rc;
}

static enum rc h2_write(struct client_req *req, struct text data, size_t *taken)
{
    struct client_h2 *h2 = req->conn->h2;

    if (h2->is_dead) {
        return RC_IO;
    }
    h2_wire_open(&h2->wire);
    run_later(req->conn);
    return h2_stream_write(req->stream, data, taken);
}

static enum rc h2_flush_req(struct client_req *req)
{
    run_later(req->conn);
    return RC_OK;
}

static enum rc h2_end(struct client_req *req, const struct http_fields *trailers)
{
    struct client_h2 *h2 = req->conn->h2;

    if (!h2->is_dead) {
        h2_wire_open(&h2->wire);
        run_later(req->conn);
    }
    return tell(req, h2_stream_end(req->stream, trailers));
}

static enum rc h2_read_head(struct client_req *req, const struct http_response **out)
{
    const enum rc rc = tell(req, h2_stream_read_head(req->stream, out));

    if (rc == RC_OK) {
        req->received_bytes += (*out)->head_bytes;
        req->has_head = (*out)->status >= 200;
    } else if (rc != RC_AGAIN) {
        return fail(req, rc, "the target gave no answer that can be passed on");
    }
    return rc;
}

static enum rc h2_read(struct client_req *req, struct text *out)
{
    const enum rc rc = tell(req, h2_stream_read(req->stream, out));

    if (rc == RC_END) {
        req->is_body_done = true;
        req->body.trailers = *h2_stream_trailers(req->stream);
    } else if (rc != RC_OK && rc != RC_AGAIN) {
        return fail(req, rc, "the target gave up inside its answer's body");
    }
    return rc;
}

static void h2_consume(struct client_req *req, size_t len)
{
    h2_stream_consume(req->stream, len);
    req->received_bytes += len;
    run_later(req->conn); /* the window grows */
}

static bool h2_sent_anything(const struct client_req *req)
{
    return h2_stream_may_be_served(req->stream);
}

/* RST_STREAM is an answer, too: only a connection that just ended has said nothing. */
static bool h2_got_anything(const struct client_req *req)
{
    return req->received_bytes > 0 || h2_stream_error(req->stream) != 0;
}

static bool h2_finish(struct client_req *req)
{
    struct client_conn *conn = req->conn;

    h2_stream_finish(req->stream, CANCEL);
    list_remove(&req->link);
    conn->h2->req_count--;
    client_req_give(req);
    run_later(conn);
    return true;
}

const struct client_ops client_h2 = {
    .adopt = h2_adopt,
    .close = h2_close,
    .is_usable = h2_conn_is_usable,
    .start = h2_start,
    .write = h2_write,
    .flush = h2_flush_req,
    .end = h2_end,
    .read_head = h2_read_head,
    .read = h2_read,
    .consume = h2_consume,
    .sent_anything = h2_sent_anything,
    .got_anything = h2_got_anything,
    .finish = h2_finish,
};
