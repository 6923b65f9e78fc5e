/* SPDX-License-Identifier: Apache-2.0 */
#include "control/rule.h"

#include "control/balancer.h"
#include "control/elb_arn.h"
#include "control/elb_quota.h"
#include "control/elb_tags.h"
#include "control/forward.h"
#include "control/id.h"
#include "control/listener.h"

static enum rc find_row(struct turn *turn, struct text arn, struct rule_row *out);
static enum rc refuse_default(struct turn *turn, const char *what);
static enum rc refuse_priority(struct turn *turn, int64_t priority);
static enum rc decode(struct turn *turn, const struct rule_row *row, struct rule *out);

/* The listener of a rule, and its load balancer. */
struct owner {
    struct listener_row listener;
    struct balancer_row balancer;
    struct action_place place;
};

static enum rc find_owner(struct turn *turn, struct text listener, struct owner *out)
{
    TRY(listener_find_row(turn, listener, &out->listener));
    TRY(balancer_find_row(turn, out->listener.balancer, &out->balancer));
    out->place =
        (struct action_place){out->listener.port, text_eq(out->listener.protocol, TEXT("HTTPS"))};
    return RC_OK;
}

static enum rc make_actions(struct turn *turn, struct actions *actions, const struct owner *owner,
                            struct text *document)
{
    TRY(actions_check(turn, actions, &owner->place));
    TRY(forward_check(turn, actions, &owner->balancer, owner->place.is_https));
    return actions_encode(actions, turn->arena, document);
}

static enum rc make_conditions(struct turn *turn, const struct conditions *conditions,
                               struct text *document)
{
    TRY(conditions_check(turn, conditions));
    return conditions_encode(conditions, turn->arena, document);
}

static enum rc make_transforms(struct turn *turn, const struct transforms *transforms,
                               struct text *document)
{
    TRY(transforms_check(turn, transforms));
    return transforms_encode(transforms, turn->arena, document);
}

static enum rc check_room(struct turn *turn, const struct owner *owner)
{
    int64_t count = 0;

    TRY(rule_row_count(turn->store, owner->balancer.arn, &count));
    if (count >= elb_quota_max(ELB_QUOTA_RULES)) {
        return refuse(&turn->refusal, RC_LIMIT, "TooManyRules",
                      "You have reached the maximum number of rules per load balancer: [%lld]",
                      (long long)elb_quota_max(ELB_QUOTA_RULES));
    }
    return RC_OK;
}

enum rc rule_create(struct turn *turn, const struct rule_new *wanted, struct rule *out)
{
    struct actions actions = wanted->actions;
    struct rule_row row = {.listener = wanted->listener, .priority = wanted->priority};
    struct owner owner;
    enum rc rc;

    TRY(find_owner(turn, wanted->listener, &owner));
    TRY(make_conditions(turn, &wanted->conditions, &row.conditions));
    TRY(make_actions(turn, &actions, &owner, &row.actions));
    TRY(make_transforms(turn, &wanted->transforms, &row.transforms));
    row.arn = arn_of(turn, "elasticloadbalancing", "listener-rule/%.*s/%.*s",
                     TEXT_ARG(elb_arn_id(owner.listener.arn)), TEXT_ARG(id_elb(turn)));
    TRY(check_room(turn, &owner));
    rc = rule_row_insert(turn->store, &row);
    if (rc == RC_CONFLICT) {
        return refuse_priority(turn, wanted->priority);
    }
    TRY(rc);
    TRY(forward_apply(turn, &actions, row.arn, owner.balancer.arn));
    TRY(elb_tags_put(turn, row.arn, wanted->tags, wanted->tag_count));
    return decode(turn, &row, out);
}

static enum rc check_change(struct turn *turn, const struct rule_row *row,
                            const struct rule_change *change)
{
    if (row->priority == 0) {
        return refuse_default(turn, "modified");
    }
    if (change->conditions.count == 0 && change->actions.count == 0 &&
        change->transforms.count == 0 && !change->resets_transforms) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "Either conditions or actions must be specified");
    }
    if (change->transforms.count > 0 && change->resets_transforms) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "Transforms and ResetTransforms cannot be specified at the same time");
    }
    return RC_OK;
}

enum rc rule_modify(struct turn *turn, struct text arn, const struct rule_change *change,
                    struct rule *out)
{
    struct actions actions = change->actions;
    struct rule_row row;
    struct owner owner;

    TRY(find_row(turn, arn, &row));
    TRY(check_change(turn, &row, change));
    TRY(find_owner(turn, row.listener, &owner));
    if (change->conditions.count > 0) {
        TRY(make_conditions(turn, &change->conditions, &row.conditions));
    }
    if (change->transforms.count > 0 || change->resets_transforms) {
        TRY(make_transforms(turn, &change->transforms, &row.transforms));
    }
    if (actions.count > 0) {
        TRY(make_actions(turn, &actions, &owner, &row.actions));
        TRY(forward_apply(turn, &actions, arn, owner.balancer.arn));
    }
    TRY(rule_row_update(turn->store, &row));
    return decode(turn, &row, out);
}

enum rc rule_delete(struct turn *turn, struct text arn)
{
    struct rule_row row;

    TRY(find_row(turn, arn, &row));
    if (row.priority == 0) {
        return refuse_default(turn, "deleted");
    }
    TRY(tag_row_delete_all(turn->store, arn));
    return rule_row_remove(turn->store, arn);
}

static enum rc check_moves(struct turn *turn, const struct rule_move *moves, size_t count,
                           struct rule_row *rows)
{
    for (size_t i = 0; i < count; i++) {
        TRY(find_row(turn, moves[i].arn, &rows[i]));
        if (rows[i].priority == 0) {
            return refuse_default(turn, "given a priority");
        }
        for (size_t j = 0; j < i; j++) {
            if (moves[j].priority == moves[i].priority &&
                text_eq(rows[j].listener, rows[i].listener)) {
                return refuse(&turn->refusal, RC_BAD, "ValidationError",
                              "Priority '%lld' was provided multiple times",
                              (long long)moves[i].priority);
            }
            if (text_eq(moves[j].arn, moves[i].arn)) {
                return refuse(&turn->refusal, RC_BAD, "ValidationError",
                              "Rule '%.*s' was provided multiple times", TEXT_ARG(moves[i].arn));
            }
        }
    }
    return RC_OK;
}

enum rc rule_set_priorities(struct turn *turn, const struct rule_move *moves, size_t count,
                            struct rules *out)
{
    struct rule_row *rows = ARENA_ARRAY(turn->arena, struct rule_row, count);

    out->at = ARENA_ARRAY(turn->arena, struct rule, count);
    if (rows == NULL || out->at == NULL) {
        return RC_LIMIT;
    }
    out->count = count;
    TRY(check_moves(turn, moves, count, rows));
    /* Out of each other's way first: each priority is unique at every moment. */
    for (size_t i = 0; i < count; i++) {
        TRY(rule_row_set_priority(turn->store, moves[i].arn, -(int64_t)i - 1));
    }
    for (size_t i = 0; i < count; i++) {
        const enum rc rc = rule_row_set_priority(turn->store, moves[i].arn, moves[i].priority);

        if (rc == RC_CONFLICT) {
            return refuse_priority(turn, moves[i].priority);
        }
        TRY(rc);
        rows[i].priority = moves[i].priority;
        TRY(decode(turn, &rows[i], &out->at[i]));
    }
    return RC_OK;
}

static enum rc list_rows(struct turn *turn, struct text listener, const struct text *arns,
                         size_t count, struct rule_rows *out)
{
    struct listener_row row;

    if (!text_is_empty(listener)) {
        TRY(listener_find_row(turn, listener, &row));
        return rule_row_list(turn->store, turn->arena, listener, out);
    }
    out->at = ARENA_ARRAY(turn->arena, struct rule_row, count);
    if (out->at == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < count; i++) {
        TRY(find_row(turn, arns[i], &out->at[i]));
    }
    out->count = count;
    return RC_OK;
}

enum rc rule_find_all(struct turn *turn, struct text listener, const struct text *arns,
                      size_t count, struct rules *out)
{
    struct rule_rows rows;

    if (text_is_empty(listener) && count == 0) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "You must specify either listener rule ARNs or a listener ARN");
    }
    if (!text_is_empty(listener) && count > 0) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "Listener rule ARNs and a listener ARN cannot be specified at the same time");
    }
    TRY(list_rows(turn, listener, arns, count, &rows));
    out->at = ARENA_ARRAY(turn->arena, struct rule, rows.count);
    if (out->at == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < rows.count; i++) {
        TRY(decode(turn, &rows.at[i], &out->at[i]));
    }
    out->count = rows.count;
    return RC_OK;
}

static enum rc find_row(struct turn *turn, struct text arn, struct rule_row *out)
{
    enum rc rc;

    TRY(elb_arn_check(turn, arn, ELB_RULE));
    rc = rule_row_get(turn->store, turn->arena, arn, out);
    return rc == RC_ABSENT ? elb_refuse_absent(turn, ELB_RULE) : rc;
}

static enum rc refuse_default(struct turn *turn, const char *what)
{
    return refuse(&turn->refusal, RC_DENIED, "OperationNotPermitted", "Default rule cannot be %s",
                  what);
}

static enum rc refuse_priority(struct turn *turn, int64_t priority)
{
    return refuse(&turn->refusal, RC_CONFLICT, "PriorityInUse",
                  "Priority '%lld' is currently in use", (long long)priority);
}

static enum rc decode(struct turn *turn, const struct rule_row *row, struct rule *out)
{
    out->arn = row->arn;
    out->priority = row->priority;
    TRY(conditions_decode(row->conditions, turn->arena, &out->conditions));
    TRY(actions_decode(row->actions, turn->arena, &out->actions));
    return transforms_decode(row->transforms, turn->arena, &out->transforms);
}
