/* SPDX-License-Identifier: Apache-2.0 */
/* listen: a listening TCP socket and the connections it brings.
 *
 * Opening is apart from accepting: sockets may be opened by one process and used by another. What
 * every connection needs (TCP_NODELAY) is set on the listening socket, which hands it on.
 *
 * Thread   the loop's. */
#pragma once
#include "loop/loop.h"
#include "net/addr.h"

/* A bound, listening, non-blocking socket with SO_REUSEPORT, so that each worker can have its own
 * of one address. Port 0: the kernel chooses; net_addr_local() tells.
 * RC_CONFLICT: address in use; RC_DENIED: no right to this port; RC_ABSENT: not an address of this
 * machine; RC_IO. */
MUST_USE enum rc listen_open(struct net_addr addr, int *fd);

/* Takes fd: connected, non-blocking. From the loop. It may call listen_stop(). */
typedef void listen_accept_fn(void *arg, int fd, struct net_addr peer);

struct listen {
    struct loop *loop;
    struct loop_watch watch;
    struct loop_timer rest; /* until descriptors may be free again */
    listen_accept_fn *accept;
    void *arg;
    struct net_addr local;
    int batch;       /* accepted in a turn before epoll is asked again */
    int64_t full_us; /* when the last turn had a whole batch; 0: it had not */
    int64_t one_us;  /* how long each took lately, while batches were whole */
    int64_t lag_ms;
    bool is_filtered; /* connections inherit a filter that they don't need */
};

/* Accepts from fd, which it takes also when it fails (RC_IO). At most LIMIT_ACCEPT_BATCH a turn;
 * when descriptors run out it rests for LIMIT_ACCEPT_REST_MS. */
MUST_USE enum rc listen_start(struct listen *listen, struct loop *loop, int fd,
                              listen_accept_fn *accept, void *arg);
/* How long a connection waits in the backlog, reckoned from its length and how fast it went down
 * lately; 0 while a turn empties it. */
int64_t listen_lag_ms(const struct listen *listen);
/* Closes the descriptor. What waited in the backlog is lost unless another process holds a copy.
 * Fine when not started or stopped already (zeroed). */
void listen_stop(struct listen *listen);

/* ---- who may connect ---------------------------------------------------------------------- */

struct net_source {
    uint32_t network;   /* host order; bits beyond the prefix don't matter */
    uint8_t prefix_len; /* 0..32 */
};

/* From now on only these sources get an answer to their SYN; all others get silence. No source:
 * nobody. Connections that are established, or wait in the backlog, go on.
 * RC_LIMIT: more than LIMIT_INGRESS_SOURCES after dropping those inside others; RC_IO. Then the
 * filter that was there before stays. */
MUST_USE enum rc listen_allow(struct listen *listen, const struct net_source *sources,
                              size_t count);
