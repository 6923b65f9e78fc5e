/* SPDX-License-Identifier: Apache-2.0 */
/* server_h1: what server_h1.c (connections) and server_h1_req.c (their requests) share. Private to
 * this room. */
#pragma once
#include "conn/server_conn.h"

/* The client's next move is waited for, until the deadline of the connection's state. */
void server_h1_arm(struct server_conn *conn);

/* Reads once. RC_AGAIN: the next event of the stream, or the deadline, wakes the user. */
enum rc server_h1_fill(struct server_req *req, uint64_t expected_bytes);

/* As conn/server.h promises. */
enum rc server_h1_read(struct server_req *req, struct text *out);
void server_h1_consume(struct server_req *req, size_t len);
enum rc server_h1_respond(struct server_req *req, const struct http_response *response);
bool server_h1_take_back(struct server_req *req);
enum rc server_h1_write(struct server_req *req, struct text data, size_t *taken);
enum rc server_h1_flush(struct server_req *req);
enum rc server_h1_end(struct server_req *req, const struct http_fields *trailers);
