/* SPDX-License-Identifier: Apache-2.0 */
#include "api/elbv2/actions.h"

static enum rc read_forward(struct call *call, const struct elbv2_action *in,
                            struct action_forward *out)
{
    const struct elbv2_forward_action_config *config = in->forward_config;

    out->target_group_arn = in->target_group_arn;
    if (config == NULL) {
        return RC_OK;
    }
    out->groups = ARENA_ARRAY(call->arena, struct action_group, config->target_groups.count);
    if (out->groups == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < config->target_groups.count; i++) {
        const struct elbv2_target_group_tuple *tuple = &config->target_groups.items[i];

        if (tuple->has_weight && tuple->weight < 0) {
            return call_refuse(call, "InvalidLoadBalancerAction",
                               "The weight of a target group must be between 0 and 999");
        }
        out->groups[i] =
            (struct action_group){tuple->target_group_arn, tuple->has_weight ? tuple->weight : -1};
    }
    out->group_count = config->target_groups.count;
    if (config->target_group_stickiness_config != NULL) {
        out->is_sticky = config->target_group_stickiness_config->enabled;
        out->sticky_seconds = config->target_group_stickiness_config->duration_seconds;
    }
    return RC_OK;
}

static void read_redirect(const struct elbv2_redirect_action_config *in,
                          struct action_redirect *out)
{
    if (in != NULL) {
        *out = (struct action_redirect){true,     in->protocol, in->host,       in->port,
                                        in->path, in->query,    in->status_code};
    }
}

static void read_fixed(const struct elbv2_fixed_response_action_config *in,
                       struct action_fixed *out)
{
    if (in != NULL) {
        *out = (struct action_fixed){true, in->status_code, in->content_type, in->message_body};
    }
}

enum rc actions_read(struct call *call, const struct elbv2_actions *in, struct actions *out)
{
    out->count = in->count;
    out->at = ARENA_ARRAY(call->arena, struct action, in->count);
    if (out->at == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < in->count; i++) {
        struct action *action = &out->at[i];

        TRY(action_type_find(in->items[i].type, &action->type)); /* the facts know the words */
        action->order = in->items[i].order;
        TRY(read_forward(call, &in->items[i], &action->forward));
        read_redirect(in->items[i].redirect_config, &action->redirect);
        read_fixed(in->items[i].fixed_response_config, &action->fixed);
    }
    return RC_OK;
}

/* AWS ELBv2: one group comes back in both forms, several in the long one only (observed). */
static enum rc write_forward(struct call *call, const struct action_forward *forward,
                             struct elbv2_action *out)
{
    struct elbv2_forward_action_config *config;

    if (forward->group_count == 1) {
        out->target_group_arn = forward->groups[0].arn;
    }
    TRY(CALL_NEW(call, &out->forward_config));
    config = out->forward_config;
    TRY(CALL_LIST(call, &config->target_groups, forward->group_count));
    for (size_t i = 0; i < forward->group_count; i++) {
        config->target_groups.items[i].target_group_arn = forward->groups[i].arn;
        CALL_SET(&config->target_groups.items[i], weight, forward->groups[i].weight);
    }
    TRY(CALL_NEW(call, &config->target_group_stickiness_config));
    CALL_SET(config->target_group_stickiness_config, enabled, forward->is_sticky);
    if (forward->sticky_seconds > 0) {
        CALL_SET(config->target_group_stickiness_config, duration_seconds, forward->sticky_seconds);
    }
    return RC_OK;
}

static enum rc write_redirect(struct call *call, const struct action_redirect *redirect,
                              struct elbv2_action *out)
{
    TRY(CALL_NEW(call, &out->redirect_config));
    *out->redirect_config = (struct elbv2_redirect_action_config){
        .protocol = redirect->protocol,
        .port = redirect->port,
        .host = redirect->host,
        .path = redirect->path,
        .query = redirect->query,
        .status_code = redirect->status,
    };
    return RC_OK;
}

static enum rc write_fixed(struct call *call, const struct action_fixed *fixed,
                           struct elbv2_action *out)
{
    TRY(CALL_NEW(call, &out->fixed_response_config));
    *out->fixed_response_config = (struct elbv2_fixed_response_action_config){
        .message_body = fixed->body,
        .status_code = fixed->status,
        .content_type = fixed->content_type,
    };
    return RC_OK;
}

static enum rc write_one(struct call *call, const struct action *action, struct elbv2_action *out)
{
    out->type = text_of(action_type_word(action->type));
    if (action->order > 0) {
        CALL_SET(out, order, action->order);
    }
    switch (action->type) {
    case ACTION_FORWARD:
        return write_forward(call, &action->forward, out);
    case ACTION_REDIRECT:
        return write_redirect(call, &action->redirect, out);
    case ACTION_FIXED_RESPONSE:
        return write_fixed(call, &action->fixed, out);
    case ACTION_AUTHENTICATE_OIDC:
    case ACTION_AUTHENTICATE_COGNITO:
    case ACTION_JWT_VALIDATION:
        break; /* never stored */
    }
    return RC_BAD;
}

enum rc actions_write(struct call *call, const struct actions *actions, struct elbv2_actions *out)
{
    TRY(CALL_LIST(call, out, actions->count));
    for (size_t i = 0; i < actions->count; i++) {
        TRY(write_one(call, &actions->at[i], &out->items[i]));
    }
    return RC_OK;
}
