/* SPDX-License-Identifier: Apache-2.0 */
/* Authorize, Revoke, DescribeSecurityGroupRules. */
#include "control/security_rule.h"
#include "api/ec2/ec2.h"
#include "api/ec2/rules.h"
#include "api/ec2/select.h"
#include "api/ec2/tagging.h"
#include "control/security_group.h"

static enum rc authorize(struct call *call, const struct security_group_row *group, bool is_egress,
                         const struct rules_input *in,
                         const struct ec2_tag_specification_list *specifications,
                         struct ec2_security_group_rule_list *out);
static enum rc revoke(struct call *call, const struct security_group_row *group, bool is_egress,
                      const struct rules_input *in, const struct text_list *ids,
                      struct ec2_revoked_security_group_rule_list *out);
static enum rc write_revoked(struct call *call, const struct security_rule_rows *rows,
                             struct ec2_revoked_security_group_rule_list *out);

static const struct text no_name = {NULL, 0};

enum rc
ec2_authorize_security_group_ingress(struct call *call,
                                     const struct ec2_authorize_security_group_ingress_input *in,
                                     struct ec2_authorize_security_group_ingress_output *out)
{
    struct security_group_row group;
    struct rules_input rules = RULES_INPUT(in);

    TRY(security_group_find(&call->turn, in->group_id, in->group_name, &group));
    CALL_SET(out, return_, true);
    return authorize(call, &group, false, &rules, &in->tag_specifications,
                     &out->security_group_rules);
}

enum rc
ec2_authorize_security_group_egress(struct call *call,
                                    const struct ec2_authorize_security_group_egress_input *in,
                                    struct ec2_authorize_security_group_egress_output *out)
{
    struct security_group_row group;
    struct rules_input rules = RULES_INPUT(in);

    TRY(security_group_find(&call->turn, in->group_id, no_name, &group));
    CALL_SET(out, return_, true);
    return authorize(call, &group, true, &rules, &in->tag_specifications,
                     &out->security_group_rules);
}

enum rc ec2_revoke_security_group_ingress(struct call *call,
                                          const struct ec2_revoke_security_group_ingress_input *in,
                                          struct ec2_revoke_security_group_ingress_output *out)
{
    struct security_group_row group;
    struct rules_input rules = RULES_INPUT(in);

    TRY(security_group_find(&call->turn, in->group_id, in->group_name, &group));
    CALL_SET(out, return_, true);
    TRY(CALL_LIST(call, &out->unknown_ip_permissions, 0));
    return revoke(call, &group, false, &rules, &in->security_group_rule_ids,
                  &out->revoked_security_group_rules);
}

enum rc ec2_revoke_security_group_egress(struct call *call,
                                         const struct ec2_revoke_security_group_egress_input *in,
                                         struct ec2_revoke_security_group_egress_output *out)
{
    struct security_group_row group;
    struct rules_input rules = RULES_INPUT(in);

    TRY(security_group_find(&call->turn, in->group_id, no_name, &group));
    CALL_SET(out, return_, true);
    TRY(CALL_LIST(call, &out->unknown_ip_permissions, 0));
    return revoke(call, &group, true, &rules, &in->security_group_rule_ids,
                  &out->revoked_security_group_rules);
}

enum rc ec2_describe_security_group_rules(struct call *call,
                                          const struct ec2_describe_security_group_rules_input *in,
                                          struct ec2_describe_security_group_rules_output *out)
{
    static const struct select_filter filters[] = {
        {"group-id", "GroupId"},
        {"security-group-rule-id", "SecurityGroupRuleId"},
        {NULL, NULL},
    };
    struct security_group_rows groups;
    struct security_rule_rows rules;
    struct tag_rows tags;
    size_t group = 0;

    TRY(security_group_row_list(call->turn.store, call->arena, &groups));
    TRY(security_rule_row_list(call->turn.store, call->arena, (struct text){NULL, 0}, &rules));
    TRY(tagging_load(call, "sgr-", &tags));
    TRY(CALL_LIST(call, &out->security_group_rules, rules.count));
    for (size_t i = 0; i < rules.count; i++) {
        while (!text_eq(groups.at[group].id, rules.at[i].group_id)) {
            group++; /* both are sorted by group, and every rule has one */
        }
        TRY(rules_write(call, &rules.at[i], 1, groups.at[group].vpc_id, &tags,
                        &out->security_group_rules.items[i]));
    }
    TRY(select_ids(call, RESOURCE_RULE, &in->security_group_rule_ids, "SecurityGroupRuleId",
                   "SecurityGroupRules", out));
    return select_filters(call, &in->filters, filters, "SecurityGroupRules", out);
}

static enum rc authorize(struct call *call, const struct security_group_row *group, bool is_egress,
                         const struct rules_input *in,
                         const struct ec2_tag_specification_list *specifications,
                         struct ec2_security_group_rule_list *out)
{
    struct permissions wanted;
    struct security_rule_rows made;
    struct tag_rows tags;

    TRY(rules_read(call, in, &wanted));
    TRY(tagging_read(call, specifications, "security-group-rule", &tags));
    TRY(security_rule_authorize(&call->turn, group, is_egress, wanted.at, wanted.count, tags.at,
                                tags.count, &made));
    TRY(tagging_load(call, "sgr-", &tags));
    TRY(CALL_LIST(call, out, made.count));
    return rules_write(call, made.at, made.count, group->vpc_id, &tags, out->items);
}

static enum rc revoke(struct call *call, const struct security_group_row *group, bool is_egress,
                      const struct rules_input *in, const struct text_list *ids,
                      struct ec2_revoked_security_group_rule_list *out)
{
    struct permissions wanted;
    struct security_rule_rows gone;

    if (ids->count > 0) {
        TRY(security_rule_revoke_ids(&call->turn, group, is_egress, ids->items, ids->count, &gone));
        return write_revoked(call, &gone, out);
    }
    TRY(rules_read(call, in, &wanted));
    TRY(security_rule_revoke(&call->turn, group, is_egress, wanted.at, wanted.count, &gone));
    return write_revoked(call, &gone, out);
}

static enum rc write_revoked(struct call *call, const struct security_rule_rows *rows,
                             struct ec2_revoked_security_group_rule_list *out)
{
    TRY(CALL_LIST(call, out, rows->count));
    for (size_t i = 0; i < rows->count; i++) {
        const struct security_rule_row *row = &rows->at[i];
        struct ec2_revoked_security_group_rule *item = &out->items[i];

        item->security_group_rule_id = row->id;
        item->group_id = row->group_id;
        item->ip_protocol = row->protocol;
        item->description = row->description;
        CALL_SET(item, is_egress, row->is_egress);
        CALL_SET(item, from_port, row->from_port);
        CALL_SET(item, to_port, row->to_port);
        if (!text_is_empty(row->cidr4)) {
            item->cidr_ipv4 = row->cidr4;
        } else if (!text_is_empty(row->cidr6)) {
            item->cidr_ipv6 = row->cidr6;
        } else {
            item->referenced_group_id = row->peer_group_id;
        }
    }
    return RC_OK;
}
