/* SPDX-License-Identifier: Apache-2.0 */
#include "control/action.h"

#include "codec/json.h"
#include "control/elb_arn.h"
#include "control/elb_quota.h"

#define DOCUMENT_BYTES_MAX                                                 \
    (64 * 1024) /* of one rule's actions: far above what the checks let by \
                 */

static const struct {
    const char *word;
    const char *config; /* what must be given with it */
} types[] = {
    [ACTION_FORWARD] = {"forward", "TargetGroupArn"},
    [ACTION_REDIRECT] = {"redirect", "RedirectConfig"},
    [ACTION_FIXED_RESPONSE] = {"fixed-response", "FixedResponseConfig"},
    [ACTION_AUTHENTICATE_OIDC] = {"authenticate-oidc", "AuthenticateOidcConfig"},
    [ACTION_AUTHENTICATE_COGNITO] = {"authenticate-cognito", "AuthenticateCognitoConfig"},
    [ACTION_JWT_VALIDATION] = {"jwt-validation", "JwtValidationConfig"},
};

static enum rc check_one(struct turn *turn, struct action *action,
                         const struct action_place *place);
static enum rc check_guard(struct turn *turn, const struct action *action,
                           const struct action_place *place);
static enum rc check_forward(struct turn *turn, struct action_forward *forward);
static enum rc check_redirect(struct turn *turn, struct action_redirect *redirect,
                              const struct action_place *place);
static enum rc check_fixed(struct turn *turn, const struct action_fixed *fixed);

enum rc action_type_find(struct text word, enum action_type *out)
{
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        if (text_eq(word, text_of(types[i].word))) {
            *out = (enum action_type)i;
            return RC_OK;
        }
    }
    return RC_ABSENT;
}

const char *action_type_word(enum action_type type)
{
    return types[type].word;
}

enum rc actions_check(struct turn *turn, struct actions *actions, const struct action_place *place)
{
    if (actions->count == 0) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError", "An action must be specified");
    }
    for (size_t i = 0; i < actions->count; i++) {
        TRY(check_one(turn, &actions->at[i], place));
    }
    /* AWS ALB, "Actions": one that answers or forwards; those that go before it are refused above.
     */
    if (actions->count > 1) {
        return refuse(&turn->refusal, RC_LIMIT, "TooManyActions",
                      "You've reached the limit on the number of actions per rule: a rule has one "
                      "forward, redirect or fixed-response action");
    }
    return RC_OK;
}

static enum rc refuse_action(struct turn *turn, const char *message)
{
    return refuse(&turn->refusal, RC_BAD, "InvalidLoadBalancerAction", "%s", message);
}

static enum rc refuse_incomplete(struct turn *turn, enum action_type type)
{
    return refuse(&turn->refusal, RC_BAD, "InvalidLoadBalancerAction",
                  "For actions of type '%s', you must specify the following fields: '%s'",
                  types[type].word, types[type].config);
}

static enum rc check_one(struct turn *turn, struct action *action, const struct action_place *place)
{
    switch (action->type) {
    case ACTION_FORWARD:
        return check_forward(turn, &action->forward);
    case ACTION_REDIRECT:
        return check_redirect(turn, &action->redirect, place);
    case ACTION_FIXED_RESPONSE:
        return check_fixed(turn, &action->fixed);
    case ACTION_AUTHENTICATE_OIDC:
    case ACTION_AUTHENTICATE_COGNITO:
    case ACTION_JWT_VALIDATION:
        return check_guard(turn, action, place);
    }
    return RC_BAD;
}

static enum rc check_guard(struct turn *turn, const struct action *action,
                           const struct action_place *place)
{
    if (!place->is_https) {
        return refuse(&turn->refusal, RC_BAD, "InvalidLoadBalancerAction",
                      "Actions of type '%s' are supported only on HTTPS listeners.",
                      types[action->type].word);
    }
    return refuse(&turn->refusal, RC_BAD, "InvalidLoadBalancerAction",
                  "Actions of type '%s' are not supported by this version of openalb",
                  types[action->type].word);
}

/* ---- forward ------------------------------------------------------------------------------ */

static enum rc check_groups(struct turn *turn, struct action_forward *forward)
{
    if (forward->group_count > (size_t)elb_quota_max(ELB_QUOTA_ACTION_TARGET_GROUPS)) {
        return refuse(&turn->refusal, RC_LIMIT, "TooManyTargetGroups",
                      "You have reached the maximum number of target groups per action: [%lld]",
                      (long long)elb_quota_max(ELB_QUOTA_ACTION_TARGET_GROUPS));
    }
    for (size_t i = 0; i < forward->group_count; i++) {
        struct action_group *group = &forward->groups[i];

        TRY(elb_arn_check(turn, group->arn, ELB_TARGET_GROUP));
        group->weight = group->weight < 0 ? 1 : group->weight;
        if (group->weight > 999) {
            return refuse_action(turn, "The weight of a target group must be between 0 and 999");
        }
        for (size_t j = 0; j < i; j++) {
            if (text_eq(group->arn, forward->groups[j].arn)) {
                return refuse(&turn->refusal, RC_BAD, "InvalidLoadBalancerAction",
                              "The target group '%.*s' was specified more than once",
                              TEXT_ARG(group->arn));
            }
        }
    }
    return RC_OK;
}

/* AWS ELBv2 API, Action: if both forms are given, ForwardConfig holds that one group. */
static enum rc join_forms(struct turn *turn, struct action_forward *forward)
{
    if (text_is_empty(forward->target_group_arn)) {
        return RC_OK;
    }
    if (forward->group_count == 0) {
        forward->groups = ARENA_NEW(turn->arena, struct action_group);
        if (forward->groups == NULL) {
            return RC_LIMIT;
        }
        forward->groups[0] = (struct action_group){forward->target_group_arn, 1};
        forward->group_count = 1;
        return RC_OK;
    }
    if (forward->group_count > 1 || !text_eq(forward->groups[0].arn, forward->target_group_arn)) {
        return refuse_action(turn, "If you specify both ForwardConfig and TargetGroupArn, you can "
                                   "specify only one target group using ForwardConfig and it must "
                                   "be the same target group specified in TargetGroupArn.");
    }
    return RC_OK;
}

static enum rc check_forward(struct turn *turn, struct action_forward *forward)
{
    TRY(join_forms(turn, forward));
    if (forward->group_count == 0) {
        return refuse_incomplete(turn, ACTION_FORWARD);
    }
    TRY(check_groups(turn, forward));
    if ((forward->is_sticky || forward->sticky_seconds != 0) &&
        (forward->sticky_seconds < 1 || forward->sticky_seconds > 604800)) {
        return refuse_action(turn, "Target group stickiness duration must be between 1 and 604800 "
                                   "seconds");
    }
    return RC_OK;
}

/* ---- redirect ----------------------------------------------------------------------------- */

/* How often `token` stands in `value`. */
static size_t count_token(struct text value, const char *token)
{
    const size_t len = strlen(token);
    size_t count = 0;

    for (size_t i = 0; i + len <= value.len; i++) {
        count += memcmp(value.at + i, token, len) == 0 ? 1 : 0;
    }
    return count;
}

/* Placeholders: each of `allowed` at most once, and nothing else that looks like one. */
static bool tokens_fit(struct text value, const char *const *allowed)
{
    size_t known = 0;

    for (size_t i = 0; allowed[i] != NULL; i++) {
        const size_t count = count_token(value, allowed[i]);

        if (count > 1) {
            return false;
        }
        known += count;
    }
    return count_token(value, "#{") == known;
}

static bool port_fits(struct text port)
{
    int64_t number;

    return text_eq(port, TEXT("#{port}")) || text_to_int(port, 1, 65535, &number) == RC_OK;
}

static bool is_visible(struct text value)
{
    for (size_t i = 0; i < value.len; i++) {
        if ((unsigned char)value.at[i] <= ' ' || (unsigned char)value.at[i] >= 0x7f) {
            return false;
        }
    }
    return true;
}

static enum rc check_redirect_parts(struct turn *turn, const struct action_redirect *redirect)
{
    static const char *const in_host[] = {"#{host}", NULL};
    static const char *const in_path[] = {"#{path}", "#{host}", "#{port}", NULL};
    static const char *const in_query[] = {"#{query}", "#{path}",     "#{host}",
                                           "#{port}",  "#{protocol}", NULL};

    if (!text_starts(redirect->path, TEXT("/")) || !is_visible(redirect->path) ||
        !tokens_fit(redirect->path, in_path)) {
        return refuse_action(turn,
                             "The Path parameter must be a valid path, should start with a '/' and "
                             "may contain up to one of each of these placeholders: '#{path}', "
                             "'#{host}', '#{port}'.");
    }
    if (text_is_empty(redirect->host) || !is_visible(redirect->host) ||
        text_find(redirect->host, '/') < redirect->host.len ||
        !tokens_fit(redirect->host, in_host)) {
        return refuse_action(turn, "The Host parameter must be a valid host name and may contain "
                                   "one of this placeholder: '#{host}'.");
    }
    if (!port_fits(redirect->port)) {
        return refuse_action(turn, "The Port parameter must be a number between 1 and 65535 or "
                                   "the placeholder '#{port}'.");
    }
    if (text_starts(redirect->query, TEXT("?")) || !is_visible(redirect->query) ||
        !tokens_fit(redirect->query, in_query)) {
        return refuse_action(turn, "The Query parameter must be a valid query without a leading "
                                   "'?' and may contain up to one of each of these placeholders: "
                                   "'#{query}', '#{path}', '#{host}', '#{port}', '#{protocol}'.");
    }
    return RC_OK;
}

static bool keeps(struct text value, struct text token, struct text same)
{
    return text_eq(value, token) || text_eq_nocase(value, same);
}

static enum rc check_loop(struct turn *turn, const struct action_redirect *redirect,
                          const struct action_place *place)
{
    const struct text protocol = place->is_https ? TEXT("HTTPS") : TEXT("HTTP");
    const struct text port = arena_printf(turn->arena, "%lld", (long long)place->port);

    if (place->is_https && text_eq(redirect->protocol, TEXT("HTTP"))) {
        return refuse_action(turn, "You cannot redirect HTTPS to HTTP");
    }
    if (keeps(redirect->protocol, TEXT("#{protocol}"), protocol) &&
        keeps(redirect->port, TEXT("#{port}"), port) && text_eq(redirect->host, TEXT("#{host}")) &&
        text_eq(redirect->path, TEXT("/#{path}"))) {
        return refuse_action(turn,
                             "The redirect configuration is not valid because it creates a loop.");
    }
    return RC_OK;
}

static void default_to(struct text *value, struct text otherwise)
{
    if (value->at == NULL) {
        *value = otherwise;
    }
}

static enum rc check_redirect(struct turn *turn, struct action_redirect *redirect,
                              const struct action_place *place)
{
    if (!redirect->is_given) {
        return refuse_incomplete(turn, ACTION_REDIRECT);
    }
    default_to(&redirect->protocol, TEXT("#{protocol}"));
    default_to(&redirect->host, TEXT("#{host}"));
    default_to(&redirect->port, TEXT("#{port}"));
    default_to(&redirect->path, TEXT("/#{path}"));
    default_to(&redirect->query, TEXT("#{query}"));
    TRY(check_redirect_parts(turn, redirect));
    return check_loop(turn, redirect, place);
}

/* ---- fixed response ----------------------------------------------------------------------- */

static enum rc check_fixed(struct turn *turn, const struct action_fixed *fixed)
{
    static const char *const content_types[] = {"text/html", "application/json",
                                                "application/javascript", "text/css", "text/plain"};

    if (!fixed->is_given) {
        return refuse_incomplete(turn, ACTION_FIXED_RESPONSE);
    }
    if (text_is_empty(fixed->content_type)) {
        return RC_OK;
    }
    for (size_t i = 0; i < ARRAY_LEN(content_types); i++) {
        if (text_eq(fixed->content_type, text_of(content_types[i]))) {
            return RC_OK;
        }
    }
    return refuse_action(turn, "The ContentType must be one of:'text/html', 'application/json', "
                               "'application/javascript', 'text/css', 'text/plain'");
}

/* ---- the document ------------------------------------------------------------------------- */

static void put_optional(struct json_writer *writer, const char *key, struct text value)
{
    if (value.at != NULL) {
        json_put_text(writer, key, value);
    }
}

static void encode_forward(struct json_writer *writer, const struct action_forward *forward)
{
    json_write_key(writer, TEXT("groups"));
    json_write_list(writer);
    for (size_t i = 0; i < forward->group_count; i++) {
        json_write_object(writer);
        json_put_text(writer, "arn", forward->groups[i].arn);
        json_put_integer(writer, "weight", forward->groups[i].weight);
        json_write_object_end(writer);
    }
    json_write_list_end(writer);
    json_put_bool(writer, "is_sticky", forward->is_sticky);
    json_put_integer(writer, "sticky_seconds", forward->sticky_seconds);
}

static void encode_one(struct json_writer *writer, const struct action *action)
{
    json_write_object(writer);
    json_put_text(writer, "type", text_of(types[action->type].word));
    if (action->order > 0) {
        json_put_integer(writer, "order", action->order);
    }
    if (action->type == ACTION_FORWARD) {
        encode_forward(writer, &action->forward);
    }
    if (action->type == ACTION_REDIRECT) {
        json_put_text(writer, "protocol", action->redirect.protocol);
        json_put_text(writer, "host", action->redirect.host);
        json_put_text(writer, "port", action->redirect.port);
        json_put_text(writer, "path", action->redirect.path);
        json_put_text(writer, "query", action->redirect.query);
        json_put_text(writer, "status", action->redirect.status);
    }
    if (action->type == ACTION_FIXED_RESPONSE) {
        json_put_text(writer, "status", action->fixed.status);
        put_optional(writer, "content_type", action->fixed.content_type);
        put_optional(writer, "body", action->fixed.body);
    }
    json_write_object_end(writer);
}

enum rc actions_encode(const struct actions *actions, struct arena *arena, struct text *out)
{
    struct json_writer writer;
    struct buf buf;
    enum rc rc;

    buf_init(&buf, DOCUMENT_BYTES_MAX);
    json_writer_init(&writer, &buf);
    json_write_list(&writer);
    for (size_t i = 0; i < actions->count; i++) {
        encode_one(&writer, &actions->at[i]);
    }
    json_write_list_end(&writer);
    rc = buf_result(&buf);
    if (rc == RC_OK) {
        *out = arena_text(arena, buf_text(&buf));
        rc = out->at != NULL ? RC_OK : RC_LIMIT;
    }
    buf_done(&buf);
    return rc;
}

/* Leaves *out alone when the member is not there. */
static enum rc read_optional(const struct json *json, const char *name, struct text *out)
{
    const enum rc rc = json_get_text(json, name, out);

    return rc == RC_ABSENT ? RC_OK : rc;
}

static enum rc decode_forward(const struct json *json, struct arena *arena,
                              struct action_forward *out)
{
    const struct json *groups;

    TRY(json_get_list(json, "groups", &groups));
    TRY(json_get_bool(json, "is_sticky", &out->is_sticky));
    TRY(json_get_integer(json, "sticky_seconds", &out->sticky_seconds));
    out->groups = ARENA_ARRAY(arena, struct action_group, groups->count);
    if (out->groups == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < groups->count; i++) {
        TRY(json_get_text(&groups->items[i], "arn", &out->groups[i].arn));
        TRY(json_get_integer(&groups->items[i], "weight", &out->groups[i].weight));
    }
    out->group_count = groups->count;
    return RC_OK;
}

static enum rc decode_redirect(const struct json *json, struct action_redirect *out)
{
    out->is_given = true;
    TRY(json_get_text(json, "protocol", &out->protocol));
    TRY(json_get_text(json, "host", &out->host));
    TRY(json_get_text(json, "port", &out->port));
    TRY(json_get_text(json, "path", &out->path));
    TRY(json_get_text(json, "query", &out->query));
    return json_get_text(json, "status", &out->status);
}

static enum rc decode_fixed(const struct json *json, struct action_fixed *out)
{
    out->is_given = true;
    TRY(json_get_text(json, "status", &out->status));
    TRY(read_optional(json, "content_type", &out->content_type));
    return read_optional(json, "body", &out->body);
}

static enum rc decode_one(const struct json *json, struct arena *arena, struct action *out)
{
    struct text type;
    enum rc rc;

    TRY(json_get_text(json, "type", &type));
    TRY(action_type_find(type, &out->type));
    rc = json_get_integer(json, "order", &out->order);
    if (rc != RC_OK && rc != RC_ABSENT) {
        return rc;
    }
    if (out->type == ACTION_FORWARD) {
        return decode_forward(json, arena, &out->forward);
    }
    if (out->type == ACTION_REDIRECT) {
        return decode_redirect(json, &out->redirect);
    }
    return out->type == ACTION_FIXED_RESPONSE ? decode_fixed(json, &out->fixed) : RC_BAD;
}

enum rc actions_decode(struct text document, struct arena *arena, struct actions *out)
{
    const struct json *list;
    struct actions actions = {0};

    TRY(json_parse(document, arena, &list, NULL, 0));
    if (list->type != JSON_IS_LIST) {
        return RC_BAD;
    }
    actions.at = ARENA_ARRAY(arena, struct action, list->count);
    if (actions.at == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < list->count; i++) {
        const enum rc rc = decode_one(&list->items[i], arena, &actions.at[i]);

        if (rc != RC_OK) {
            return rc == RC_LIMIT ? rc : RC_BAD;
        }
    }
    actions.count = list->count;
    *out = actions;
    return RC_OK;
}
