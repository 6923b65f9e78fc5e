/* SPDX-License-Identifier: Apache-2.0 */
/* The connections of one worker, and the face of a request; the protocol's part is in server_h1. */
#include "conn/server.h"

#include "base/limits.h"
#include "base/mem.h"
#include "conn/server_conn.h"
#include "http/h2.h"
#include "tls/stream.h"

/* What one request usually needs: fields of the head, and its user's objects. */
#define ARENA_FIRST_BYTES (8 * 1024)
#define REQ_FETCH_BYTES   1280 /* of it, used by nearly every request */

struct server *server_new(struct loop *loop, const struct server_user *user)
{
    struct server *server = MEM_NEW(struct server);

    ASSERT(user->request != NULL);
    server->loop = loop;
    server->user = user;
    buffers_init(&server->buffers);
    shelf_init(&server->shelf, LIMIT_SHELF_BYTES);
    conduits_init(&server->conduits);
    list_init(&server->conns);
    return server;
}

static void req_free(struct server_req *req)
{
    arena_free(req->arena); /* with the request */
}

void server_free(struct server *server)
{
    if (!server) {
        return;
    }
    LIST_EACH (&server->conns, link) {
        struct server_conn *conn = LIST_ITEM(link, struct server_conn, link);

        ASSERT(conn->state != SERVER_REQUEST); /* its user finishes it first */
        server_conn_close(conn, false);
    }
    ASSERT(server->conns_count == 0);
    while (server->free_reqs) {
        struct server_req *req = server->free_reqs;

        server->free_reqs = req->next_free;
        req_free(req);
    }
    conduits_done(&server->conduits);
    buffers_done(&server->buffers);
    shelf_clear(&server->shelf);
    mem_give(server);
}

size_t server_connections(const struct server *server)
{
    return server->conns_count;
}

void server_charge(struct server *server, struct budget *budget)
{
    server->buffers.budget = budget;
}

void server_limit_conduits(struct server *server, size_t count)
{
    server->conduits.count_max = count < LIMIT_CONDUITS ? count : LIMIT_CONDUITS;
}

/* ---- connections -------------------------------------------------------------------------- */

static void timer_due(struct loop_timer *timer)
{
    struct server_conn *conn = CONTAINER_OF(timer, struct server_conn, timer);

    conn->ops->due(conn);
}

enum rc server_accept(struct server *server, struct stream *stream,
                      const struct server_config *config, void *arg)
{
    struct server_conn *conn;

    if (server->is_draining) {
        stream_close(stream);
        return RC_LIMIT;
    }
    conn = MEM_NEW(struct server_conn);
    conn->ops = tls_stream_is(stream) ? &server_shake : &server_h1;
    conn->server = server;
    conn->stream = stream;
    conn->config = config;
    conn->arg = arg;
    conn->born_ms = loop_now_ms(server->loop);
    conn->active_ms = conn->born_ms;
    conn->rest_ms = LIMIT_REST_MS;
    conn->is_packable = tls_stream_is(stream);
    loop_timer_init(&conn->timer, timer_due);
    list_push_back(&server->conns, &conn->link);
    server->conns_count++;
    conn->ops->start(conn);
    return RC_OK;
}

void server_conn_close(struct server_conn *conn, bool with_reset)
{
    struct server *server = conn->server;
    void *arg = conn->arg;

    loop_timer_cancel(server->loop, &conn->timer);
    loop_task_cancel(server->loop, &conn->task);
    if (conn->ops->done) {
        conn->ops->done(conn);
    }
    if (conn->req) {
        server_req_give(conn->req);
    }
    if (with_reset) {
        stream_reset(conn->stream);
    } else {
        stream_close(conn->stream);
    }
    list_remove(&conn->link);
    server->conns_count--;
    mem_give(conn);
    if (server->user->closed) {
        server->user->closed(arg);
    }
}

static void drain_conn(struct server_conn *conn)
{
    if (conn->ops->drain) {
        conn->ops->drain(conn);
    } else if (conn->state == SERVER_IDLE) {
        server_conn_close(conn, false);
    }
}

void server_drain(struct server *server)
{
    server->is_draining = true;
    LIST_EACH (&server->conns, link) {
        drain_conn(LIST_ITEM(link, struct server_conn, link));
    }
}

void server_wake(struct server *server)
{
    LIST_EACH (&server->conns, link) {
        struct server_conn *conn = LIST_ITEM(link, struct server_conn, link);

        if (conn->ops->wake) {
            conn->ops->wake(conn);
        }
    }
}

void server_drain_some(struct server *server, bool (*is_one)(void *arg))
{
    LIST_EACH (&server->conns, link) {
        struct server_conn *conn = LIST_ITEM(link, struct server_conn, link);

        if (is_one(conn->arg)) {
            drain_conn(conn);
        }
    }
}

/* ---- rest --------------------------------------------------------------------------------- */

static bool can_rest(const struct server_conn *conn)
{
    return tls_stream_can_rest(conn->stream) || (conn->ops->rest && conn->ops->can_rest(conn));
}

void server_conn_rest(struct server_conn *conn)
{
    const int64_t now_ms = loop_now_ms(conn->server->loop);

    if (conn->is_packable && now_ms - conn->active_ms >= conn->rest_ms) {
        if (conn->ops->rest) {
            conn->ops->rest(conn);
        }
        tls_stream_rest(conn->stream);
        conn->is_resting = !can_rest(conn);
        conn->packed_ms = now_ms;
    }
}

void server_conn_stir(struct server_conn *conn)
{
    const int64_t now_ms = loop_now_ms(conn->server->loop);

    conn->is_resting = false;
    if (now_ms - conn->packed_ms >= LIMIT_REST_LONGEST_MS) {
        conn->rest_ms = LIMIT_REST_MS;
    } else if (conn->rest_ms < LIMIT_REST_LONGEST_MS) {
        conn->rest_ms = (uint16_t)(2 * conn->rest_ms);
    }
    server_conn_due_by(conn, now_ms + conn->rest_ms);
}

int64_t server_conn_look_ms(const struct server_conn *conn, int64_t deadline_ms)
{
    if (!conn->is_packable || !can_rest(conn)) {
        return deadline_ms;
    }
    const int64_t now_ms = loop_now_ms(conn->server->loop);
    const int64_t quiet_ms = conn->active_ms + conn->rest_ms;
    const int64_t look_ms = quiet_ms > now_ms ? quiet_ms : now_ms + conn->rest_ms;
    return look_ms < deadline_ms ? look_ms : deadline_ms;
}

/* ---- request objects ---------------------------------------------------------------------- */

static struct server_req *req_new(struct server *server)
{
    struct arena *arena = arena_new(ARENA_FIRST_BYTES, LIMIT_REQUEST_ARENA_BYTES);
    struct server_req *req = ARENA_NEW(arena, struct server_req);

    arena_charge(arena, server->buffers.budget);
    req->arena = arena;
    req->bare = arena_mark(arena);
    return req;
}

/* The order of life: everything but the arena begins as zero. */
static void req_reset(struct server_req *req, struct server_conn *conn)
{
    struct arena *arena = req->arena;

    *req = (struct server_req){.conn = conn, .arena = arena, .bare = req->bare};
    inbox_init(&req->inbox, &conn->server->buffers);
    outbox_init(&req->outbox, &conn->server->buffers);
    req->inbox.is_bulky = conn->is_bulky;
}

struct server_req *server_req_take(struct server_conn *conn)
{
    struct server *server = conn->server;
    struct server_req *req = server->free_reqs;

    if (req) {
        server->free_reqs = req->next_free;
        server->free_reqs_count--;
        mem_fetch(server->free_reqs, REQ_FETCH_BYTES);
    } else {
        req = req_new(server);
    }
    req_reset(req, conn);
    conn->req = req;
    return req;
}

void server_req_give(struct server_req *req)
{
    struct server *server = req->conn->server;

    conduit_give(&server->conduits, MOVE(req->conduit));
    inbox_done(&req->inbox);
    outbox_done(&req->outbox);
    req->conn->req = NULL;
    if (server->free_reqs_count == LIMIT_REQUESTS_KEPT) {
        req_free(req);
        return;
    }
    arena_rewind(req->arena, req->bare);
    req->next_free = server->free_reqs;
    server->free_reqs = req;
    server->free_reqs_count++;
}

/* ---- the face of a request ---------------------------------------------------------------- */

void *server_req_arg(const struct server_req *req)
{
    return req->conn->arg;
}

const struct http_request *server_req_head(const struct server_req *req)
{
    return &req->head;
}

const struct fault *server_req_fault(const struct server_req *req)
{
    return req->fault.side == FAULT_NONE ? NULL : &req->fault;
}

int server_req_fault_status(const struct server_req *req)
{
    return req->fault_status;
}

struct arena *server_req_arena(struct server_req *req)
{
    return req->arena;
}

struct stream *server_req_stream(struct server_req *req)
{
    return req->conn->stream;
}

void server_req_on_wake(struct server_req *req, server_wake_fn *wake, void *arg)
{
    req->wake = wake;
    req->wake_arg = arg;
}

bool server_req_is_gone(const struct server_req *req)
{
    return req->conn->stream->is_closed || (req->stream && h2_stream_is_gone(req->stream));
}

void server_req_close_after(struct server_req *req)
{
    req->was_told_to_close = true;
}

void server_req_reset_with(struct server_req *req, uint32_t error_code)
{
    req->reset_code = error_code;
}

uint64_t server_req_received_bytes(const struct server_req *req)
{
    return req->received_bytes;
}

uint64_t server_req_sent_bytes(const struct server_req *req)
{
    return req->outbox.sent_bytes + (req->stream ? h2_stream_sent_head_bytes(req->stream) : 0);
}

enum rc server_req_read(struct server_req *req, struct text *out)
{
    return req->conn->ops->read(req, out);
}

const struct http_fields *server_req_trailers(const struct server_req *req)
{
    const struct http_fields *trailers =
        req->stream ? h2_stream_trailers(req->stream) : &req->body.trailers;

    return req->is_body_done && trailers->count > 0 ? trailers : NULL;
}

void server_req_consume(struct server_req *req, size_t len)
{
    req->conn->ops->consume(req, len);
}

enum rc server_req_respond(struct server_req *req, const struct http_response *response)
{
    return req->conn->ops->respond(req, response);
}

bool server_req_take_back(struct server_req *req)
{
    return req->conn->ops->take_back && req->conn->ops->take_back(req);
}

enum rc server_req_write(struct server_req *req, struct text data, size_t *taken)
{
    return req->conn->ops->write(req, data, taken);
}

enum rc server_req_flush(struct server_req *req)
{
    return req->conn->ops->flush(req);
}

enum rc server_req_end(struct server_req *req, const struct http_fields *trailers)
{
    return req->conn->ops->end(req, trailers);
}

void server_req_finish(struct server_req *req)
{
    req->conn->ops->finish(req);
}
