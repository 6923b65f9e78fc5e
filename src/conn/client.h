/* SPDX-License-Identifier: Apache-2.0 */
/* client: the client side of live HTTP connections, to targets and to whoever is asked: the mirror
 * of conn/server. One connection carries one request at a time (HTTP/1.1) or many (HTTP/2).
 *
 * Waiting, memory, thread: as in conn/server.h. */
#pragma once
#include "base/arena.h"
#include "http/message.h"
#include "net/stream.h"

struct client;      /* what the connections of one worker share */
struct client_conn; /* one connection */
struct client_req;  /* one request on it */

struct client *client_new(struct loop *loop);
/* What targets make this client remember counts in `budget`, borrowed for life. */
void client_charge(struct client *client, struct budget *budget);
void client_free(struct client *client);
AUTO_DEFINE(client)

/* Called when an idle connection ended or broke by itself: the last call for it; it frees itself
 * right after. From the loop; not called after client_close(). */
typedef void client_gone_fn(void *arg, struct client_conn *conn);

/* Makes a connection of a connected stream; takes stream. HTTP/2: with prior knowledge. */
struct client_conn *client_adopt(struct client *client, struct stream *stream, bool is_http2,
                                 client_gone_fn *gone, void *arg);
void client_close(struct client_conn *conn); /* in any state; its requests must be finished */
bool client_is_usable(const struct client_conn *conn); /* room for one more request */

/* ---- one request -------------------------------------------------------------------------- */

typedef void client_wake_fn(void *arg);

/* Starts a request; its arena (borrowed) outlives it. The head is sent with the first write, flush
 * or end, in one call. Connection, Transfer-Encoding and Content-Length are this room's to write.
 * RC_LIMIT: the head is too large; RC_BAD: it holds what no head may hold; RC_IO: the target ended
 * the connection meanwhile, perhaps while it was made. Then nothing began. */
MUST_USE enum rc client_start(struct client_conn *conn, const struct http_request *head,
                              struct arena *arena, client_wake_fn *wake, void *arg,
                              struct client_req **out);

/* As server_req_write, server_req_flush and server_req_end; never RC_LATE. */
MUST_USE enum rc client_req_write(struct client_req *req, struct text data, size_t *taken);
MUST_USE enum rc client_req_flush(struct client_req *req);
MUST_USE enum rc client_req_end(struct client_req *req, const struct http_fields *trailers);

/* The answer's head; also 1xx, one after the other: call again after each, until which it is valid;
 * the last one until finish. Behind 101 there is a tunnel, as in conn/server.h.
 * RC_OK, RC_AGAIN, RC_BAD (client_req_fault tells), RC_LIMIT (head too large), RC_END (closed
 * before any byte), RC_IO. */
MUST_USE enum rc client_req_read_head(struct client_req *req, const struct http_response **out);
/* Body bytes until RC_END, as server_req_read (never RC_LATE). Trailers are valid after RC_END;
 * NULL: none. */
MUST_USE enum rc client_req_read(struct client_req *req, struct text *out);
void client_req_consume(struct client_req *req, size_t len);
const struct http_fields *client_req_trailers(const struct client_req *req);

const struct fault *client_req_fault(const struct client_req *req); /* NULL: none */
bool client_req_sent_anything(const struct client_req *req);        /* bytes left this process */
bool client_req_got_anything(const struct client_req *req);
/* HTTP/2: the code of the RST_STREAM that ended it (RFC 9113 §7); 0: none did. */
uint32_t client_req_reset_code(const struct client_req *req);

/* The request is over, in any state. HTTP/1.1: true, the connection is quiet and can carry another
 * one; false, it was closed and freed. HTTP/2: always true; only this request's stream ends, and
 * the connection stays until gone() or client_close(), usable or not. */
bool client_req_finish(struct client_req *req);
