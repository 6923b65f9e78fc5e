/* SPDX-License-Identifier: Apache-2.0 */
/* client_conn: what client.c and the protocols of its connections (client_h1, client_h2)
 * share. Private to this room. */
#pragma once
#include "base/list.h"
#include "base/shelf.h"
#include "conn/client.h"
#include "conn/inbox.h"
#include "conn/outbox.h"
#include "http/h1.h"
#include "http/h1_body.h"

/* One protocol's way of doing what conn/client.h promises. */
struct client_ops {
    void (*adopt)(struct client_conn *conn);
    void (*close)(struct client_conn *conn); /* ends with client_conn_free() */
    bool (*is_usable)(const struct client_conn *conn);
    enum rc (*start)(struct client_conn *conn, const struct http_request *head,
                     struct client_req *req);
    enum rc (*write)(struct client_req *req, struct text data, size_t *taken);
    enum rc (*flush)(struct client_req *req);
    enum rc (*end)(struct client_req *req, const struct http_fields *trailers);
    enum rc (*read_head)(struct client_req *req, const struct http_response **out);
    enum rc (*read)(struct client_req *req, struct text *out);
    void (*consume)(struct client_req *req, size_t len);
    bool (*sent_anything)(const struct client_req *req);
    bool (*got_anything)(const struct client_req *req);
    bool (*finish)(struct client_req *req);
};
extern const struct client_ops client_h1;
extern const struct client_ops client_h2;

struct client_conn {
    const struct client_ops *ops;
    struct client *client;
    struct stream *stream; /* own */
    client_gone_fn *gone;
    void *arg;
    struct client_req *req; /* own; NULL: idle. HTTP/1.1 */
    struct client_h2 *h2;   /* own; HTTP/2 */
    bool is_bulky;          /* its last answer was longer than a small buffer */
};

struct client_req {
    struct client_conn *conn;
    client_wake_fn *wake;
    void *wake_arg;
    struct arena *arena;    /* borrowed */
    bool is_waiting;        /* the user was told RC_AGAIN */
    bool has_head;          /* the final head was read */
    bool is_tunnel;         /* 101 */
    bool is_body_done;      /* the answer's body was read to its end */
    uint8_t interims;       /* 1xx so far */
    enum http_method asked; /* decides about the answer's body */
    uint64_t received_bytes;
    struct inbox inbox;
    struct outbox outbox;
    struct h1_reader reader;
    struct h1_body body;
    struct http_response head;
    struct fault fault;
    struct h2_stream *stream; /* HTTP/2 */
    struct list link;         /* HTTP/2: in its connection */
};

struct client {
    struct loop *loop;
    struct buffers buffers;
    struct shelf shelf; /* of HTTP/2 streams */
    struct pool reqs;
    size_t conns_count;
};

void client_req_give(struct client_req *req);
void client_conn_free(struct client_conn *conn); /* closes its stream */

/* Of client_h1, for splice: RC_AGAIN to the user; and the fault of the target, giving `rc`. */
enum rc client_h1_wait(struct client_req *req);
enum rc client_h1_fail(struct client_req *req, enum rc rc, const char *why);
