/* SPDX-License-Identifier: Apache-2.0 */
#include "control/forward.h"

#include "control/elb_arn.h"
#include "control/elb_quota.h"
#include "store/rule.h"
#include "store/target.h"
#include "store/target_group.h"

static enum rc check_group(struct turn *turn, struct text arn, const struct balancer_row *balancer,
                           bool is_https, bool *is_taken);
static enum rc refuse_taken(struct turn *turn, const struct text *arns, size_t count);
static enum rc check_quotas(struct turn *turn, struct text balancer);

enum rc forward_check(struct turn *turn, const struct actions *actions,
                      const struct balancer_row *balancer, bool is_https)
{
    struct text taken[16];
    size_t taken_count = 0;

    for (size_t i = 0; i < actions->count; i++) {
        const struct action_forward *forward = &actions->at[i].forward;

        for (size_t j = 0; j < forward->group_count; j++) {
            bool is_taken = false;

            TRY(check_group(turn, forward->groups[j].arn, balancer, is_https, &is_taken));
            if (is_taken && taken_count < ARRAY_LEN(taken)) {
                taken[taken_count++] = forward->groups[j].arn;
            }
        }
    }
    return taken_count == 0 ? RC_OK : refuse_taken(turn, taken, taken_count);
}

static enum rc check_group(struct turn *turn, struct text arn, const struct balancer_row *balancer,
                           bool is_https, bool *is_taken)
{
    struct target_group_row group;
    struct text owner;
    enum rc rc = target_group_row_get(turn->store, turn->arena, arn, &group);

    if (rc != RC_OK) {
        return rc == RC_ABSENT ? elb_refuse_absent(turn, ELB_TARGET_GROUP) : rc;
    }
    if (!text_eq(group.vpc_id, balancer->vpc_id)) {
        return refuse(&turn->refusal, RC_BAD, "InvalidConfigurationRequest",
                      "The target group '%.*s' belongs to a different VPC than load balancer "
                      "'%.*s'",
                      TEXT_ARG(arn), TEXT_ARG(balancer->arn));
    }
    if (!is_https && !text_eq(group.protocol_version, TEXT("HTTP1"))) {
        return refuse(&turn->refusal, RC_BAD, "InvalidLoadBalancerAction",
                      "Listener protocol 'HTTP' is not supported with a target group with the "
                      "protocol-version '%.*s'",
                      TEXT_ARG(group.protocol_version));
    }
    rc = target_group_row_balancer(turn->store, turn->arena, arn, &owner);
    *is_taken = rc == RC_OK && !text_eq(owner, balancer->arn);
    return rc == RC_ABSENT ? RC_OK : rc;
}

static enum rc refuse_taken(struct turn *turn, const struct text *arns, size_t count)
{
    struct text list = arns[0];

    for (size_t i = 1; i < count; i++) {
        list = arena_printf(turn->arena, "%.*s, %.*s", TEXT_ARG(list), TEXT_ARG(arns[i]));
    }
    return refuse(&turn->refusal, RC_CONFLICT, "TargetGroupAssociationLimit",
                  "The following target groups cannot be associated with more than one load "
                  "balancer: %.*s",
                  TEXT_ARG(list));
}

enum rc forward_apply(struct turn *turn, const struct actions *actions, struct text rule,
                      struct text balancer)
{
    TRY(forward_row_remove_all(turn->store, rule));
    for (size_t i = 0; i < actions->count; i++) {
        const struct action_forward *forward = &actions->at[i].forward;

        for (size_t j = 0; j < forward->group_count; j++) {
            TRY(forward_row_put(turn->store, rule, forward->groups[j].arn));
        }
    }
    return check_quotas(turn, balancer);
}

static enum rc check_quotas(struct turn *turn, struct text balancer)
{
    const int64_t groups_max = elb_quota_max(ELB_QUOTA_BALANCER_TARGET_GROUPS);
    const int64_t targets_max = elb_quota_max(ELB_QUOTA_BALANCER_TARGETS);
    int64_t groups = 0;
    int64_t targets = 0;

    TRY(forward_row_count(turn->store, balancer, &groups));
    if (groups > groups_max) {
        return refuse(&turn->refusal, RC_LIMIT, "TooManyUniqueTargetGroupsPerLoadBalancer",
                      "You have reached the maximum number of unique target groups that you can "
                      "associate with a load balancer of type 'application': [%lld]",
                      (long long)groups_max);
    }
    TRY(target_row_count_of_balancer(turn->store, balancer, &targets));
    if (targets > targets_max) {
        return refuse(&turn->refusal, RC_LIMIT, "TooManyTargets",
                      "You have reached the maximum number of targets that you can register with a "
                      "load balancer of type 'application': [%lld]",
                      (long long)targets_max);
    }
    return RC_OK;
}
