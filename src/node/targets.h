/* SPDX-License-Identifier: Apache-2.0 */
/* targets: what outlives a snapshot: the health of targets and how many requests they have, the
 * turn of groups, the counters of groups and balancers.
 *
 * Each new plan asks for the ones it names and gets those that were there before, or new ones. A
 * target that no plan names any more, or that is draining, is leaving: it gets no new request; at
 * its deadline the workers are told to cut what still runs to it.
 *
 * Owner    counted references: the registry holds one, each plan that names it another.
 * Thread   the registry: the node's main thread. Of the objects, only what is marked (any) may be
 *          touched by workers, and slots[w] by worker w.
 * Sources  AWS ALB, "Deregistration delay"; reference section 9. */
#pragma once
#include "base/list.h"
#include "base/log.h"
#include "base/map.h"
#include "health/checks.h"
#include "loop/loop.h"
#include "node/counters.h"
#include "snapshot/report.h"
#include "snapshot/snapshot.h"

#include <stdalign.h>
#include <stdatomic.h>

struct targets;

/* The connections of one worker to one target. */
struct target_slot {
    alignas(64) struct list leases; /* all that requests have, and the idle ones */
    struct list idle;               /* those without a request, newest first */
    struct list shared;             /* HTTP/2: the connections that leases share */
};

struct balancer {
    struct text id;            /* own */
    struct counters *counters; /* own: (any) one a worker */
    _Atomic unsigned refs;     /* (any) */
    unsigned generation;
};

struct group {
    struct text arn;              /* own */
    struct text id;               /* own */
    struct text balancer_id;      /* own: who uses it */
    uint32_t balancer_ip;         /* of this zone */
    bool logs_checks;             /* its balancer keeps a health check log */
    const struct tls_policy *tls; /* how HTTPS targets are spoken to; NULL: nobody uses it */
    struct counters *counters;    /* own: (any) one a worker */
    _Atomic unsigned refs;        /* (any) */
    unsigned generation;
    alignas(64) _Atomic uint32_t turn; /* (any) round robin: shared, so that the turn goes round
                                          whichever worker a client's connection came to */
    _Atomic uint32_t epoch;            /* (any) grows when who may be picked changes */
};

struct target {
    struct group *group; /* own: a reference */
    struct text key;     /* own: group, id, address and port */
    struct text id;      /* own */
    uint32_t ip;
    uint16_t port;
    int64_t drain_ms; /* of its group, as last told */
    unsigned generation;
    bool is_known;       /* in the registry; else only plans still hold it */
    struct check *check; /* own: health, while it is in use */
    struct loop_timer cut_timer;
    struct list link; /* among the forgotten */
    struct targets *targets;

    _Atomic unsigned refs;        /* (any) */
    _Atomic int state;            /* (any) enum target_state */
    _Atomic bool is_leaving;      /* (any) */
    _Atomic int64_t ramp_from_ms; /* (any) slow start began; INT64_MIN: it does not apply */
    alignas(64) _Atomic uint32_t requests; /* (any) under way */
    struct target_slot slots[];            /* one a worker */
};

/* Tells the workers: close every connection to it, also those in use. The target is referenced
 * during the call. */
typedef void targets_cut_fn(void *arg, struct target *target);
/* Health changed. */
typedef void targets_changed_fn(void *arg);

/* A check of a target whose group logs them; may be NULL. */
typedef void targets_checked_fn(void *arg, const struct target *target,
                                const struct check_result *result);

struct targets_user {
    targets_cut_fn *cut;
    targets_changed_fn *changed;
    targets_checked_fn *checked;
    void *arg;
};

struct targets *targets_new(struct loop *loop, int workers, const struct targets_user *user,
                            const struct log *log);
void targets_free(struct targets *targets); /* plans may live on; checks end */
AUTO_DEFINE(targets)

/* Health from before a restart, for the targets of the next plan. */
void targets_seed(struct targets *targets, const struct report *known);

/* A new plan: begin, take what it names, end. What is taken is a reference of the caller's. */
void targets_begin(struct targets *targets);
struct balancer *targets_take_balancer(struct targets *targets, const struct snap_balancer *snap);
struct group *targets_take_group(struct targets *targets, const struct snap_group *snap,
                                 struct text balancer_id);
/* `is_checked`: in use here, so its health is wanted. */
struct target *targets_take(struct targets *targets, struct group *group,
                            const struct snap_group *snap_group, const struct snap_target *snap,
                            bool is_checked);
/* What was not taken since begin() leaves. */
void targets_end(struct targets *targets);

/* (any) */
void balancer_unref(struct balancer *balancer);
void group_unref(struct group *group);
struct target *target_ref(struct target *target);
void target_unref(struct target *target);

/* Health of every checked target and every counter, for a report. RC_LIMIT: arena full. */
MUST_USE enum rc targets_report(struct targets *targets, struct arena *arena, struct report *out);
