/* SPDX-License-Identifier: Apache-2.0 */
/* What control is told: the health of targets, and counters. */
#include "node/targets_inner.h"

static void report_target(const struct target *target, struct report_target *out)
{
    const struct threshold *health = check_health(target->check);

    *out = (struct report_target){
        .group_arn = target->group->arn,
        .id = target->id,
        .port = target->port,
        .state = health->state,
        .reason = health->reason,
        .detail = health->detail,
        .since_unix_ms = health->since_unix_ms,
    };
}

static enum rc report_targets(struct targets *targets, struct arena *arena, struct report *out)
{
    size_t at = 0;

    out->target_count = 0;
    out->targets = ARENA_ARRAY(arena, struct report_target, targets->by_key.count);
    if (!out->targets) {
        return RC_LIMIT;
    }
    for (struct target *target; (target = map_each(&targets->by_key, &at));) {
        if (target->check) {
            report_target(target, &out->targets[out->target_count++]);
        }
    }
    return RC_OK;
}

/* Those that are not zero: AWS publishes most counters only then. */
static void report_block(const struct targets *targets, const struct counters *blocks,
                         enum metric_scope scope, struct text balancer_id, struct text group_id,
                         struct report *out)
{
    for (enum metric metric = 0; metric < METRICS; metric++) {
        const uint64_t value = counters_read(blocks, targets->workers, metric);

        if (value > 0 && (metric_scope(metric) & scope)) {
            out->counters[out->counter_count++] = (struct report_counter){
                .metric = metric_name(metric),
                .balancer_id = balancer_id,
                .group_id = group_id,
                .value = value,
            };
        }
    }
}

static enum rc report_counters(struct targets *targets, struct arena *arena, struct report *out)
{
    const size_t blocks = targets->balancers.count + targets->groups.count;
    size_t at = 0;

    out->counter_count = 0;
    out->counters = ARENA_ARRAY(arena, struct report_counter, blocks * METRICS);
    if (!out->counters) {
        return RC_LIMIT;
    }
    for (struct balancer *balancer; (balancer = map_each(&targets->balancers, &at));) {
        report_block(targets, balancer->counters, METRIC_SCOPE_BALANCER, balancer->id, TEXT(""),
                     out);
    }
    at = 0;
    for (struct group *group; (group = map_each(&targets->groups, &at));) {
        report_block(targets, group->counters, METRIC_SCOPE_GROUP, group->balancer_id, group->id,
                     out);
    }
    return RC_OK;
}

enum rc targets_report(struct targets *targets, struct arena *arena, struct report *out)
{
    TRY(report_targets(targets, arena, out));
    return report_counters(targets, arena, out);
}
