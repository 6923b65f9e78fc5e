/* SPDX-License-Identifier: Apache-2.0 */
/* What the connections of one worker share, and the face of a request; the protocols' parts are
 * in client_h1 and client_h2. */
#include "conn/client.h"

#include "base/limits.h"
#include "base/mem.h"
#include "conn/client_conn.h"
#include "http/h2.h"

struct client *client_new(struct loop *loop)
{
    struct client *client = MEM_NEW(struct client);

    client->loop = loop;
    buffers_init(&client->buffers);
    shelf_init(&client->shelf, LIMIT_SHELF_BYTES);
    pool_init(&client->reqs, sizeof(struct client_req), 0);
    return client;
}

void client_charge(struct client *client, struct budget *budget)
{
    client->buffers.budget = budget;
}

void client_free(struct client *client)
{
    if (!client) {
        return;
    }
    ASSERT(client->conns_count == 0); /* their users close them first */
    pool_done(&client->reqs);
    buffers_done(&client->buffers);
    shelf_clear(&client->shelf);
    mem_give(client);
}

struct client_conn *client_adopt(struct client *client, struct stream *stream, bool is_http2,
                                 client_gone_fn *gone, void *arg)
{
    struct client_conn *conn = MEM_NEW(struct client_conn);

    *conn = (struct client_conn){
        .ops = is_http2 ? &client_h2 : &client_h1,
        .client = client,
        .stream = stream,
        .gone = gone,
        .arg = arg,
    };
    client->conns_count++;
    conn->ops->adopt(conn);
    return conn;
}

void client_close(struct client_conn *conn)
{
    ASSERT(conn->req == NULL);
    conn->ops->close(conn);
}

void client_conn_free(struct client_conn *conn)
{
    stream_close(conn->stream);
    conn->client->conns_count--;
    mem_give(conn);
}

bool client_is_usable(const struct client_conn *conn)
{
    return conn->ops->is_usable(conn);
}

enum rc client_start(struct client_conn *conn, const struct http_request *head, struct arena *arena,
                     client_wake_fn *wake, void *arg, struct client_req **out)
{
    if (!client_is_usable(conn)) {
        ASSERT(conn->req == NULL);
        return RC_IO;
    }
    struct client_req *req = pool_take(&conn->client->reqs);
    *req = (struct client_req){
        .conn = conn,
        .wake = wake,
        .wake_arg = arg,
        .arena = arena,
        .asked = head->method_id,
    };
    inbox_init(&req->inbox, &conn->client->buffers);
    outbox_init(&req->outbox, &conn->client->buffers);
    req->inbox.is_bulky = conn->is_bulky;
    conn->req = req;
    const enum rc rc = conn->ops->start(conn, head, req);
    if (rc != RC_OK) {
        client_req_give(req);
        return rc;
    }
    *out = req;
    return RC_OK;
}

void client_req_give(struct client_req *req)
{
    struct client *client = req->conn->client;

    inbox_done(&req->inbox);
    outbox_done(&req->outbox);
    req->conn->req = NULL;
    pool_give(&client->reqs, req);
    if (client->reqs.count_free > LIMIT_REQUESTS_KEPT) {
        pool_trim(&client->reqs, LIMIT_REQUESTS_KEPT);
    }
}

/* ---- the face of a request ---------------------------------------------------------------- */

enum rc client_req_write(struct client_req *req, struct text data, size_t *taken)
{
    return req->conn->ops->write(req, data, taken);
}

enum rc client_req_flush(struct client_req *req)
{
    return req->conn->ops->flush(req);
}

enum rc client_req_end(struct client_req *req, const struct http_fields *trailers)
{
    return req->conn->ops->end(req, trailers);
}

enum rc client_req_read_head(struct client_req *req, const struct http_response **out)
{
    return req->conn->ops->read_head(req, out);
}

enum rc client_req_read(struct client_req *req, struct text *out)
{
    return req->conn->ops->read(req, out);
}

void client_req_consume(struct client_req *req, size_t len)
{
    req->conn->ops->consume(req, len);
}

bool client_req_finish(struct client_req *req)
{
    return req->conn->ops->finish(req);
}

const struct http_fields *client_req_trailers(const struct client_req *req)
{
    return req->is_body_done && req->body.trailers.count > 0 ? &req->body.trailers : NULL;
}

const struct fault *client_req_fault(const struct client_req *req)
{
    return req->fault.side == FAULT_NONE ? NULL : &req->fault;
}

bool client_req_sent_anything(const struct client_req *req)
{
    return req->conn->ops->sent_anything(req);
}

bool client_req_got_anything(const struct client_req *req)
{
    return req->conn->ops->got_anything(req);
}

uint32_t client_req_reset_code(const struct client_req *req)
{
    return req->stream ? h2_stream_reset_code(req->stream) : 0;
}
