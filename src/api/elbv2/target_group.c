/* SPDX-License-Identifier: Apache-2.0 */
#include "control/target_group.h"
#include "api/elbv2/elbv2.h"
#include "api/elbv2/tagging.h"

static enum rc write_group(struct call *call, const struct target_group *group,
                           struct elbv2_target_group *out)
{
    const struct target_group_row *row = &group->row;

    out->target_group_arn = row->arn;
    out->target_group_name = row->name;
    out->protocol = row->protocol;
    CALL_SET(out, port, row->port);
    out->vpc_id = row->vpc_id;
    out->health_check_protocol = row->health_protocol;
    out->health_check_port = row->health_port;
    CALL_SET(out, health_check_enabled, true);
    CALL_SET(out, health_check_interval_seconds, row->health_interval_s);
    CALL_SET(out, health_check_timeout_seconds, row->health_timeout_s);
    CALL_SET(out, healthy_threshold_count, row->healthy_threshold);
    CALL_SET(out, unhealthy_threshold_count, row->unhealthy_threshold);
    out->health_check_path = row->health_path;
    out->target_type = row->target_type;
    out->protocol_version = row->protocol_version;
    out->ip_address_type = row->ip_address_type;
    TRY(CALL_NEW(call, &out->matcher));
    if (text_eq(row->protocol_version, TEXT("GRPC"))) {
        out->matcher->grpc_code = row->health_matcher;
    } else {
        out->matcher->http_code = row->health_matcher;
    }
    TRY(CALL_LIST(call, &out->load_balancer_arns, text_is_empty(group->balancer) ? 0 : 1));
    if (!text_is_empty(group->balancer)) {
        out->load_balancer_arns.items[0] = group->balancer;
    }
    return RC_OK;
}

enum rc elbv2_create_target_group(struct call *call,
                                  const struct elbv2_create_target_group_input *in,
                                  struct elbv2_create_target_group_output *out)
{
    struct target_group_new wanted = {
        .name = in->name,
        .target_type = in->target_type,
        .protocol = in->protocol,
        .protocol_version = in->protocol_version,
        .ip_address_type = in->ip_address_type,
        .vpc_id = in->vpc_id,
        .port = in->port,
        .health =
            {
                .has_enabled = in->has_health_check_enabled,
                .is_enabled = in->health_check_enabled,
                .protocol = in->health_check_protocol,
                .port = in->health_check_port,
                .path = in->health_check_path,
                .interval_s = in->health_check_interval_seconds,
                .timeout_s = in->health_check_timeout_seconds,
                .healthy_threshold = in->healthy_threshold_count,
                .unhealthy_threshold = in->unhealthy_threshold_count,
            },
    };
    struct target_group group;

    if (in->has_target_control_port) {
        return call_refuse(call, "InvalidConfigurationRequest",
                           "The target optimizer (TargetControlPort) is not supported by this "
                           "version of openalb");
    }
    if (in->matcher != NULL) {
        wanted.health.http_codes = in->matcher->http_code;
        wanted.health.grpc_codes = in->matcher->grpc_code;
    }
    TRY(tagging_read_elbv2(call, &in->tags, &wanted.tags, &wanted.tag_count));
    TRY(target_group_create(&call->turn, &wanted, &group));
    TRY(CALL_LIST(call, &out->target_groups, 1));
    return write_group(call, &group, &out->target_groups.items[0]);
}

enum rc elbv2_modify_target_group(struct call *call,
                                  const struct elbv2_modify_target_group_input *in,
                                  struct elbv2_modify_target_group_output *out)
{
    struct health_check_new health = {
        .has_enabled = in->has_health_check_enabled,
        .is_enabled = in->health_check_enabled,
        .protocol = in->health_check_protocol,
        .port = in->health_check_port,
        .path = in->health_check_path,
        .interval_s = in->health_check_interval_seconds,
        .timeout_s = in->health_check_timeout_seconds,
        .healthy_threshold = in->healthy_threshold_count,
        .unhealthy_threshold = in->unhealthy_threshold_count,
    };
    struct target_group group;

    if (in->matcher != NULL) {
        health.http_codes = in->matcher->http_code;
        health.grpc_codes = in->matcher->grpc_code;
    }
    TRY(target_group_modify(&call->turn, in->target_group_arn, &health, &group));
    TRY(CALL_LIST(call, &out->target_groups, 1));
    return write_group(call, &group, &out->target_groups.items[0]);
}

enum rc elbv2_describe_target_groups(struct call *call,
                                     const struct elbv2_describe_target_groups_input *in,
                                     struct elbv2_describe_target_groups_output *out)
{
    struct target_groups groups;

    TRY(target_group_find_all(&call->turn, in->load_balancer_arn, in->target_group_arns.items,
                              in->target_group_arns.count, in->names.items, in->names.count,
                              &groups));
    TRY(CALL_LIST(call, &out->target_groups, groups.count));
    for (size_t i = 0; i < groups.count; i++) {
        TRY(write_group(call, &groups.at[i], &out->target_groups.items[i]));
    }
    return RC_OK;
}

enum rc elbv2_delete_target_group(struct call *call,
                                  const struct elbv2_delete_target_group_input *in,
                                  struct elbv2_delete_target_group_output *out)
{
    (void)out; /* has no members */
    return target_group_delete(&call->turn, in->target_group_arn);
}
