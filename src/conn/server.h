/* SPDX-License-Identifier: Apache-2.0 */
/* server: the server side of live HTTP connections: stream + protocol machine + deadlines.
 *
 * A connection reads heads and gives birth to requests, one at a time for HTTP/1.1, many for
 * HTTP/2; whoever uses this room (node, api) sees only struct server_req and cannot tell which.
 * A request that could not be read (bad syntax, too large, too slow) is delivered like any other,
 * with server_req_fault() set, so that every request is answered, counted and logged in one place.
 *
 * Waiting  read, write and end answer RC_AGAIN; then the wake function is called, from the loop,
 *          when calling again is worth it. It may come without cause: just try again.
 * Memory   an idle connection owns no buffer; one over TLS that stays idle is packed.
 * Thread   one worker's.
 * Sources  RFC 9112 (h1), RFC 9113 (h2), AWS ALB "Connection idle timeout", "HTTP client keepalive
 *          duration". */
#pragma once
#include "base/arena.h"
#include "http/message.h"
#include "net/stream.h"

struct server;      /* what the connections of one worker share: pools, limits, counts */
struct server_conn; /* one client */
struct server_req;  /* one request of it */

/* How a connection behaves; borrowed for its life, shared by all of a listener. */
struct server_config {
    int64_t idle_timeout_ms; /* no byte either way: silent close, 408 inside a request's head */
    int64_t head_timeout_ms; /* OURS: whole head from its first byte, however it trickles: 408 */
    int64_t keep_alive_ms;   /* age after which the next answer closes */
    bool is_http2_offered;
    bool allows_pipelining;
};

struct server_user {
    /* A request is yours until server_req_finish(). From the loop. */
    void (*request)(void *arg, struct server_req *req);
    /* The TLS handshake is done. May be NULL. */
    void (*secured)(void *arg, const struct stream *stream);
    /* The TLS handshake failed or took too long (tls/stream.h tells why); `closed` follows. May be
     * NULL. */
    void (*not_secured)(void *arg, const struct stream *stream);
    /* The connection is gone; all its requests were finished before. From the loop, or from inside
     * server_req_finish(), server_drain(), server_wake() and server_free(). May be NULL. */
    void (*closed)(void *arg);
};

struct server *server_new(struct loop *loop, const struct server_user *user);
void server_free(struct server *server); /* closes what is open, then asserts none is left */
AUTO_DEFINE(server)
size_t server_connections(const struct server *server);
/* What strangers make this server remember counts in `budget`, borrowed for life. When that is
 * short, reading ends: a head that cannot grow is refused with 503, other connections are closed.
 */
void server_charge(struct server *server, struct budget *budget);
/* At most so many bodies are spliced at once, two descriptors each; others are copied. */
void server_limit_conduits(struct server *server, size_t count);

/* Starts serving, TLS streams with their handshake; takes stream (also when it fails: RC_LIMIT,
 * nothing left). `arg` goes to the user's functions; `config` is borrowed until `closed`. Reads at
 * once: bytes often came along. */
MUST_USE enum rc server_accept(struct server *server, struct stream *stream,
                               const struct server_config *config, void *arg);
/* Closes each connection once its requests are done: announced by Connection: close or GOAWAY.
 * Idle ones close at once. */
void server_drain(struct server *server);
/* Wakes every request that is under way, whatever it waits for, and sends what that made: for a
 * user who ends, and finishes each. */
void server_wake(struct server *server);
/* As server_drain() for those connections whose `arg` is one; the others go on. Connections that
 * carry HTTP/1.1 requests now are closed by server_req_close_after(), if at all. */
void server_drain_some(struct server *server, bool (*is_one)(void *arg));

/* ---- one request -------------------------------------------------------------------------- */

typedef void server_wake_fn(void *arg);

void *server_req_arg(const struct server_req *req); /* as given to accept */
const struct http_request *server_req_head(const struct server_req *req);
const struct fault *server_req_fault(const struct server_req *req); /* NULL: readable */
/* The status that such a fault asks for: 400, 408, 414, 501, 505. */
int server_req_fault_status(const struct server_req *req);
/* For everything that shall live as long as the request; the head's texts do, too. */
struct arena *server_req_arena(struct server_req *req);
struct stream *server_req_stream(struct server_req *req); /* to look at only: addresses, TLS */
void server_req_on_wake(struct server_req *req, server_wake_fn *wake, void *arg);

/* The next bytes of the body, borrowed until server_req_consume() or finish.
 * RC_OK, RC_AGAIN, RC_END (complete), RC_BAD (broken framing), RC_LATE (no progress within the idle
 * timeout), RC_IO (client gone). Sends 100 Continue by itself if the client waits for it. */
MUST_USE enum rc server_req_read(struct server_req *req, struct text *out);
void server_req_consume(struct server_req *req, size_t len);
/* Valid after RC_END; NULL: none. */
const struct http_fields *server_req_trailers(const struct server_req *req);
/* The client's connection is broken (not merely half-closed): no answer will reach it. The wake
 * function is called when that happens, and when the client ended its side only
 * (server_req_stream() tells), whatever the request waits for. */
bool server_req_is_gone(const struct server_req *req);

/* Starts the answer. Nothing is sent before the first write or end, so head and body leave in one
 * call. The framing to the client follows from response->framing and the client's version; the
 * fields Connection, Transfer-Encoding and Content-Length are this room's to write. A 1xx may come
 * before; 101 turns the connection into a tunnel: from then on read and write carry its bytes as
 * they are, and end half-closes. Texts are copied or used before it returns.
 * RC_OK; RC_LIMIT: the head is too large; RC_BAD: it holds what no head may hold. Then nothing was
 * written, and another answer may be tried. */
MUST_USE enum rc server_req_respond(struct server_req *req, const struct http_response *response);
/* Takes the answer back while none of it has left: another one may follow, as if respond had not
 * been called. False: it is too late, or was never begun. */
MUST_USE bool server_req_take_back(struct server_req *req);
/* Body bytes, in order: RC_OK and *taken >= 1 (perhaps fewer than offered; what was not taken must
 * come first in the next write), RC_AGAIN, RC_IO, RC_LATE (the client took nothing for the idle
 * timeout), RC_BAD (more than the length told). Small pieces may wait for more: see flush. Where
 * the answer has no body (HEAD, 304), all is taken and dropped. */
MUST_USE enum rc server_req_write(struct server_req *req, struct text data, size_t *taken);
/* Sends what waits: a head without a body yet, a 1xx, small pieces. To be called before waiting for
 * more to write. RC_OK, RC_AGAIN (call again), RC_IO, RC_LATE. */
MUST_USE enum rc server_req_flush(struct server_req *req);
/* The answer is complete, with trailers or NULL: RC_OK all is sent, RC_AGAIN call again, RC_IO,
 * RC_LATE, RC_BAD (less than the length told). */
MUST_USE enum rc server_req_end(struct server_req *req, const struct http_fields *trailers);

/* Told to close behind this answer; before respond. */
void server_req_close_after(struct server_req *req);

/* HTTP/2: should the answer not have ended at finish, its stream is reset with this code. */
void server_req_reset_with(struct server_req *req, uint32_t error_code);

/* The request is over, in any state; every request exactly once. If its answer did not end, or
 * close was asked for, the connection (HTTP/1.1) or stream (HTTP/2) is closed. The next request may
 * be delivered from the loop's next step, never from inside this call. */
void server_req_finish(struct server_req *req);

/* For the log. */
uint64_t server_req_received_bytes(const struct server_req *req);
uint64_t server_req_sent_bytes(const struct server_req *req);
