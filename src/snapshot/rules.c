/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of a snapshot that one member alone cannot tell, and the members that follow from
 * others. A snapshot that passes needs no checks in the nodes: rules are in order and end with the
 * default rule, what is pointed at exists, no two listeners want one address and port. */
#include "snapshot/address.h"
#include "snapshot/tables.h"

enum {
    /* AWS elbv2 API, FixedResponseActionConfig: MessageBody has 1024 characters, here in UTF-8. */
    BODY_MAX_BYTES = 4 * 1024,
    DEFAULT_RULE = 0,
};

static struct snap_names *names_of(const struct record_reader *reader)
{
    return reader->context;
}

const void *snap_find_group(const struct record_reader *reader, struct text arn)
{
    return map_get(&names_of(reader)->groups, arn);
}

const void *snap_find_certificate(const struct record_reader *reader, struct text arn)
{
    return map_get(&names_of(reader)->certificates, arn);
}

const void *snap_find_trust_store(const struct record_reader *reader, struct text arn)
{
    return map_get(&names_of(reader)->trust_stores, arn);
}

enum rc snap_trust_store_finish(struct record_reader *reader, void *item)
{
    struct snap_trust_store *trust_store = item;

    if (map_put(&names_of(reader)->trust_stores, trust_store->arn, trust_store)) {
        return record_refuse(reader, "arn", "stands in the document twice");
    }
    return RC_OK;
}

enum rc snap_certificate_finish(struct record_reader *reader, void *item)
{
    struct snap_certificate *certificate = item;

    if (map_put(&names_of(reader)->certificates, certificate->arn, certificate)) {
        return record_refuse(reader, "arn", "stands in the document twice");
    }
    return RC_OK;
}

/* ---- target groups ------------------------------------------------------------------------ */

enum rc snap_target_finish(struct record_reader *reader, void *item)
{
    struct snap_target *target = item;

    if (target->ip == 0 && address_parse(target->id, &target->ip) != RC_OK) {
        return record_refuse(reader, "ip", "is missing, and the id is not an IPv4 address");
    }
    return RC_OK;
}

enum rc snap_health_finish(struct record_reader *reader, void *item)
{
    struct snap_health *health = item;

    if (health->timeout_ms >= health->interval_ms) {
        return record_refuse(reader, "timeout_ms", "must be less than interval_ms");
    }
    if (health->path.len > 0 && health->path.at[0] != '/') {
        return record_refuse(reader, "path", "must begin with /");
    }
    if (health->initial_healthy_checks == 0) {
        health->initial_healthy_checks = health->healthy_threshold;
    }
    return RC_OK;
}

/* One of "200" and "200-299", within [min, max]. */
static bool is_code_range(struct text range, int64_t min, int64_t max)
{
    const size_t dash = text_find(range, '-');
    int64_t low;
    int64_t high;

    if (text_to_int(text_slice(range, 0, dash), min, max, &low) != RC_OK) {
        return false;
    }
    return dash == range.len ||
           (text_to_int(text_slice(range, dash + 1, range.len), min, max, &high) == RC_OK &&
            low <= high);
}

/* AWS elbv2 API, Matcher: codes, lists and ranges of them; gRPC codes are 0 to 99. HTTP codes are
 * 200 to 499 in AWS, which control enforces; a node can match any. */
static enum rc finish_matcher(struct record_reader *reader, struct snap_group *group)
{
    const bool is_grpc = group->version == SNAP_GRPC;
    struct text rest;
    struct text range;

    if (text_is_empty(group->health.matcher)) {
        group->health.matcher = is_grpc ? TEXT("12") : TEXT("200");
    }
    for (rest = group->health.matcher; text_next(&rest, ',', &range);) {
        if (!is_code_range(text_trim(range), is_grpc ? 0 : 100, is_grpc ? 99 : 599)) {
            return record_refuse(reader, "health.matcher",
                                 "\"%.*s\" is not a code or range of codes",
                                 TEXT_ARG(text_slice(range, 0, 64)));
        }
    }
    return RC_OK;
}

static enum rc check_targets(struct record_reader *reader, const struct snap_group *group)
{
    struct map seen;
    enum rc rc = RC_OK;

    map_init(&seen);
    for (size_t i = 0; i < group->target_count && rc == RC_OK; i++) {
        const struct snap_target *target = &group->targets[i];
        const struct text key =
            arena_printf(reader->arena, "%.*s:%u", TEXT_ARG(target->id), (unsigned)target->port);
        if (!key.at) {
            rc = RC_LIMIT;
        } else if (map_put(&seen, key, reader)) {
            rc = record_refuse(reader, "targets", "%.*s is listed twice",
                               TEXT_ARG(text_slice(key, 0, 128)));
        }
    }
    map_done(&seen);
    return rc;
}

enum rc snap_group_finish(struct record_reader *reader, void *item)
{
    struct snap_group *group = item;

    if (text_is_empty(group->arn)) {
        group->arn = group->name;
    }
    if (text_is_empty(group->id)) {
        group->id =
            arena_printf(reader->arena, "targetgroup/%.*s/0000000000000000", TEXT_ARG(group->name));
    }
    if (text_is_empty(group->health.path)) {
        group->health.path = group->version == SNAP_GRPC ? TEXT("/AWS.ALB/healthcheck") : TEXT("/");
    }
    TRY(finish_matcher(reader, group));
    TRY(check_targets(reader, group));
    if (map_put(&names_of(reader)->groups, group->arn, group)) {
        return record_refuse(reader, "arn", "stands in the document twice");
    }
    return RC_OK;
}

/* ---- actions and conditions --------------------------------------------------------------- */

enum rc snap_action_finish(struct record_reader *reader, void *item)
{
    const struct snap_action *action = item;

    switch (action->type) {
    case SNAP_FORWARD:
        if (action->forward.count == 0) {
            return record_refuse(reader, "forward.groups", "must name a target group");
        }
        return RC_OK;
    case SNAP_REDIRECT:
        if (action->redirect.status != 301 && action->redirect.status != 302) {
            return record_refuse(reader, "redirect.status", "must be 301 or 302");
        }
        return RC_OK;
    case SNAP_FIXED_RESPONSE:
        if (action->fixed.status < 200 ||
            (action->fixed.status > 299 && action->fixed.status < 400)) {
            return record_refuse(reader, "fixed.status", "must be 2xx, 4xx or 5xx");
        }
        if (action->fixed.body.len > BODY_MAX_BYTES) {
            return record_refuse(reader, "fixed.body", "is longer than %d bytes", BODY_MAX_BYTES);
        }
        return RC_OK;
    }
    ASSERT(false);
}

enum rc snap_condition_finish(struct record_reader *reader, void *item)
{
    const struct snap_condition *condition = item;
    const size_t values = condition->value_count + condition->regex_count;

    switch (condition->type) {
    case SNAP_HOST:
    case SNAP_PATH:
    case SNAP_METHOD:
        return values ? RC_OK : record_refuse(reader, "values", "must not be empty");
    case SNAP_FIELD:
        if (text_is_empty(condition->field)) {
            return record_refuse(reader, "field", "must name a header field");
        }
        return values ? RC_OK : record_refuse(reader, "values", "must not be empty");
    case SNAP_QUERY:
        return condition->pair_count ? RC_OK : record_refuse(reader, "pairs", "must not be empty");
    case SNAP_SOURCE_IP:
        return condition->cidr_count ? RC_OK : record_refuse(reader, "cidrs", "must not be empty");
    }
    ASSERT(false);
}

/* ---- rules and listeners ------------------------------------------------------------------ */

enum rc snap_rule_finish(struct record_reader *reader, void *item)
{
    struct snap_rule *rule = item;

    if (text_is_empty(rule->arn)) {
        rule->arn = record_path_text(reader);
    }
    if (rule->action_count != 1) {
        return record_refuse(reader, "actions",
                             "must hold one forward, redirect or fixed-response");
    }
    if (rule->priority == DEFAULT_RULE && rule->condition_count > 0) {
        return record_refuse(reader, "conditions",
                             "must be empty in the default rule (priority 0)");
    }
    if (rule->priority != DEFAULT_RULE && rule->condition_count == 0) {
        return record_refuse(reader, "conditions", "must not be empty but in the default rule");
    }
    return RC_OK;
}

static enum rc check_rule_order(struct record_reader *reader, const struct snap_listener *listener)
{
    const size_t count = listener->rule_count;

    if (count == 0 || listener->rules[count - 1].priority != DEFAULT_RULE) {
        return record_refuse(reader, "rules", "must end with the default rule (priority 0)");
    }
    for (size_t i = 0; i + 1 < count; i++) {
        if (listener->rules[i].priority == DEFAULT_RULE) {
            return record_refuse(reader, "rules", "must hold one default rule, the last");
        }
        if (i > 0 && listener->rules[i].priority <= listener->rules[i - 1].priority) {
            return record_refuse(reader, "rules", "must stand in ascending priority");
        }
    }
    return RC_OK;
}

/* RFC 9110 §5.1 and §5.5, a little stricter: what no receiver takes for something else. */
enum rc snap_field_finish(struct record_reader *reader, void *item)
{
    const struct snap_field *field = item;

    for (size_t i = 0; i < field->name.len; i++) {
        const char c = ascii_lower(field->name.at[i]);
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '_') {
            return record_refuse(reader, "name", "may hold letters, digits, - and _ only");
        }
    }
    for (size_t i = 0; i < field->value.len; i++) {
        if (field->value.at[i] < ' ' || field->value.at[i] > '~') {
            return record_refuse(reader, "value", "may hold printable ASCII only");
        }
    }
    return RC_OK;
}

enum rc snap_listener_finish(struct record_reader *reader, void *item)
{
    struct snap_listener *listener = item;

    if (text_is_empty(listener->arn)) {
        listener->arn = record_path_text(reader);
    }
    if (listener->protocol == SNAP_HTTPS && listener->certificate_count == 0) {
        return record_refuse(reader, "certificates", "must not be empty with HTTPS");
    }
    if (listener->client_auth == SNAP_AUTH_VERIFY && !listener->trust_store) {
        return record_refuse(reader, "trust_store", "must be named with client_auth verify");
    }
    return check_rule_order(reader, listener);
}

/* ---- load balancers ----------------------------------------------------------------------- */

enum rc snap_ingress_finish(struct record_reader *reader, void *item)
{
    const struct snap_ingress *ingress = item;

    return ingress->from_port <= ingress->to_port
               ? RC_OK
               : record_refuse(reader, "from_port", "must not be above to_port");
}

/* Load balancers may share an address, never an address and port. */
static enum rc take_address(struct record_reader *reader, uint32_t ip, uint16_t port)
{
    char address[ADDRESS_TEXT_BYTES];

    address_print(ip, address, sizeof(address));
    const struct text key = arena_printf(reader->arena, "%s:%u", address, (unsigned)port);
    if (!key.at) {
        return RC_LIMIT;
    }
    if (map_put(&names_of(reader)->listeners, key, reader)) {
        return record_refuse(reader, "listeners", "another listener has %.*s already",
                             TEXT_ARG(key));
    }
    return RC_OK;
}

static enum rc take_addresses(struct record_reader *reader, const struct snap_balancer *balancer)
{
    for (size_t i = 0; i < balancer->address_count; i++) {
        for (size_t j = 0; j < balancer->listener_count; j++) {
            TRY(take_address(reader, balancer->addresses[i].ip, balancer->listeners[j].port));
        }
    }
    return RC_OK;
}

enum rc snap_balancer_finish(struct record_reader *reader, void *item)
{
    /* A document that says nothing of ingress knows no security groups. */
    static const struct snap_ingress everybody = {.to_port = 65535};
    struct snap_balancer *balancer = item;

    if (text_is_empty(balancer->arn)) {
        balancer->arn = balancer->name;
    }
    if (text_is_empty(balancer->id)) {
        balancer->id =
            arena_printf(reader->arena, "app/%.*s/0000000000000000", TEXT_ARG(balancer->name));
    }
    if (!balancer->ingress) {
        balancer->ingress = &everybody;
        balancer->ingress_count = 1;
    }
    return take_addresses(reader, balancer);
}
