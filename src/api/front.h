/* SPDX-License-Identifier: Apache-2.0 */
/* front: the HTTP server of the API port. Requests go to the engine, but for a few pages of ours
 * (/health, /metrics, ...) that whoever starts it gives as functions.
 *
 * Limits   a body: LIMIT_API_BODY_BYTES, then 413; connections: LIMIT_API_CONNECTIONS.
 * Owner    the front owns its connections; loop, engine and pages are borrowed.
 * Thread   the loop's; an API call is answered within one step of it. */
#pragma once
#include "base/buf.h"
#include "loop/loop.h"

struct engine;
struct front;

/* Appends the page's text and gives its status: 200, or 503 for "not ready". */
typedef int front_page_fn(void *arg, struct buf *out);

struct front_page {
    const char *path;         /* "/health" */
    const char *content_type; /* "text/plain; charset=utf-8" */
    front_page_fn *write;
};

struct front *front_new(struct loop *loop, struct engine *engine, const struct front_page *pages,
                        size_t page_count, void *arg);
/* Closes what is open. NULL is fine. */
void front_free(struct front *front);
AUTO_DEFINE(front)

/* Accepts from a listening socket, which it takes also when it fails: RC_IO. Once. */
MUST_USE enum rc front_listen(struct front *front, int fd);

/* No new connections; each one is closed once it was answered. */
void front_drain(struct front *front);
size_t front_connections(const struct front *front);
