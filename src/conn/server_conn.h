/* SPDX-License-Identifier: Apache-2.0 */
/* server_conn: what server.c and the protocols of its connections (server_h1, server_h2)
 * share. Private to this room. */
#pragma once
#include "base/shelf.h"
#include "conn/conduit.h"
#include "conn/inbox.h"
#include "conn/outbox.h"
#include "conn/server.h"
#include "http/h1.h"
#include "http/h1_body.h"

/* IDLE -> HEAD -> REQUEST -> IDLE           (keep-alive)
 *           ^        |----> DISCARD -> IDLE  a short rest of the body, nobody read it
 *           |        |----> LINGER -> gone   answered while the client still sends
 *           '--------'----> gone             another request's bytes are here already: HEAD */
enum server_state {
    SERVER_IDLE,    /* no byte of a head yet; no request object, no buffer */
    SERVER_HEAD,    /* a head has begun */
    SERVER_REQUEST, /* the user has the request */
    SERVER_DISCARD,
    SERVER_LINGER,
};

/* One protocol's way of doing what conn/server.h promises. */
struct server_ops {
    void (*start)(struct server_conn *conn); /* may close it */
    void (*due)(struct server_conn *conn);   /* the timer came; may close it */
    void (*drain)(struct server_conn *conn); /* server_drain(); NULL: the idle one is closed */
    void (*wake)(struct server_conn *conn);  /* server_wake(); NULL: it never has requests */
    void (*done)(struct server_conn *conn);  /* it is being closed; NULL: nothing to do */
    void (*rest)(struct server_conn *conn);  /* packs its part, if it can be; NULL: there is none */
    bool (*can_rest)(const struct server_conn *conn); /* with rest: that would do something */
    enum rc (*read)(struct server_req *req, struct text *out);
    void (*consume)(struct server_req *req, size_t len);
    enum rc (*respond)(struct server_req *req, const struct http_response *response);
    bool (*take_back)(struct server_req *req); /* NULL: never */
    enum rc (*write)(struct server_req *req, struct text data, size_t *taken);
    enum rc (*flush)(struct server_req *req);
    enum rc (*end)(struct server_req *req, const struct http_fields *trailers);
    void (*finish)(struct server_req *req);
};
extern const struct server_ops server_h1;
extern const struct server_ops server_h2;
extern const struct server_ops server_shake; /* TLS: until ALPN chose one of the others */

/* One client. Small: thousands of them do nothing. */
struct server_conn {
    const struct server_ops *ops;
    struct server *server;
    struct stream *stream; /* own */
    const struct server_config *config;
    void *arg;              /* the user's */
    struct server_req *req; /* own; NULL: idle. HTTP/1.1 */
    struct server_h2 *h2;   /* own; HTTP/2 */
    int64_t born_ms;
    int64_t active_ms; /* the last byte either way */
    int64_t phase_ms;  /* when this head, or the lingering, began */
    int64_t packed_ms; /* when it began to rest */
    struct loop_timer timer;
    struct loop_task task; /* goes on in the next step */
    struct list link;      /* in server->conns */
    uint8_t state;         /* enum server_state */
    bool is_bulky;         /* its last message was longer than a small buffer */
    uint16_t rest_ms;      /* quiet for so long, it is packed */
    bool is_packable;      /* it has parts that can be packed: TLS */
    bool is_resting;       /* they were, and no byte moved since */
};

/* The active part of a connection, from the first byte of a head until the answer is done. What is
 * always touched stands in front. */
struct server_req {
    struct server_conn *conn;
    server_wake_fn *wake;
    void *wake_arg;
    bool is_waiting;        /* the user was told RC_AGAIN */
    bool is_late;           /* the idle timeout passed while it waited */
    bool is_responded;      /* a final head is pending or sent */
    bool is_tunnel;         /* 101 */
    bool is_body_done;      /* the request's body was read to its end */
    bool is_continued;      /* 100 Continue was written */
    bool closes;            /* the connection ends behind this answer */
    bool was_told_to_close; /* by the user */
    int fault_status;       /* 0: readable */
    uint64_t received_bytes;
    struct h2_stream *stream;     /* HTTP/2: the exchange; NULL: its head is not complete */
    struct list link;             /* HTTP/2: in its connection */
    int64_t active_ms;            /* HTTP/2: its last byte either way */
    uint32_t reset_code;          /* HTTP/2: of an answer that does not end; 0: INTERNAL_ERROR */
    bool is_conduit_up;           /* it carries the request's body, else the answer's */
    struct conduit *conduit;      /* own; NULL: no body is being spliced */
    struct arena *arena;          /* own; holds this very struct */
    struct arena_mark bare;       /* nothing else in it */
    struct server_req *next_free; /* while unused */
    struct inbox inbox;
    struct outbox outbox;
    struct h1_reader reader;
    struct h1_body body;
    struct http_request head;
    struct fault fault;
};

struct server {
    struct loop *loop;
    const struct server_user *user; /* borrowed */
    struct buffers buffers;
    struct shelf shelf; /* of HTTP/2 streams */
    struct list conns;
    size_t conns_count;
    struct server_req *free_reqs; /* own: unused, newest first */
    size_t free_reqs_count;
    struct conduits conduits;
    bool is_draining;
};

struct server_req *server_req_take(struct server_conn *conn);
void server_req_give(struct server_req *req);
void server_conn_close(struct server_conn *conn, bool with_reset);

/* Packs a connection over which nothing moved for a while, whatever it waits for; its parts unpack
 * themselves when they are used. To be called when its timer comes. */
void server_conn_rest(struct server_conn *conn);
/* When the timer should come, at the latest: at `deadline_ms`, or earlier, to see whether the
 * connection can rest. */
int64_t server_conn_look_ms(const struct server_conn *conn, int64_t deadline_ms);
/* It rests no longer. Packing and unpacking cost as much as a fifth of a small request: one that is
 * woken soon is left alone for twice as long the next time. */
void server_conn_stir(struct server_conn *conn);

/* The timer comes by then, if not before. */
static inline void server_conn_due_by(struct server_conn *conn, int64_t deadline_ms)
{
    if (deadline_ms < conn->timer.deadline_ms) {
        loop_timer_set(conn->server->loop, &conn->timer, deadline_ms);
    }
}

static inline void server_conn_touch(struct server_conn *conn)
{
    conn->active_ms = loop_now_ms(conn->server->loop);
    if (conn->is_resting) {
        server_conn_stir(conn);
    }
}

/* Of server_h1, for splice: RC_AGAIN to the user, or RC_LATE, once, when the deadline came. */
enum rc server_h1_wait(struct server_req *req);
/* The client left inside its body: sets the fault, gives RC_IO. */
enum rc server_h1_left(struct server_req *req);
/* The client waits for 100 Continue before it sends its body. */
bool server_h1_owes_continue(const struct server_req *req);
