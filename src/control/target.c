/* SPDX-License-Identifier: Apache-2.0 */
#include "control/target.h"

#include "control/board.h"
#include "control/elb_quota.h"
#include "control/target_check.h"
#include "control/target_group.h"
#include "snapshot/address.h"
#include "store/balancer.h"

/* What of a group and its load balancer decides how its targets are. */
struct view {
    struct target_group_row group;
    struct text *zones; /* of the load balancer; none: no rule refers to the group */
    size_t zone_count;
    bool is_used;
    bool is_cross_zone;
};

static enum rc check_counts(struct turn *turn, const struct target_group *group);
static enum rc view_of(struct turn *turn, struct text group, struct view *out);
static void tell(const struct turn *turn, const struct view *view, const struct target_row *row,
                 struct target_health *out);

static enum rc register_one(struct turn *turn, const struct target_group_row *group,
                            const struct target_name *name, bool is_cross_zone)
{
    struct target_row row;
    struct target_row before;
    enum rc rc;

    TRY(target_check(turn, group, name, &row));
    if (!is_cross_zone && row.names_zone && text_eq(row.zone, TEXT("all"))) {
        return refuse(&turn->refusal, RC_BAD, "InvalidConfigurationRequest",
                      "You cannot register a target with Availability Zone 'all' while cross-zone "
                      "load balancing is off");
    }
    rc = target_row_get(turn->store, turn->arena, group->arn, row.id, row.port, &before);
    if (rc == RC_OK && before.drain_until_ms == 0) {
        return RC_OK;
    }
    /* AWS ELBv2, "Register targets": an address waits for the end of its deregistration delay. */
    if (rc == RC_OK && text_eq(group->target_type, TEXT("ip"))) {
        return refuse(&turn->refusal, RC_BAD, "InvalidTarget",
                      "The following targets are deregistering and cannot be registered until "
                      "their deregistration delay has ended: '%.*s:%lld'",
                      TEXT_ARG(row.id), (long long)row.port);
    }
    if (rc != RC_OK && rc != RC_ABSENT) {
        return rc;
    }
    return target_row_put(turn->store, &row);
}

enum rc target_register(struct turn *turn, struct text group_arn, const struct target_name *names,
                        size_t count)
{
    struct attribute_set attributes;
    struct target_group group;
    bool is_cross_zone;

    TRY(target_group_find(turn, group_arn, &group));
    TRY(target_group_attributes(turn, group_arn, &attributes));
    is_cross_zone =
        !text_eq(attribute_value(&attributes, "load_balancing.cross_zone.enabled"), TEXT("false"));
    for (size_t i = 0; i < count; i++) {
        /* What one target needs is forgotten before the next: there may be a thousand. */
        const struct arena_mark mark = arena_mark(turn->arena);

        TRY(register_one(turn, &group.row, &names[i], is_cross_zone));
        arena_rewind(turn->arena, mark);
    }
    return check_counts(turn, &group);
}

static enum rc check_counts(struct turn *turn, const struct target_group *group)
{
    int64_t count = 0;

    TRY(target_row_count(turn->store, group->row.arn, &count));
    if (count > elb_quota_max(ELB_QUOTA_TARGETS)) {
        return refuse(&turn->refusal, RC_LIMIT, "TooManyTargets",
                      "You have reached the maximum number of targets per target group: [%lld]",
                      (long long)elb_quota_max(ELB_QUOTA_TARGETS));
    }
    if (text_is_empty(group->balancer)) {
        return RC_OK;
    }
    TRY(target_row_count_of_balancer(turn->store, group->balancer, &count));
    if (count > elb_quota_max(ELB_QUOTA_BALANCER_TARGETS)) {
        return refuse(&turn->refusal, RC_LIMIT, "TooManyTargets",
                      "You have reached the maximum number of targets that you can register with a "
                      "load balancer of type 'application': [%lld]",
                      (long long)elb_quota_max(ELB_QUOTA_BALANCER_TARGETS));
    }
    return RC_OK;
}

static enum rc deregister_one(struct turn *turn, const struct target_group_row *group,
                              const struct target_name *name, int64_t delay_ms)
{
    const int64_t port = name->port != 0 ? name->port : group->port;
    struct target_row row;
    const enum rc rc = target_row_get(turn->store, turn->arena, group->arn, name->id, port, &row);

    if (rc == RC_ABSENT || (rc == RC_OK && row.drain_until_ms != 0)) {
        return RC_OK;
    }
    TRY(rc);
    if (delay_ms == 0) {
        return target_row_remove(turn->store, group->arn, row.id, port);
    }
    return target_row_drain(turn->store, group->arn, row.id, port, turn->now_unix_ms + delay_ms);
}

enum rc target_deregister(struct turn *turn, struct text group_arn, const struct target_name *names,
                          size_t count)
{
    struct attribute_set attributes;
    struct target_group_row group;
    int64_t delay_ms;

    TRY(target_group_find_row(turn, group_arn, &group));
    TRY(target_group_attributes(turn, group_arn, &attributes));
    delay_ms = 1000 * attribute_number(&attributes, "deregistration_delay.timeout_seconds", 300);
    for (size_t i = 0; i < count; i++) {
        TRY(deregister_one(turn, &group, &names[i], delay_ms));
    }
    return RC_OK;
}

/* ---- health ------------------------------------------------------------------------------- */

static enum rc describe_all(struct turn *turn, const struct view *view, struct target_healths *out)
{
    struct target_rows rows;

    TRY(target_row_list(turn->store, turn->arena, view->group.arn, &rows));
    out->at = ARENA_ARRAY(turn->arena, struct target_health, rows.count);
    if (out->at == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < rows.count; i++) {
        if (rows.at[i].drain_until_ms == 0 || rows.at[i].drain_until_ms > turn->now_unix_ms) {
            tell(turn, view, &rows.at[i], &out->at[out->count++]);
        }
    }
    return RC_OK;
}

static struct text health_port_of(struct turn *turn, const struct target_group_row *group,
                                  int64_t port)
{
    if (!text_eq(group->health_port, TEXT("traffic-port"))) {
        return group->health_port;
    }
    return arena_printf(turn->arena, "%lld", (long long)port);
}

static enum rc describe_one(struct turn *turn, const struct view *view,
                            const struct target_name *name, struct target_health *out)
{
    const int64_t port = name->port != 0 ? name->port : view->group.port;
    struct target_row row;
    const enum rc rc =
        target_row_get(turn->store, turn->arena, view->group.arn, name->id, port, &row);

    if (rc == RC_OK && (row.drain_until_ms == 0 || row.drain_until_ms > turn->now_unix_ms)) {
        tell(turn, view, &row, out);
        return RC_OK;
    }
    if (rc != RC_OK && rc != RC_ABSENT) {
        return rc;
    }
    *out = (struct target_health){
        .id = name->id,
        .port = port,
        .zone = name->zone,
        .state = TARGET_UNUSED,
        .reason = TEXT("Target.NotRegistered"),
        .description = TEXT("Target is not registered to the target group"),
    };
    return RC_OK;
}

enum rc target_describe(struct turn *turn, struct text group, const struct target_name *names,
                        size_t count, struct target_healths *out)
{
    struct target_healths healths = {0};
    struct view view;

    TRY(view_of(turn, group, &view));
    if (count == 0) {
        TRY(describe_all(turn, &view, &healths));
    } else {
        healths.at = ARENA_ARRAY(turn->arena, struct target_health, count);
        if (healths.at == NULL) {
            return RC_LIMIT;
        }
    }
    for (size_t i = 0; i < count; i++) {
        TRY(describe_one(turn, &view, &names[i], &healths.at[healths.count++]));
    }
    for (size_t i = 0; i < healths.count; i++) {
        healths.at[i].health_port = health_port_of(turn, &view.group, healths.at[i].port);
    }
    *out = healths;
    return RC_OK;
}

static enum rc view_of(struct turn *turn, struct text group_arn, struct view *out)
{
    struct attribute_set attributes;
    struct balancer_zone_rows zones;
    struct target_group group;

    TRY(target_group_find(turn, group_arn, &group));
    TRY(target_group_attributes(turn, group_arn, &attributes));
    *out = (struct view){
        .group = group.row,
        .is_used = !text_is_empty(group.balancer),
        .is_cross_zone = !text_eq(attribute_value(&attributes, "load_balancing.cross_zone.enabled"),
                                  TEXT("false")),
    };
    TRY(balancer_zone_row_list(turn->store, turn->arena, group.balancer, &zones));
    out->zones = ARENA_ARRAY(turn->arena, struct text, zones.count);
    if (out->zones == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < zones.count; i++) {
        out->zones[i] = zones.at[i].zone;
    }
    out->zone_count = zones.count;
    return RC_OK;
}

static bool has_zone(const struct view *view, struct text zone)
{
    for (size_t i = 0; i < view->zone_count; i++) {
        if (text_eq(view->zones[i], zone)) {
            return true;
        }
    }
    return text_eq(zone, TEXT("all"));
}

/* AWS ELBv2 API, TargetHealth: states that only we know. */
static bool tell_desired(const struct turn *turn, const struct view *view,
                         const struct target_row *row, struct target_health *out)
{
    uint32_t address;

    if (row->drain_until_ms != 0) {
        out->state = TARGET_DRAINING;
        out->reason = TEXT("Target.DeregistrationInProgress");
        out->description = TEXT("Target deregistration is in progress");
        return true;
    }
    out->state = TARGET_UNUSED;
    out->reason = TEXT("Target.NotInUse");
    if (!view->is_used) {
        out->description = TEXT("Target group is not configured to receive traffic from the load "
                                "balancer");
        return true;
    }
    if (!has_zone(view, row->zone)) {
        out->description = TEXT("Target is in an Availability Zone that is not enabled for the "
                                "load balancer");
        return true;
    }
    if (target_address(turn->config, row->id, &address) != RC_OK) {
        out->reason = TEXT("Target.InvalidState");
        out->description = TEXT("Target is in the stopped state");
        return true;
    }
    return false;
}

static struct text describe_reason(struct arena *arena, const struct board_health *health)
{
    if (health->reason == TARGET_REASON_RESPONSE_CODE_MISMATCH) {
        return arena_printf(arena, "Health checks failed with these codes: [%d]", health->detail);
    }
    static const char *const descriptions[] = {
#define X(id, code, description) [TARGET_REASON_##id] = (description),
        TARGET_REASONS(X)
#undef X
    };
    return text_of(descriptions[health->reason]);
}

static void tell(const struct turn *turn, const struct view *view, const struct target_row *row,
                 struct target_health *out)
{
    static const char *const codes[] = {
#define X(id, code, description) [TARGET_REASON_##id] = (code),
        TARGET_REASONS(X)
#undef X
    };
    const bool is_zonal = !view->is_cross_zone && !text_eq(row->zone, TEXT("all"));

    *out = (struct target_health){.id = row->id, .port = row->port};
    if (text_eq(view->group.target_type, TEXT("ip"))) {
        out->zone = row->zone;
    }
    if (tell_desired(turn, view, row, out)) {
        return;
    }
    const struct board_health health =
        board_target(turn->board, row->group, row->id, (uint16_t)row->port,
                     is_zonal ? &row->zone : view->zones, is_zonal ? 1 : view->zone_count);
    out->state = health.state;
    out->reason = text_of(codes[health.reason]);
    out->description = describe_reason(turn->arena, &health);
}

const char *target_state_word(enum target_state state)
{
    static const char *const words[] = {
        [TARGET_INITIAL] = "initial",     [TARGET_HEALTHY] = "healthy",
        [TARGET_UNHEALTHY] = "unhealthy", [TARGET_UNUSED] = "unused",
        [TARGET_DRAINING] = "draining",   [TARGET_UNAVAILABLE] = "unavailable",
    };

    return words[state];
}

enum rc target_address(const struct control_config *config, struct text id, uint32_t *out)
{
    for (size_t i = 0; i < config->instance_count; i++) {
        if (text_eq(config->instances[i].id, id)) {
            return address_parse(config->instances[i].address, out);
        }
    }
    return address_parse(id, out) == RC_OK ? RC_OK : RC_ABSENT;
}
