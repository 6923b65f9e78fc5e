/* SPDX-License-Identifier: Apache-2.0 */
/* threshold: the health of one target as a state machine over the outcomes of its checks. Pure.
 *
 *   INITIAL ----- enough passes in a row -----> HEALTHY
 *      |                                         |   ^
 *      '-- unhealthy_threshold failures --.      |   '- healthy_threshold passes in a row
 *                                         v      v   |
 *                                         UNHEALTHY -'
 *
 * "Enough" for a new target is initial_healthy_checks: AWS takes 1; the default here is the healthy
 * threshold, so that a target that is still starting gets no traffic.
 *
 * Time     unix_ms is given; it is kept as the moment of the last change.
 * Sources  AWS ALB, "Health checks for Application Load Balancer target groups"; ELBv2 TargetHealth
 *          (states and reasons). */
#pragma once
#include "snapshot/report.h"
#include "snapshot/snapshot.h"

#include <stdbool.h>
#include <stdint.h>

enum health_outcome {
    HEALTH_PASSED,
    HEALTH_MISMATCHED, /* an answer, but not a status that the matcher wants: `detail` */
    HEALTH_TIMED_OUT,
    HEALTH_FAILED,         /* refused, reset, broken answer */
    HEALTH_NO_STATUS,      /* an answer to a gRPC call without grpc-status */
    HEALTH_INTERNAL_ERROR, /* ours: no descriptor, no port */
};

struct threshold {
    enum target_state state; /* INITIAL, HEALTHY, UNHEALTHY */
    enum target_reason reason;
    int detail;            /* the status that came, of RESPONSE_CODE_MISMATCH */
    int passed;            /* in a row */
    int failed;            /* in a row */
    int64_t since_unix_ms; /* of the state */
};

void threshold_init(struct threshold *threshold, int64_t unix_ms);
/* Goes on from what was known before a restart; counts in a row begin anew. States other than the
 * three are taken as INITIAL. */
void threshold_seed(struct threshold *threshold, const struct report_target *known);
/* Takes the outcome of one check. True: state, reason or detail is another than before. */
bool threshold_judge(struct threshold *threshold, const struct snap_health *settings,
                     enum health_outcome outcome, int detail, int64_t unix_ms);
