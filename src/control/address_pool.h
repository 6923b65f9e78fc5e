/* SPDX-License-Identifier: Apache-2.0 */
/* address_pool: which addresses load balancers listen on.
 *
 * A pool is a block or a list of addresses (control_config: the public one for internet-facing load
 * balancers, the private one for internal ones). Of a block, the first ten addresses and the last
 * are left alone: base + 2 is where dns answers, as AWS's resolver does.
 * Each load balancer has an address of its own in each zone while there are enough. After that they
 * are shared, first by those of the same zone, and only a port can clash. */
#pragma once
#include "control/control.h"

#define ADDRESS_POOL_MAX 1024 /* OURS: of a larger block the first so many are used */

/* The pool's addresses in host order, in the turn's arena. RC_BAD: the configuration makes no
 * sense. */
MUST_USE enum rc address_pool_list(struct turn *turn, struct text pool, uint32_t **out,
                                   size_t *count);

/* Checks a pool of the configuration: RC_BAD, `why` says what is wrong. */
MUST_USE enum rc address_pool_check(struct text pool, char *why, size_t why_size);

/* Chooses an address of the pool for `zone` of `balancer` (an ARN; its own rows count as taken).
 * `ports`: the ports it listens on; an address where another load balancer has one of them is not
 * chosen. RC_CONFLICT with a refusal: there is none left. */
MUST_USE enum rc address_pool_choose(struct turn *turn, struct text pool, struct text balancer,
                                     struct text zone, const int64_t *ports, size_t port_count,
                                     struct text *out);

/* Would a listener of `balancer` on `port` share address and port with another load balancer's?
 * RC_CONFLICT with a refusal that names it. */
MUST_USE enum rc address_pool_check_port(struct turn *turn, struct text balancer, int64_t port);
