/* SPDX-License-Identifier: Apache-2.0 */
/* worker: one thread of the data plane: a loop with its own listening sockets, client connections,
 * connections to targets and counters. It shares nothing with the others but plans, targets and
 * mail.
 *
 * Thread   worker_new, worker_start, worker_send_*, worker_free: the node's main thread. All else:
 *          the worker's own. */
#pragma once
#include "base/budget.h"
#include "base/log.h"
#include "http/date.h"
#include "net/listen.h"
#include "node/choices.h"
#include "node/logbook.h"
#include "node/request.h"
#include "node/shares.h"
#include "node/sources.h"

#include <pthread.h>

/* A plan as this worker uses it. Requests and inlets count as uses; no atomics on the way. */
struct worker_plan {
    struct plan *plan;       /* own: a reference */
    struct choices *choices; /* own: one a group */
    size_t uses;
};

/* What a connection keeps of its listener's settings, also when those change: AWS ALB latches
 * client_keep_alive.seconds when a connection is made. */
struct inlet_config {
    struct server_config config;
    size_t uses;
};

/* An address that this worker listens on. */
struct inlet {
    struct list link; /* in its worker */
    struct worker *worker;
    struct listen listen;
    uint32_t ip;
    uint16_t port;
    struct worker_plan *plan; /* own: a use; while open, the worker's newest */
    const struct plan_listener *listener;
    struct inlet_config *config; /* own: a use */
    struct tls_server *tls;      /* own: a reference; HTTPS only */
    size_t connections;
    size_t requests; /* under way */
    bool is_open;    /* else it only waits for its connections to end */
};

/* A client's connection. */
struct inbound {
    struct inlet *inlet;
    struct inlet_config *config; /* own: a use */
    struct net_addr peer;
    struct source *source; /* own: a connection of it */
    int64_t born_us;
    uint64_t trace[2];  /* of conn_trace_id; 0: not made yet */
    bool is_over_limit; /* its requests are answered 503, and it is closed */
};

struct worker {
    struct loop *loop;
    struct server *server;
    struct client *client;
    struct leases leases;
    struct pool requests;
    struct pool inbounds;
    struct worker_plan *plan; /* the newest; NULL: none yet */
    struct list inlets;
    struct sources sources;
    size_t refused; /* connections beyond a share */
    struct logbook logbook;
    uint64_t random;
    struct date date;
    struct shares shares; /* of what the node has */
    struct budget memory; /* what clients and targets make us remember */
    int index;
    bool is_draining;
    bool is_ending;    /* a request that is woken is to end */
    bool sets_filters; /* of security groups: nobody else does */
    const struct log *log;
    _Atomic size_t connections; /* (any) open ones of clients */

    pthread_t thread;
    bool is_running;
};

/* A listening socket for an address that the plan names first. */
struct worker_socket {
    uint32_t ip;
    uint16_t port;
    int fd;
};

struct worker_config {
    int index;
    struct shares shares;
    bool sets_filters; /* of security groups, on its listening sockets */
    struct log_queue *logs;
    const struct log *log;
};

struct worker *worker_new(const struct worker_config *config);
/* RC_IO: no thread. */
MUST_USE enum rc worker_start(struct worker *worker);
/* Stops and joins the thread, ends what is under way. NULL is fine. */
void worker_free(struct worker *worker);

/* Called in the worker's thread, after a plan was taken up and the sockets it does not name are
 * closed. */
typedef void worker_taken_fn(void *arg);

/* Takes a reference of the plan's; copies `sockets`, takes their descriptors. */
void worker_send_plan(struct worker *worker, struct plan *plan, const struct worker_socket *sockets,
                      size_t count, worker_taken_fn *taken, void *arg);
/* Close everything to this target. Takes a reference. */
void worker_send_cut(struct worker *worker, struct target *target);
void worker_send_drain(struct worker *worker);
/* Every request under way ends: with 503 if it was not answered yet. */
void worker_send_end(struct worker *worker);

/* ---- the worker's own thread -------------------------------------------------------------- */

struct worker_plan *worker_plan_use(struct worker_plan *plan);
void worker_plan_unuse(struct worker_plan *plan); /* NULL is fine */

/* For lease_user.crowded: each target's oldest idle connection goes. */
void worker_make_room(struct leases *leases);

struct request *worker_take_request(struct worker *worker);
void worker_give_request(struct worker *worker, struct request *req);
