/* SPDX-License-Identifier: Apache-2.0 */
/* checks: the health checks of many targets: schedule, probe and thresholds joined.
 *
 * Every check is one probe over a connection of its own, at most one at a time per target. Checks
 * live in the node's main thread, apart from the workers, so requests cannot starve them.
 *
 * Owner    a check belongs to who started it, until check_stop().
 * Thread   the loop's.
 * Sources  AWS ALB, "Health checks for Application Load Balancer target groups". */
#pragma once
#include "base/log.h"
#include "health/threshold.h"
#include "loop/loop.h"
#include "net/addr.h"
#include "tls/policy.h"

struct checks;
struct check;

/* State, reason or detail changed; from the loop. It may not stop the check */
typedef void check_changed_fn(void *arg, const struct threshold *before,
                              const struct threshold *now);

/* One check and what came of it. */
struct check_result {
    struct net_addr addr; /* where it went */
    enum snap_protocol protocol;
    enum snap_version version;
    enum health_outcome outcome;
    int status; /* of PASSED and MISMATCHED */
    int64_t took_us;
};

/* Every check, whatever it changes; before check_changed_fn. `arg` is the check's. */
typedef void check_probed_fn(void *arg, const struct check_result *result);

struct checks *checks_new(struct loop *loop);
void checks_free(struct checks *checks); /* asserts that all checks were stopped */
AUTO_DEFINE(checks)
/* Tells of every check from now on; NULL: of none. */
void checks_on_probed(struct checks *checks, check_probed_fn *probed);

/* What a check asks for; `settings` is borrowed until the next check_change() or
 * check_stop(). */
struct check_target {
    const struct snap_health *settings;
    uint32_t ip;
    uint16_t port;
    enum snap_version version;
    const struct tls_policy *tls; /* of HTTPS checks: what requests go by */
};

/* `known`: health from before, or NULL. */
struct check *check_start(struct checks *checks, const struct check_target *target,
                          const struct report_target *known, check_changed_fn *changed, void *arg);
/* New settings: from the next check on. */
void check_change(struct check *check, const struct check_target *target);
/* Takes it; a probe under way is dropped without a verdict. NULL is fine. */
void check_stop(struct check *check);
const struct threshold *check_health(const struct check *check);
