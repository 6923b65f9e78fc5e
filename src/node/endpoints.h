/* SPDX-License-Identifier: Apache-2.0 */
/* endpoints: the addresses the node listens on: asks for a socket per worker when a plan names an
 * address first, hands them to the workers with the plan, and gives an address back when every
 * worker has closed its socket.
 *
 * Thread   the node's main thread. */
#pragma once
#include "node/node.h"
#include "node/worker.h"

struct endpoints;

struct endpoints *endpoints_new(struct loop *loop, const struct node_config *config);
void endpoints_free(struct endpoints *endpoints); /* the workers are gone; NULL is fine */

/* Sends every worker the plan with the sockets that are new to it. `before`: the last one, or
 * NULL. */
void endpoints_follow(struct endpoints *endpoints, struct plan *plan, const struct plan *before,
                      struct worker *const *workers);

/* The listeners that cannot listen. RC_LIMIT: arena full. */
MUST_USE enum rc endpoints_report(const struct endpoints *endpoints, struct arena *arena,
                                  struct report *out);
