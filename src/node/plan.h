/* SPDX-License-Identifier: Apache-2.0 */
/* plan: a snapshot made ready for requests: what this zone listens on, rules compiled, groups with
 * the targets that this zone may use. Built once by the main thread, immutable, shared by all
 * workers.
 *
 * Owner    counted references, any thread. It holds the snapshot and a reference to every target,
 *          group and balancer it names. */
#pragma once
#include "conn/server.h"
#include "net/listen.h"
#include "node/fields.h"
#include "node/leases.h"
#include "node/rules.h"
#include "node/targets.h"
#include "snapshot/log_page.h"

struct plan_group {
    const struct snap_group *snap;
    struct group *group;
    struct target **targets; /* of this zone's scope, the leaving ones left out */
    size_t target_count;
    size_t index;         /* in the plan */
    struct lease_way way; /* how its targets are spoken to */
};

struct plan_listener {
    const struct snap_balancer *balancer;
    const struct snap_listener *snap;
    struct balancer *state; /* its counters */
    struct rules *rules;
    struct server_config config;
    uint32_t ip;
    uint16_t port;
    const struct listener_fields *fields;
    struct tls_trust *trust;          /* the plan's; NULL: none is used, or it cannot be read */
    const struct net_source *sources; /* who may connect: the security groups */
    size_t source_count;
    unsigned logs; /* LOG_SET: which logs are kept of what comes in here */
};

struct plan {
    struct snapshot *snapshot;             /* own: a reference */
    struct arena *arena;                   /* own */
    const struct plan_listener *listeners; /* by address and port */
    size_t listener_count;
    const struct plan_group *groups; /* as in the snapshot */
    size_t group_count;
    struct tls_trust **trusts; /* own: a reference each, as in the snapshot; NULL: see above */
    size_t trust_count;
    struct target *const *all; /* every target of every group, leaving or not: what it references */
    size_t all_count;
    _Atomic unsigned refs;
};

/* Takes a reference of the snapshot's. `logs`: LOG_SET of what is logged whatever the snapshot
 * says. `before` (NULL: none) is the plan that it follows: what is large and has not changed is
 * shared with it. RC_BAD: a regular expression is none; RC_LIMIT: larger than LIMIT_PLAN_BYTES.
 * Then nothing has changed. */
MUST_USE enum rc plan_build(struct snapshot *snapshot, struct text zone, unsigned logs,
                            struct targets *targets, const struct plan *before, struct plan **out);
struct plan *plan_ref(struct plan *plan);
void plan_unref(struct plan *plan); /* NULL is fine */

/* The group of a forward action. */
const struct plan_group *plan_group_of(const struct plan *plan, const struct snap_group *snap);

bool plan_admits(const struct plan_listener *listener, uint32_t source_ip);
bool plan_has_same_sources(const struct plan_listener *a, const struct plan_listener *b);

/* NULL: the plan does not listen there. */
const struct plan_listener *plan_find(const struct plan *plan, uint32_t ip, uint16_t port);
