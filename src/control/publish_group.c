/* SPDX-License-Identifier: Apache-2.0 */
/* A target group and its targets, for the snapshot. */
#include "control/publish_inner.h"
#include "control/target.h"
#include "control/target_group.h"

static enum rc add_targets(struct publish *publish, struct snap_group *out);

static enum snap_version version_of(struct text word)
{
    if (text_eq(word, TEXT("GRPC"))) {
        return SNAP_GRPC;
    }
    return text_eq(word, TEXT("HTTP2")) ? SNAP_HTTP2 : SNAP_HTTP1;
}

static enum snap_protocol protocol_of(struct text word)
{
    return text_eq(word, TEXT("HTTPS")) ? SNAP_HTTPS : SNAP_HTTP;
}

static enum snap_algorithm algorithm_of(struct text word)
{
    if (text_eq(word, TEXT("weighted_random"))) {
        return SNAP_WEIGHTED_RANDOM;
    }
    return text_eq(word, TEXT("least_outstanding_requests")) ? SNAP_LEAST_OUTSTANDING
                                                             : SNAP_ROUND_ROBIN;
}

static struct snap_health health_of(const struct target_group_row *row,
                                    const struct attribute_set *attributes)
{
    int64_t port;

    if (text_to_int(row->health_port, 1, 65535, &port) != RC_OK) {
        port = 0; /* "traffic-port" */
    }
    return (struct snap_health){
        .protocol = protocol_of(row->health_protocol),
        .port = (uint16_t)port,
        .path = row->health_path,
        .matcher = row->health_matcher,
        .interval_ms = 1000 * row->health_interval_s,
        .timeout_ms = 1000 * row->health_timeout_s,
        .healthy_threshold = (int)row->healthy_threshold,
        .unhealthy_threshold = (int)row->unhealthy_threshold,
        .initial_healthy_checks = (int)attribute_number(
            attributes, "openalb.initial_healthy_checks", row->healthy_threshold),
    };
}

enum rc publish_group(struct publish *publish, const struct target_group_row *row,
                      struct snap_group *out)
{
#define ROUTING "target_group_health.unhealthy_state_routing.minimum_healthy_targets."
    struct attribute_set attributes;

    TRY(target_group_attributes(publish->turn, row->arn, &attributes));
    *out = (struct snap_group){
        .arn = row->arn,
        .id = row->id,
        .name = row->name,
        .protocol = protocol_of(row->protocol),
        .version = version_of(row->protocol_version),
        .algorithm = algorithm_of(attribute_value(&attributes, "load_balancing.algorithm.type")),
        .health = health_of(row, &attributes),
        .slow_start_ms = 1000 * attribute_number(&attributes, "slow_start.duration_seconds", 0),
        .drain_ms =
            1000 * attribute_number(&attributes, "deregistration_delay.timeout_seconds", 300),
        .is_cross_zone = !text_eq(attribute_value(&attributes, "load_balancing.cross_zone.enabled"),
                                  TEXT("false")),
        .unhealthy_routing_count = (int)attribute_number(&attributes, ROUTING "count", 1),
        .unhealthy_routing_percent = (int)attribute_number(&attributes, ROUTING "percentage", 0),
    };
#undef ROUTING
    out->forwards_resets =
        out->version != SNAP_HTTP1 && /* others do not have this attribute */
        attribute_is_true(&attributes, "routing.http2.rst_stream_error_forwarding.enabled");
    return add_targets(publish, out);
}

static enum rc add_targets(struct publish *publish, struct snap_group *out)
{
    struct turn *turn = publish->turn;
    struct snap_target *targets;
    struct target_rows rows;

    TRY(target_row_list(turn->store, turn->arena, out->arn, &rows));
    targets = ARENA_ARRAY(turn->arena, struct snap_target, rows.count);
    if (targets == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < rows.count; i++) {
        const struct target_row *row = &rows.at[i];
        struct snap_target *target = &targets[out->target_count];

        /* An instance that the configuration no longer names is stopped. */
        if (target_address(turn->config, row->id, &target->ip) != RC_OK) {
            continue;
        }
        target->id = row->id;
        target->port = (uint16_t)row->port;
        target->zone = row->zone;
        target->is_draining = row->drain_until_ms != 0;
        target->drain_until_unix_ms = row->drain_until_ms;
        out->target_count++;
    }
    out->targets = targets;
    return RC_OK;
}
