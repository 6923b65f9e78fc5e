/* SPDX-License-Identifier: Apache-2.0 */
/* A rule's conditions and actions, for the snapshot. */
#include "control/action.h"
#include "control/condition.h"
#include "control/publish_inner.h"
#include "snapshot/address.h"
#include "snapshot/write.h"

static enum rc add_condition(struct turn *turn, const struct condition *condition,
                             struct snap_condition *out);
static enum rc add_action(struct publish *publish, const struct action *action,
                          struct snap_action *out);

enum rc publish_rule(struct publish *publish, const struct rule_row *row, struct snap_rule *out)
{
    struct turn *turn = publish->turn;
    struct snap_condition *snap_conditions;
    struct snap_action *snap_actions;
    struct conditions conditions;
    struct actions actions;

    TRY(conditions_decode(row->conditions, turn->arena, &conditions));
    TRY(actions_decode(row->actions, turn->arena, &actions));
    snap_conditions = ARENA_ARRAY(turn->arena, struct snap_condition, conditions.count);
    snap_actions = ARENA_ARRAY(turn->arena, struct snap_action, actions.count);
    if (snap_conditions == NULL || snap_actions == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < conditions.count; i++) {
        TRY(add_condition(turn, &conditions.at[i], &snap_conditions[i]));
    }
    for (size_t i = 0; i < actions.count; i++) {
        TRY(add_action(publish, &actions.at[i], &snap_actions[i]));
    }
    *out = (struct snap_rule){
        .arn = row->arn,
        .priority = (int)row->priority,
        .conditions = snap_conditions,
        .condition_count = conditions.count,
        .actions = snap_actions,
        .action_count = actions.count,
    };
    return RC_OK;
}

/* ---- conditions --------------------------------------------------------------------------- */

static const enum snap_condition_type types[] = {
    [CONDITION_HOST] = SNAP_HOST,   [CONDITION_PATH] = SNAP_PATH,
    [CONDITION_FIELD] = SNAP_FIELD, [CONDITION_METHOD] = SNAP_METHOD,
    [CONDITION_QUERY] = SNAP_QUERY, [CONDITION_SOURCE_IP] = SNAP_SOURCE_IP,
};

/* Bits behind the prefix are allowed by AWS and mean nothing. */
static bool parse_source(struct text value, struct snap_cidr *out)
{
    const size_t slash = text_find(value, '/');
    int64_t prefix_len;
    uint32_t ip;

    if (address_parse(text_slice(value, 0, slash), &ip) != RC_OK ||
        text_to_int(text_slice(value, slash + 1, value.len), 0, 32, &prefix_len) != RC_OK) {
        return false;
    }
    const uint32_t mask = prefix_len == 0 ? 0 : UINT32_MAX << (32 - prefix_len);
    *out = (struct snap_cidr){ip & mask, (uint8_t)prefix_len};
    return true;
}

/* Listeners are IPv4: an IPv6 block matches nobody. A condition of such blocks only becomes one of
 * an address that cannot be a client's. */
static enum rc add_sources(struct turn *turn, const struct condition *condition,
                           struct snap_condition *out)
{
    static const struct snap_cidr nobody = {UINT32_MAX, 32};
    struct snap_cidr *cidrs = ARENA_ARRAY(turn->arena, struct snap_cidr, condition->values.count);

    if (cidrs == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < condition->values.count; i++) {
        if (parse_source(condition->values.at[i], &cidrs[out->cidr_count])) {
            out->cidr_count++;
        }
    }
    if (out->cidr_count == 0) {
        cidrs[out->cidr_count++] = nobody;
    }
    out->cidrs = cidrs;
    return RC_OK;
}

static enum rc add_pairs(struct turn *turn, const struct condition *condition,
                         struct snap_condition *out)
{
    struct snap_pair *pairs = ARENA_ARRAY(turn->arena, struct snap_pair, condition->pair_count);

    if (pairs == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < condition->pair_count; i++) {
        pairs[i] = (struct snap_pair){condition->pairs[i].key, condition->pairs[i].value};
    }
    out->pairs = pairs;
    out->pair_count = condition->pair_count;
    return RC_OK;
}

static enum rc add_condition(struct turn *turn, const struct condition *condition,
                             struct snap_condition *out)
{
    *out = (struct snap_condition){.type = types[condition->type], .field = condition->field_name};
    if (condition->type == CONDITION_SOURCE_IP) {
        return add_sources(turn, condition, out);
    }
    if (condition->type == CONDITION_QUERY) {
        return add_pairs(turn, condition, out);
    }
    out->values = condition->values.at;
    out->value_count = condition->values.count;
    out->regexes = condition->regexes.at;
    out->regex_count = condition->regexes.count;
    return RC_OK;
}

/* ---- actions ------------------------------------------------------------------------------ */

static enum rc add_forward(struct publish *publish, const struct action_forward *forward,
                           struct snap_action *out)
{
    struct snap_weighted *groups =
        ARENA_ARRAY(publish->turn->arena, struct snap_weighted, forward->group_count);

    if (groups == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < forward->group_count; i++) {
        groups[i].group = map_get(&publish->groups_by_arn, forward->groups[i].arn);
        groups[i].weight = (uint16_t)forward->groups[i].weight;
        ASSERT(groups[i].group != NULL); /* the table `forward` holds it in the store */
    }
    out->forward.groups = groups;
    out->forward.count = forward->group_count;
    out->forward.is_sticky = forward->is_sticky;
    out->forward.sticky_seconds = forward->sticky_seconds;
    return RC_OK;
}

static int number_of(struct text digits)
{
    int64_t number;

    /* Checked before it was stored; 0 is refused by whoever decodes. */
    return text_to_int(digits, 0, 999, &number) == RC_OK ? (int)number : 0;
}

static enum rc add_action(struct publish *publish, const struct action *action,
                          struct snap_action *out)
{
    snapshot_action_defaults(out);
    switch (action->type) {
    case ACTION_FORWARD:
        out->type = SNAP_FORWARD;
        return add_forward(publish, &action->forward, out);
    case ACTION_REDIRECT:
        out->type = SNAP_REDIRECT;
        out->redirect.protocol = action->redirect.protocol;
        out->redirect.host = action->redirect.host;
        out->redirect.port = action->redirect.port;
        out->redirect.path = action->redirect.path;
        out->redirect.query = action->redirect.query;
        out->redirect.status = text_eq(action->redirect.status, TEXT("HTTP_301")) ? 301 : 302;
        return RC_OK;
    case ACTION_FIXED_RESPONSE:
        out->type = SNAP_FIXED_RESPONSE;
        out->fixed.status = number_of(action->fixed.status);
        out->fixed.body = action->fixed.body;
        if (!text_is_empty(action->fixed.content_type)) {
            out->fixed.content_type = action->fixed.content_type;
        }
        return RC_OK;
    case ACTION_AUTHENTICATE_OIDC:
    case ACTION_AUTHENTICATE_COGNITO:
    case ACTION_JWT_VALIDATION:
        break; /* refused before they are stored */
    }
    return RC_BAD;
}
