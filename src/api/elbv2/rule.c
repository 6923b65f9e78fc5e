/* SPDX-License-Identifier: Apache-2.0 */
#include "control/rule.h"
#include "api/elbv2/actions.h"
#include "api/elbv2/conditions.h"
#include "api/elbv2/tagging.h"

static enum rc write_rule(struct call *call, const struct rule *rule, struct elbv2_rule *out)
{
    out->rule_arn = rule->arn;
    out->priority = rule->priority == 0 ? TEXT("default")
                                        : call_printf(call, "%lld", (long long)rule->priority);
    CALL_SET(out, is_default, rule->priority == 0);
    TRY(conditions_write(call, &rule->conditions, &out->conditions));
    TRY(transforms_write(call, &rule->transforms, &out->transforms));
    return actions_write(call, &rule->actions, &out->actions);
}

static enum rc write_rules(struct call *call, const struct rules *rules, struct elbv2_rules *out)
{
    TRY(CALL_LIST(call, out, rules->count));
    for (size_t i = 0; i < rules->count; i++) {
        TRY(write_rule(call, &rules->at[i], &out->items[i]));
    }
    return RC_OK;
}

enum rc elbv2_create_rule(struct call *call, const struct elbv2_create_rule_input *in,
                          struct elbv2_create_rule_output *out)
{
    struct rule_new wanted = {.listener = in->listener_arn, .priority = in->priority};
    struct rule rule;

    TRY(conditions_read(call, &in->conditions, &wanted.conditions));
    TRY(actions_read(call, &in->actions, &wanted.actions));
    TRY(transforms_read(call, &in->transforms, &wanted.transforms));
    TRY(tagging_read_elbv2(call, &in->tags, &wanted.tags, &wanted.tag_count));
    TRY(rule_create(&call->turn, &wanted, &rule));
    return write_rules(call, &(struct rules){&rule, 1}, &out->rules);
}

enum rc elbv2_modify_rule(struct call *call, const struct elbv2_modify_rule_input *in,
                          struct elbv2_modify_rule_output *out)
{
    struct rule_change change = {.resets_transforms = in->reset_transforms};
    struct rule rule;

    TRY(conditions_read(call, &in->conditions, &change.conditions));
    TRY(actions_read(call, &in->actions, &change.actions));
    TRY(transforms_read(call, &in->transforms, &change.transforms));
    TRY(rule_modify(&call->turn, in->rule_arn, &change, &rule));
    return write_rules(call, &(struct rules){&rule, 1}, &out->rules);
}

enum rc elbv2_delete_rule(struct call *call, const struct elbv2_delete_rule_input *in,
                          struct elbv2_delete_rule_output *out)
{
    (void)out; /* has no members */
    return rule_delete(&call->turn, in->rule_arn);
}

enum rc elbv2_set_rule_priorities(struct call *call,
                                  const struct elbv2_set_rule_priorities_input *in,
                                  struct elbv2_set_rule_priorities_output *out)
{
    const size_t count = in->rule_priorities.count;
    struct rule_move *moves = ARENA_ARRAY(call->arena, struct rule_move, count);
    struct rules rules;

    if (moves == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < count; i++) {
        const struct elbv2_rule_priority_pair *pair = &in->rule_priorities.items[i];

        if (!pair->has_priority) {
            return call_refuse(call, "ValidationError", "A rule priority must be specified");
        }
        moves[i] = (struct rule_move){pair->rule_arn, pair->priority};
    }
    TRY(rule_set_priorities(&call->turn, moves, count, &rules));
    return write_rules(call, &rules, &out->rules);
}

enum rc elbv2_describe_rules(struct call *call, const struct elbv2_describe_rules_input *in,
                             struct elbv2_describe_rules_output *out)
{
    struct rules rules;

    TRY(rule_find_all(&call->turn, in->listener_arn, in->rule_arns.items, in->rule_arns.count,
                      &rules));
    return write_rules(call, &rules, &out->rules);
}
