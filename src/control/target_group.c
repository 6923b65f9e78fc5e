/* SPDX-License-Identifier: Apache-2.0 */
#include "control/target_group.h"

#include "control/attributes.h"
#include "control/balancer.h"
#include "control/elb_arn.h"
#include "control/elb_quota.h"
#include "control/elb_tags.h"
#include "control/health_check.h"
#include "control/id.h"
#include "store/attribute.h"
#include "store/target.h"
#include "store/vpc.h"

static enum rc check_settings(struct turn *turn, const struct target_group_new *wanted,
                              struct target_group_row *out);
static enum rc insert(struct turn *turn, const struct target_group_new *wanted,
                      struct target_group_row *row);
static enum rc complete(struct turn *turn, struct target_group *group);
static bool is_same(const struct target_group_row *a, const struct target_group_row *b);

enum rc target_group_create(struct turn *turn, const struct target_group_new *wanted,
                            struct target_group *out)
{
    struct target_group_row row = {0};
    enum rc rc;

    TRY(check_settings(turn, wanted, &row));
    rc = target_group_row_get_named(turn->store, turn->arena, wanted->name, &out->row);
    if (rc == RC_OK) {
        if (!is_same(&out->row, &row)) {
            return refuse(&turn->refusal, RC_CONFLICT, "DuplicateTargetGroupName",
                          "A target group with the same name '%.*s' exists, but with different "
                          "settings",
                          TEXT_ARG(wanted->name));
        }
        return complete(turn, out);
    }
    if (rc != RC_ABSENT) {
        return rc;
    }
    TRY(insert(turn, wanted, &row));
    *out = (struct target_group){.row = row};
    return RC_OK;
}

static struct text or_default(struct text given, struct text otherwise)
{
    return text_is_empty(given) ? otherwise : given;
}

static enum rc check_type(struct turn *turn, struct text type)
{
    if (text_eq(type, TEXT("instance")) || text_eq(type, TEXT("ip"))) {
        return RC_OK;
    }
    return refuse(&turn->refusal, RC_BAD, "InvalidConfigurationRequest",
                  "Target type '%.*s' is not supported: openalb's target groups have instances or "
                  "IP addresses",
                  TEXT_ARG(type));
}

static enum rc check_protocol(struct turn *turn, const struct target_group_new *wanted)
{
    if (text_is_empty(wanted->protocol)) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError", "A protocol must be specified");
    }
    if (!text_eq(wanted->protocol, TEXT("HTTP")) && !text_eq(wanted->protocol, TEXT("HTTPS"))) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "Target group protocol '%.*s' must be one of 'HTTP, HTTPS'",
                      TEXT_ARG(wanted->protocol));
    }
    if (wanted->port == 0) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError", "A port must be specified");
    }
    return RC_OK;
}

static enum rc check_version(struct turn *turn, struct text version)
{
    if (text_eq(version, TEXT("HTTP1")) || text_eq(version, TEXT("HTTP2")) ||
        text_eq(version, TEXT("GRPC"))) {
        return RC_OK;
    }
    return refuse(&turn->refusal, RC_BAD, "ValidationError",
                  "Protocol version '%.*s' must be one of 'HTTP1, HTTP2, GRPC'", TEXT_ARG(version));
}

static enum rc check_vpc(struct turn *turn, struct text vpc_id)
{
    struct vpc_row vpc;
    enum rc rc;

    if (text_is_empty(vpc_id)) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError", "A VPC ID must be specified");
    }
    rc = vpc_row_get(turn->store, turn->arena, vpc_id, &vpc);
    if (rc == RC_ABSENT) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError", "The VPC ID '%.*s' is not found",
                      TEXT_ARG(vpc_id));
    }
    return rc;
}

static enum rc check_settings(struct turn *turn, const struct target_group_new *wanted,
                              struct target_group_row *out)
{
    *out = (struct target_group_row){
        .name = wanted->name,
        .target_type = or_default(wanted->target_type, TEXT("instance")),
        .protocol = wanted->protocol,
        .protocol_version = or_default(wanted->protocol_version, TEXT("HTTP1")),
        .ip_address_type = or_default(wanted->ip_address_type, TEXT("ipv4")),
        .vpc_id = wanted->vpc_id,
        .port = wanted->port,
    };
    TRY(elb_name_check(turn, "Target group", wanted->name));
    TRY(check_type(turn, out->target_type));
    TRY(check_protocol(turn, wanted));
    TRY(check_version(turn, out->protocol_version));
    if (!text_eq(out->ip_address_type, TEXT("ipv4"))) {
        return refuse(&turn->refusal, RC_BAD, "InvalidConfigurationRequest",
                      "Target groups with IP address type '%.*s' are not supported: the VPC has no "
                      "IPv6 CIDR block",
                      TEXT_ARG(out->ip_address_type));
    }
    TRY(check_vpc(turn, wanted->vpc_id));
    health_check_defaults(out);
    return health_check_change(turn, &wanted->health, out);
}

static enum rc insert(struct turn *turn, const struct target_group_new *wanted,
                      struct target_group_row *row)
{
    int64_t count = 0;

    TRY(target_group_row_count(turn->store, &count));
    if (count >= elb_quota_max(ELB_QUOTA_TARGET_GROUPS)) {
        return refuse(&turn->refusal, RC_LIMIT, "TooManyTargetGroups",
                      "The maximum number of target groups has been reached");
    }
    row->id = arena_printf(turn->arena, "targetgroup/%.*s/%.*s", TEXT_ARG(row->name),
                           TEXT_ARG(id_elb(turn)));
    row->arn = arn_of(turn, "elasticloadbalancing", "%.*s", TEXT_ARG(row->id));
    row->created_ms = turn->now_unix_ms;
    TRY(target_group_row_insert(turn->store, row));
    return elb_tags_put(turn, row->arn, wanted->tags, wanted->tag_count);
}

static enum rc complete(struct turn *turn, struct target_group *group)
{
    const enum rc rc =
        target_group_row_balancer(turn->store, turn->arena, group->row.arn, &group->balancer);

    if (rc == RC_ABSENT) {
        group->balancer = (struct text){NULL, 0};
        return RC_OK;
    }
    return rc;
}

static bool is_same_check(const struct target_group_row *a, const struct target_group_row *b)
{
    return text_eq(a->health_protocol, b->health_protocol) &&
           text_eq(a->health_port, b->health_port) && text_eq(a->health_path, b->health_path) &&
           text_eq(a->health_matcher, b->health_matcher) &&
           a->health_interval_s == b->health_interval_s &&
           a->health_timeout_s == b->health_timeout_s &&
           a->healthy_threshold == b->healthy_threshold &&
           a->unhealthy_threshold == b->unhealthy_threshold;
}

/* Tags are no settings. */
static bool is_same(const struct target_group_row *a, const struct target_group_row *b)
{
    return text_eq(a->target_type, b->target_type) && text_eq(a->protocol, b->protocol) &&
           text_eq(a->protocol_version, b->protocol_version) &&
           text_eq(a->ip_address_type, b->ip_address_type) && text_eq(a->vpc_id, b->vpc_id) &&
           a->port == b->port && is_same_check(a, b);
}

enum rc target_group_modify(struct turn *turn, struct text arn,
                            const struct health_check_new *health, struct target_group *out)
{
    TRY(target_group_find(turn, arn, out));
    TRY(health_check_change(turn, health, &out->row));
    return target_group_row_update(turn->store, &out->row);
}

enum rc target_group_delete(struct turn *turn, struct text arn)
{
    enum rc rc;

    TRY(elb_arn_check(turn, arn, ELB_TARGET_GROUP));
    rc = target_group_row_remove(turn->store, arn);
    if (rc == RC_CONFLICT) {
        return refuse(&turn->refusal, RC_CONFLICT, "ResourceInUse",
                      "Target group '%.*s' is currently in use by a listener or a rule",
                      TEXT_ARG(arn));
    }
    TRY(rc);
    TRY(attribute_row_remove_all(turn->store, arn));
    return tag_row_delete_all(turn->store, arn);
}

enum rc target_group_find_row(struct turn *turn, struct text arn, struct target_group_row *out)
{
    enum rc rc;

    TRY(elb_arn_check(turn, arn, ELB_TARGET_GROUP));
    rc = target_group_row_get(turn->store, turn->arena, arn, out);
    return rc == RC_ABSENT ? elb_refuse_absent(turn, ELB_TARGET_GROUP) : rc;
}

enum rc target_group_find(struct turn *turn, struct text arn, struct target_group *out)
{
    TRY(target_group_find_row(turn, arn, &out->row));
    return complete(turn, out);
}

static enum rc find_named(struct turn *turn, struct text name, struct target_group_row *out)
{
    const enum rc rc = target_group_row_get_named(turn->store, turn->arena, name, out);

    return rc == RC_ABSENT ? elb_refuse_absent(turn, ELB_TARGET_GROUP) : rc;
}

static enum rc list_of_balancer(struct turn *turn, struct text balancer,
                                struct target_group_rows *out)
{
    struct balancer_row row;

    TRY(balancer_find_row(turn, balancer, &row));
    return target_group_row_list_of_balancer(turn->store, turn->arena, balancer, out);
}

static enum rc list_chosen(struct turn *turn, const struct text *arns, size_t arn_count,
                           const struct text *names, size_t name_count,
                           struct target_group_rows *out)
{
    out->count = arn_count + name_count;
    out->at = ARENA_ARRAY(turn->arena, struct target_group_row, out->count);
    if (out->at == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < arn_count; i++) {
        TRY(target_group_find_row(turn, arns[i], &out->at[i]));
    }
    for (size_t i = 0; i < name_count; i++) {
        TRY(find_named(turn, names[i], &out->at[i]));
    }
    return RC_OK;
}

static enum rc check_one_filter(struct turn *turn, bool has_balancer, bool has_arns, bool has_names)
{
    if ((has_balancer ? 1 : 0) + (has_arns ? 1 : 0) + (has_names ? 1 : 0) <= 1) {
        return RC_OK;
    }
    return refuse(&turn->refusal, RC_BAD, "ValidationError",
                  "Target group names, target group ARNs, and a load balancer ARN cannot be "
                  "specified at the same time");
}

enum rc target_group_find_all(struct turn *turn, struct text balancer, const struct text *arns,
                              size_t arn_count, const struct text *names, size_t name_count,
                              struct target_groups *out)
{
    struct target_group_rows rows;

    TRY(check_one_filter(turn, !text_is_empty(balancer), arn_count > 0, name_count > 0));
    if (!text_is_empty(balancer)) {
        TRY(list_of_balancer(turn, balancer, &rows));
    } else if (arn_count + name_count > 0) {
        TRY(list_chosen(turn, arns, arn_count, names, name_count, &rows));
    } else {
        TRY(target_group_row_list(turn->store, turn->arena, &rows));
    }
    out->at = ARENA_ARRAY(turn->arena, struct target_group, rows.count);
    if (out->at == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < rows.count; i++) {
        out->at[i].row = rows.at[i];
        TRY(complete(turn, &out->at[i]));
    }
    out->count = rows.count;
    return RC_OK;
}

/* ---- attributes --------------------------------------------------------------------------- */

static enum rc has_zoneless(struct turn *turn, struct text arn, bool *out)
{
    struct target_rows rows;

    TRY(target_row_list(turn->store, turn->arena, arn, &rows));
    *out = false;
    for (size_t i = 0; i < rows.count && !*out; i++) {
        *out = rows.at[i].names_zone && text_eq(rows.at[i].zone, TEXT("all"));
    }
    return RC_OK;
}

enum rc target_group_attributes(struct turn *turn, struct text arn, struct attribute_set *out)
{
    struct attribute_scope scope = {.of = ATTRIBUTE_OF_GROUP};
    struct target_group_row row;

    TRY(target_group_find_row(turn, arn, &row));
    scope.has_streams = !text_eq(row.protocol_version, TEXT("HTTP1"));
    TRY(has_zoneless(turn, arn, &scope.has_zoneless));
    return attributes_load(turn, arn, &scope, out);
}

enum rc target_group_set_attributes(struct turn *turn, struct text arn,
                                    const struct attribute *changes, size_t count,
                                    struct attribute_set *out)
{
    TRY(target_group_attributes(turn, arn, out));
    return attributes_save(turn, arn, changes, count, out);
}
