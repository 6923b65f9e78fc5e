/* SPDX-License-Identifier: Apache-2.0 */
/* node: the data plane of one zone in one process: it carries requests and checks health.
 *
 * The caller's thread (main) owns struct node: snapshots in, health checks, reports out. Each
 * worker is a thread with its own loop, listening sockets, connections and counters. A snapshot is
 * compiled once into an immutable plan that every worker takes up at its next turn; requests under
 * way keep the plan they began with.
 *
 * Owner    the caller; node_free() ends everything at once, node_drain() first ends it gently.
 * Thread   all functions: the thread of `loop`. No function blocks but node_free (joins) and
 *          sockets.open.
 * Time     from the loops. */
#pragma once
#include "base/log.h"
#include "loop/loop.h"
#include "net/listen.h"
#include "node/shares.h"
#include "snapshot/log_page.h"
#include "snapshot/report.h"
#include "snapshot/snapshot.h"

struct node;

/* Where listening sockets come from: net/listen when the node stands alone, the supervisor else. */
struct node_sockets {
    /* A bound, listening, non-blocking socket with SO_REUSEPORT for this worker; the node closes
     * the descriptor. RC_CONFLICT: address in use; RC_DENIED; RC_IO. */
    enum rc (*open)(void *arg, uint32_t ip, uint16_t port, int worker, int *fd);
    /* From now on only these sources get an answer from this address, from any worker's socket;
     * all others get silence. NULL: the workers see to it themselves, which newer kernels grant to
     * CAP_NET_ADMIN only. RC_LIMIT, RC_IO: not done; then the node refuses who comes. */
    enum rc (*allow)(void *arg, uint32_t ip, uint16_t port, const struct net_source *sources,
                     size_t count);
    /* The node has closed its descriptors of this address and does not want it any more. */
    void (*close)(void *arg, uint32_t ip, uint16_t port);
    void *arg;
};

struct node_config {
    struct text zone;      /* borrowed for life */
    const struct log *log; /* borrowed for life; may be NULL */
    int workers;           /* 1.. */
    struct shares_wish wish;
    struct node_sockets sockets;
    unsigned logs; /* LOG_SET: what is logged of every load balancer, whatever snapshots say */
    /* Lines of logs, whole pages (snapshot/log_page), borrowed during the call. Anything but RC_OK:
     * not now; node_offer_lines() asks again. NULL: they are dropped. From the loop. */
    enum rc (*take_lines)(void *arg, struct text pages);
    /* Target health or a listener's trouble changed: time for a report. From the loop. */
    void (*changed)(void *arg);
    void *arg;
};

struct node *node_new(struct loop *loop, const struct node_config *config);
void node_free(struct node *node); /* NULL is fine; ends what is under way */
AUTO_DEFINE(node)

/* Starts the workers. RC_IO: no thread or no descriptor; nothing is left running. */
MUST_USE enum rc node_start(struct node *node);

/* Takes up a snapshot (a reference of its own). Never fails a request under way. Listeners that
 * cannot listen are named in the report; they are tried again with every snapshot.
 * RC_BAD, RC_LIMIT: it cannot be made ready, the one before stays; *why is a static reason. */
MUST_USE enum rc node_apply(struct node *node, struct snapshot *snapshot, const char **why);
/* The health that was known before this node started; for targets not yet checked. */
void node_seed(struct node *node, const struct report *known);

/* What was observed; everything it points at lives in `arena` or until the next node_apply.
 * RC_LIMIT: the arena is full. boot_id and rejected are the caller's to fill. */
MUST_USE enum rc node_report(struct node *node, struct arena *arena, struct report *out);

/* Offers the lines again that were not taken. */
void node_offer_lines(struct node *node);
/* Bytes of lines that were written and not taken yet. */
size_t node_lines_held(const struct node *node);

/* Stops listening and closes connections as their requests finish. */
void node_drain(struct node *node);
/* Ends what is under way: who was not answered yet is told 503, other answers end where they are.
 */
void node_end_requests(struct node *node);
/* Client connections open, by the workers' last count: 0 after node_drain means quiet. */
size_t node_connections(const struct node *node);
