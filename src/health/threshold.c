/* SPDX-License-Identifier: Apache-2.0 */
#include "health/threshold.h"

#include <limits.h>

void threshold_init(struct threshold *threshold, int64_t unix_ms)
{
    *threshold = (struct threshold){
        .state = TARGET_INITIAL,
        .reason = TARGET_REASON_REGISTRATION_IN_PROGRESS,
        .since_unix_ms = unix_ms,
    };
}

void threshold_seed(struct threshold *threshold, const struct report_target *known)
{
    threshold_init(threshold, known->since_unix_ms);
    if (known->state == TARGET_HEALTHY || known->state == TARGET_UNHEALTHY) {
        threshold->state = known->state;
        threshold->reason = known->reason;
        threshold->detail = known->detail;
    }
}

static enum target_reason reason_of(enum health_outcome outcome)
{
    switch (outcome) {
    case HEALTH_PASSED:
        return TARGET_REASON_NONE;
    case HEALTH_MISMATCHED:
        return TARGET_REASON_RESPONSE_CODE_MISMATCH;
    case HEALTH_TIMED_OUT:
        return TARGET_REASON_TIMEOUT;
    case HEALTH_FAILED:
    case HEALTH_NO_STATUS:
        return TARGET_REASON_FAILED_HEALTH_CHECKS;
    case HEALTH_INTERNAL_ERROR:
        return TARGET_REASON_INTERNAL_ERROR;
    }
    return TARGET_REASON_INTERNAL_ERROR;
}

static void count(struct threshold *threshold, bool has_passed)
{
    int *up = has_passed ? &threshold->passed : &threshold->failed;
    int *down = has_passed ? &threshold->failed : &threshold->passed;

    *up += *up < INT_MAX;
    *down = 0;
}

static enum target_state next_state(const struct threshold *threshold,
                                    const struct snap_health *settings)
{
    const int passes_wanted = threshold->state == TARGET_INITIAL ? settings->initial_healthy_checks
                                                                 : settings->healthy_threshold;

    if (threshold->state != TARGET_HEALTHY && threshold->passed >= passes_wanted) {
        return TARGET_HEALTHY;
    }
    /* AWS does not say how INITIAL fails; the threshold of the healthy is the plain reading. */
    if (threshold->state != TARGET_UNHEALTHY &&
        threshold->failed >= settings->unhealthy_threshold) {
        return TARGET_UNHEALTHY;
    }
    return threshold->state;
}

bool threshold_judge(struct threshold *threshold, const struct snap_health *settings,
                     enum health_outcome outcome, int detail, int64_t unix_ms)
{
    const struct threshold before = *threshold;

    count(threshold, outcome == HEALTH_PASSED);
    threshold->state = next_state(threshold, settings);
    if (threshold->state != before.state) {
        threshold->since_unix_ms = unix_ms;
    }

    switch (threshold->state) {
    case TARGET_HEALTHY:
        threshold->reason = TARGET_REASON_NONE;
        break;
    case TARGET_UNHEALTHY:
        /* The newest failure explains best; a pass on the way up explains nothing. */
        if (outcome != HEALTH_PASSED) {
            threshold->reason = reason_of(outcome);
        }
        break;
    case TARGET_INITIAL:
    case TARGET_UNUSED:
    case TARGET_DRAINING:
    case TARGET_UNAVAILABLE:
        threshold->reason = TARGET_REASON_INITIAL_HEALTH_CHECKING;
        break;
    }
    if (threshold->reason != TARGET_REASON_RESPONSE_CODE_MISMATCH) {
        threshold->detail = 0;
    } else if (outcome == HEALTH_MISMATCHED) {
        threshold->detail = detail;
    }
    return threshold->state != before.state || threshold->reason != before.reason ||
           threshold->detail != before.detail;
}
