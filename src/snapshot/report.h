/* SPDX-License-Identifier: Apache-2.0 */
/* report: the way up: what a node observed. Sent whole when a connection to control is made, then
 * whenever target health changed and once a second for counters. The same health part travels down
 * once as a seed, so that a new node does not begin from nothing.
 *
 * Form     JSON, as the snapshot.
 * Sources  AWS ELBv2 TargetHealth: states, reason codes, descriptions. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"

enum target_state {
    TARGET_INITIAL,
    TARGET_HEALTHY,
    TARGET_UNHEALTHY,
    TARGET_UNUSED,
    TARGET_DRAINING,
    TARGET_UNAVAILABLE,
};

/* TARGET_REASON(id, "AWS's code", "description; %s is the detail") */
#define TARGET_REASONS(X)                                                                        \
    X(NONE, "", "")                                                                              \
    X(REGISTRATION_IN_PROGRESS, "Elb.RegistrationInProgress",                                    \
      "Target registration is in progress")                                                      \
    X(INITIAL_HEALTH_CHECKING, "Elb.InitialHealthChecking", "Initial health checks in progress") \
    X(RESPONSE_CODE_MISMATCH, "Target.ResponseCodeMismatch",                                     \
      "Health checks failed with these codes: [%s]")                                             \
    X(TIMEOUT, "Target.Timeout", "Request timed out")                                            \
    X(FAILED_HEALTH_CHECKS, "Target.FailedHealthChecks", "Health checks failed")                 \
    X(INTERNAL_ERROR, "Elb.InternalError", "Health checks failed due to an internal error")

enum target_reason {
#define X(id, code, description) TARGET_REASON_##id,
    TARGET_REASONS(X)
#undef X
};

struct report_target {
    struct text group_arn;
    struct text id;
    uint16_t port;
    enum target_state state; /* INITIAL, HEALTHY or UNHEALTHY: the rest is control's to know */
    enum target_reason reason;
    int detail; /* of RESPONSE_CODE_MISMATCH: the status that came */
    int64_t since_unix_ms;
};

/* A counter of AWS/ApplicationELB by its name, for one load balancer and perhaps one group. */
struct report_counter {
    const char *metric;      /* "RequestCount", "HTTPCode_Target_2XX_Count" */
    struct text balancer_id; /* app/name/hex */
    struct text group_id;    /* targetgroup/name/hex, or empty */
    uint64_t value;          /* since the node started */
};

struct report_listener {
    struct text arn;
    struct text trouble; /* "address in use": it cannot listen; listed only then */
};

struct report {
    struct text zone;
    struct text boot_id;  /* new at each start of the node */
    uint64_t revision;    /* of the snapshot in use; 0: none yet */
    struct text rejected; /* why the newest snapshot was refused; empty: it was not */
    struct report_target *targets;
    size_t target_count;
    struct report_counter *counters;
    size_t counter_count;
    struct report_listener *listeners;
    size_t listener_count;
};

/* Appends the document. */
void report_encode(const struct report *report, struct buf *out);
/* Everything it points at is in `arena`. RC_BAD, RC_LIMIT. */
MUST_USE enum rc report_decode(struct text json, struct arena *arena, struct report *out);
