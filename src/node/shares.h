/* SPDX-License-Identifier: Apache-2.0 */
/* shares: how much of what a process has may be held at once, and by whom. Decided once, when the
 * node starts. Of the descriptors it may open clients, connections to targets and spliced bodies
 * have their own, and what is reserved for health checks, listening sockets and files is nobody
 * else's. docs/decisions/0005-overload.md says why.
 *
 * Thread   any: values. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* One worker's. */
struct shares {
    size_t connections;  /* of clients, served; */
    size_t refused;      /* more of them that are answered 503; beyond, they are closed */
    size_t requests;     /* under way; as many connections to targets, idle ones included */
    size_t conduits;     /* bodies spliced; two descriptors each */
    size_t memory_bytes; /* buffers, heads and unread bodies */
};

/* What a node has. */
struct shares_stock {
    size_t descriptors;
    size_t memory_bytes; /* of the machine */
};

/* What was asked for; 0: what there is decides. */
struct shares_wish {
    size_t connections_max; /* of all workers together */
    size_t requests_max;
    size_t memory_max_bytes;
};

/* For each of `workers` workers. */
struct shares shares_of(const struct shares_stock *stock, int workers,
                        const struct shares_wish *wish);

/* What one listener, and one source, may hold of `all`. */
size_t shares_of_listener(size_t all);
size_t shares_of_source(size_t all);
