/* SPDX-License-Identifier: Apache-2.0 */
/* choices: which target gets the next request of a group.
 *
 * Each worker keeps a view of each group: the list of targets that may be picked now. It is made
 * anew only when the group's epoch has moved (health, draining) or somebody's slow start ends, so a
 * pick costs the same with one target and with a thousand. The turn of round robin is the group's,
 * shared by all workers.
 *
 * Who may be picked: the healthy targets. When they are fewer than the group's threshold, all
 * (AWS ALB fails open). OURS: a target that never passed its first checks is in neither set: a
 * starting target gets no traffic, which is what the checks are there for.
 *
 * Sources  AWS ALB, "Routing algorithms", "Slow start mode", "Target group health"; reference
 *          section 7. */
#pragma once
#include "node/plan.h"

struct choices {
    struct target **targets; /* own */
    size_t count;
    uint32_t epoch; /* of the group, when this was made */
    bool is_made;
    bool is_fail_open;
    bool has_ramp;    /* somebody is in slow start, and somebody is not */
    int64_t until_ms; /* make it anew then: a slow start ends */
};

void choices_done(struct choices *choices);

/* A small fast generator; state is never 0. Not for secrets. */
uint64_t choices_random(uint64_t *state);
void choices_random_bytes(uint8_t *bytes, size_t count, uint64_t *state);

/* NULL: nobody. `avoid`: a target that just failed, picked again only if it is the only one; NULL:
 * none. */
struct target *choices_pick(struct choices *choices, const struct plan_group *group,
                            const struct target *avoid, int64_t now_ms, uint64_t *random);

/* AWS ALB, weighted forward: index of the chosen group by weight; `count` when all weights are 0.
 * `weights` are snap_weighted. */
size_t choices_pick_group(const struct snap_weighted *groups, size_t count, uint64_t *random);
