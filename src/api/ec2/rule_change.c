/* SPDX-License-Identifier: Apache-2.0 */
/* ModifySecurityGroupRules and UpdateSecurityGroupRuleDescriptions. */
#include "api/ec2/ec2.h"
#include "api/ec2/rules.h"
#include "control/security_group.h"
#include "control/security_rule.h"

static struct permission to_permission(const struct ec2_security_group_rule_request *request);
static enum rc describe(struct call *call, const struct security_group_row *group, bool is_egress,
                        const struct ec2_ip_permission_list *permissions,
                        const struct ec2_security_group_rule_description_list *descriptions);

enum rc ec2_modify_security_group_rules(struct call *call,
                                        const struct ec2_modify_security_group_rules_input *in,
                                        struct ec2_modify_security_group_rules_output *out)
{
    struct security_group_row group;

    TRY(security_group_find(&call->turn, in->group_id, (struct text){NULL, 0}, &group));
    for (size_t i = 0; i < in->security_group_rules.count; i++) {
        const struct ec2_security_group_rule_update *update = &in->security_group_rules.items[i];
        struct permission permission;

        if (!update->security_group_rule) {
            return call_refuse(call, "MissingParameter",
                               "The request must contain the parameter SecurityGroupRule");
        }
        permission = to_permission(update->security_group_rule);
        TRY(security_rule_modify(&call->turn, &group, update->security_group_rule_id, &permission));
    }
    CALL_SET(out, return_, true);
    return RC_OK;
}

enum rc ec2_update_security_group_rule_descriptions_ingress(
    struct call *call, const struct ec2_update_security_group_rule_descriptions_ingress_input *in,
    struct ec2_update_security_group_rule_descriptions_ingress_output *out)
{
    struct security_group_row group;

    TRY(security_group_find(&call->turn, in->group_id, in->group_name, &group));
    CALL_SET(out, return_, true);
    return describe(call, &group, false, &in->ip_permissions,
                    &in->security_group_rule_descriptions);
}

enum rc ec2_update_security_group_rule_descriptions_egress(
    struct call *call, const struct ec2_update_security_group_rule_descriptions_egress_input *in,
    struct ec2_update_security_group_rule_descriptions_egress_output *out)
{
    struct security_group_row group;

    TRY(security_group_find(&call->turn, in->group_id, in->group_name, &group));
    CALL_SET(out, return_, true);
    return describe(call, &group, true, &in->ip_permissions, &in->security_group_rule_descriptions);
}

static struct permission to_permission(const struct ec2_security_group_rule_request *request)
{
    struct permission permission = {
        .protocol = request->ip_protocol,
        .has_from_port = request->has_from_port,
        .has_to_port = request->has_to_port,
        .from_port = request->from_port,
        .to_port = request->to_port,
        .description = request->description,
    };
    const struct {
        enum peer_kind kind;
        struct text peer;
    } peers[] = {
        {PEER_CIDR4, request->cidr_ipv4},
        {PEER_CIDR6, request->cidr_ipv6},
        {PEER_GROUP, request->referenced_group_id},
        {PEER_PREFIX_LIST, request->prefix_list_id},
    };

    for (size_t i = 0; i < ARRAY_LEN(peers); i++) {
        if (peers[i].peer.at) {
            permission.peer_kind = peers[i].kind;
            permission.peer = peers[i].peer;
            break;
        }
    }
    return permission;
}

static enum rc describe(struct call *call, const struct security_group_row *group, bool is_egress,
                        const struct ec2_ip_permission_list *permissions,
                        const struct ec2_security_group_rule_description_list *descriptions)
{
    const struct rules_input in = {.permissions = permissions};
    struct permissions wanted;

    if (descriptions->count == 0) {
        TRY(rules_read(call, &in, &wanted));
        return security_rule_describe(&call->turn, group, is_egress, wanted.at, wanted.count);
    }
    for (size_t i = 0; i < descriptions->count; i++) {
        const struct ec2_security_group_rule_description *item = &descriptions->items[i];

        TRY(security_rule_describe_id(&call->turn, group, is_egress, item->security_group_rule_id,
                                      item->description));
    }
    return RC_OK;
}
