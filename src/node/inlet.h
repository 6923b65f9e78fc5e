/* SPDX-License-Identifier: Apache-2.0 */
/* inlet: an address that a worker listens on, and the client connections that came in there.
 *
 * Inlets follow the plan: new addresses are listened on, known ones get the new rules, settings and
 * security groups, those that the plan does not name are closed. A closed inlet lives until its
 * last connection is gone, with the last plan that named it.
 *
 * Limits   of connections per worker, of which one listener and one source may hold a share. Some
 *          beyond are still taken, to be answered 503 quickly; beyond those, they are closed.
 * Thread   the worker's. */
#pragma once
#include "node/worker.h"

/* Makes the worker's inlets those of worker->plan. Takes the descriptors. */
void inlets_follow(struct worker *worker, const struct worker_socket *sockets, size_t count);
/* Stops listening everywhere; connections go on. */
void inlets_close(struct worker *worker);

/* For server_user.closed: `arg` is the struct inbound. */
void inlet_on_closed(void *arg);
/* For server_user.secured and .not_secured. */
void inlet_on_secured(void *arg, const struct stream *stream);
void inlet_on_not_secured(void *arg, const struct stream *stream);
