/* SPDX-License-Identifier: Apache-2.0 */
#include "control/security_group.h"
#include "api/ec2/ec2.h"
#include "api/ec2/rules.h"
#include "api/ec2/select.h"
#include "api/ec2/tagging.h"
#include "control/vpc.h"

static enum rc write_group(struct call *call, const struct security_group_row *row,
                           const struct security_rule_row *rules, size_t rule_count,
                           const struct tag_rows *tags, struct ec2_security_group *out);
static enum rc select_group_names(struct call *call, const struct text_list *names,
                                  struct ec2_describe_security_groups_output *out);

enum rc ec2_create_security_group(struct call *call,
                                  const struct ec2_create_security_group_input *in,
                                  struct ec2_create_security_group_output *out)
{
    struct security_group_new wanted = {
        .name = in->group_name, .description = in->description, .vpc_id = in->vpc_id};
    struct security_group_row group;
    struct tag_rows tags;

    TRY(tagging_read(call, &in->tag_specifications, "security-group", &tags));
    wanted.tags = tags.at;
    wanted.tag_count = tags.count;
    TRY(security_group_create(&call->turn, &wanted, &group));
    out->group_id = group.id;
    out->security_group_arn = resource_arn(&call->turn, RESOURCE_GROUP, group.id);
    TRY(tag_row_list(call->turn.store, call->arena, group.id, &tags));
    return tagging_write(call, &tags, group.id, false, &out->tags);
}

enum rc ec2_delete_security_group(struct call *call,
                                  const struct ec2_delete_security_group_input *in,
                                  struct ec2_delete_security_group_output *out)
{
    struct security_group_row group;

    TRY(security_group_find(&call->turn, in->group_id, in->group_name, &group));
    TRY(security_group_delete(&call->turn, &group));
    CALL_SET(out, return_, true);
    out->group_id = group.id;
    return RC_OK;
}

enum rc ec2_describe_security_groups(struct call *call,
                                     const struct ec2_describe_security_groups_input *in,
                                     struct ec2_describe_security_groups_output *out)
{
    static const struct select_filter filters[] = {
        {"description", "Description"},
        {"egress.ip-permission.cidr", "IpPermissionsEgress.IpRanges.CidrIp"},
        {"egress.ip-permission.from-port", "IpPermissionsEgress.FromPort"},
        {"egress.ip-permission.group-id", "IpPermissionsEgress.UserIdGroupPairs.GroupId"},
        {"egress.ip-permission.group-name", "IpPermissionsEgress.UserIdGroupPairs.GroupName"},
        {"egress.ip-permission.ipv6-cidr", "IpPermissionsEgress.Ipv6Ranges.CidrIpv6"},
        {"egress.ip-permission.prefix-list-id", "IpPermissionsEgress.PrefixListIds.PrefixListId"},
        {"egress.ip-permission.protocol", "IpPermissionsEgress.IpProtocol"},
        {"egress.ip-permission.to-port", "IpPermissionsEgress.ToPort"},
        {"egress.ip-permission.user-id", "IpPermissionsEgress.UserIdGroupPairs.UserId"},
        {"group-id", "GroupId"},
        {"group-name", "GroupName"},
        {"ip-permission.cidr", "IpPermissions.IpRanges.CidrIp"},
        {"ip-permission.from-port", "IpPermissions.FromPort"},
        {"ip-permission.group-id", "IpPermissions.UserIdGroupPairs.GroupId"},
        {"ip-permission.group-name", "IpPermissions.UserIdGroupPairs.GroupName"},
        {"ip-permission.ipv6-cidr", "IpPermissions.Ipv6Ranges.CidrIpv6"},
        {"ip-permission.prefix-list-id", "IpPermissions.PrefixListIds.PrefixListId"},
        {"ip-permission.protocol", "IpPermissions.IpProtocol"},
        {"ip-permission.to-port", "IpPermissions.ToPort"},
        {"ip-permission.user-id", "IpPermissions.UserIdGroupPairs.UserId"},
        {"owner-id", "OwnerId"},
        {"vpc-id", "VpcId"},
        {NULL, NULL},
    };
    struct security_group_rows groups;
    struct security_rule_rows rules;
    struct tag_rows tags;
    size_t at = 0;

    TRY(security_group_row_list(call->turn.store, call->arena, &groups));
    TRY(security_rule_row_list(call->turn.store, call->arena, (struct text){NULL, 0}, &rules));
    TRY(tagging_load(call, "sg-", &tags));
    TRY(CALL_LIST(call, &out->security_groups, groups.count));
    for (size_t i = 0; i < groups.count; i++) {
        size_t first = at; /* both are sorted by group */

        while (at < rules.count && text_eq(rules.at[at].group_id, groups.at[i].id)) {
            at++;
        }
        TRY(write_group(call, &groups.at[i], rules.at + first, at - first, &tags,
                        &out->security_groups.items[i]));
    }
    TRY(select_ids(call, RESOURCE_GROUP, &in->group_ids, "GroupId", "SecurityGroups", out));
    TRY(select_group_names(call, &in->group_names, out));
    return select_filters(call, &in->filters, filters, "SecurityGroups", out);
}

enum rc ec2_get_security_groups_for_vpc(struct call *call,
                                        const struct ec2_get_security_groups_for_vpc_input *in,
                                        struct ec2_get_security_groups_for_vpc_output *out)
{
    static const struct select_filter filters[] = {
        {"description", "Description"},     {"group-id", "GroupId"},
        {"group-name", "GroupName"},        {"owner-id", "OwnerId"},
        {"primary-vpc-id", "PrimaryVpcId"}, {NULL, NULL},
    };
    struct security_group_rows groups;
    struct tag_rows tags;
    struct vpc_row vpc;

    TRY(vpc_find(&call->turn, in->vpc_id, &vpc));
    TRY(security_group_row_list(call->turn.store, call->arena, &groups));
    TRY(tagging_load(call, "sg-", &tags));
    TRY(CALL_LIST(call, &out->security_group_for_vpcs, groups.count));
    out->security_group_for_vpcs.count = 0;
    for (size_t i = 0; i < groups.count; i++) {
        const struct security_group_row *row = &groups.at[i];
        struct ec2_security_group_for_vpc item = {
            .group_id = row->id,
            .group_name = row->name,
            .description = row->description,
            .owner_id = call->turn.config->account,
            .primary_vpc_id = row->vpc_id,
        };

        if (text_eq(row->vpc_id, vpc.id)) {
            TRY(tagging_write(call, &tags, row->id, true, &item.tags));
            out->security_group_for_vpcs.items[out->security_group_for_vpcs.count++] = item;
        }
    }
    return select_filters(call, &in->filters, filters, "SecurityGroupForVpcs", out);
}

static enum rc write_group(struct call *call, const struct security_group_row *row,
                           const struct security_rule_row *rules, size_t rule_count,
                           const struct tag_rows *tags, struct ec2_security_group *out)
{
    out->group_id = row->id;
    out->group_name = row->name;
    out->description = row->description;
    out->vpc_id = row->vpc_id;
    out->owner_id = call->turn.config->account;
    out->security_group_arn = resource_arn(&call->turn, RESOURCE_GROUP, row->id);
    TRY(rules_write_permissions(call, rules, rule_count, false, &out->ip_permissions));
    TRY(rules_write_permissions(call, rules, rule_count, true, &out->ip_permissions_egress));
    return tagging_write(call, tags, row->id, false, &out->tags);
}

/* EC2 API reference, DescribeSecurityGroups: GroupName is for groups of the default VPC. */
static enum rc select_group_names(struct call *call, const struct text_list *names,
                                  struct ec2_describe_security_groups_output *out)
{
    struct security_group_row found;
    struct text_list ids = {.count = 0};

    TRY(CALL_LIST(call, &ids, names->count));
    for (size_t i = 0; i < names->count; i++) {
        TRY(security_group_find(&call->turn, (struct text){NULL, 0}, names->items[i], &found));
        ids.items[i] = found.id;
    }
    return select_ids(call, RESOURCE_GROUP, &ids, "GroupId", "SecurityGroups", out);
}
