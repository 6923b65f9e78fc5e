/* SPDX-License-Identifier: Apache-2.0 */
#include "store/network_acl.h"
#include "api/ec2/ec2.h"
#include "api/ec2/select.h"
#include "api/ec2/tagging.h"
#include "store/subnet.h"

static enum rc write_acl(struct call *call, const struct network_acl_row *row,
                         const struct subnet_rows *subnets, const struct tag_rows *tags,
                         struct ec2_network_acl *out);
static enum rc write_entries(struct call *call, struct ec2_network_acl *out);

enum rc ec2_describe_network_acls(struct call *call,
                                  const struct ec2_describe_network_acls_input *in,
                                  struct ec2_describe_network_acls_output *out)
{
    static const struct select_filter filters[] = {
        {"association.association-id", "Associations.NetworkAclAssociationId"},
        {"association.network-acl-id", "Associations.NetworkAclId"},
        {"association.subnet-id", "Associations.SubnetId"},
        {"default", "IsDefault"},
        {"entry.cidr", "Entries.CidrBlock"},
        {"entry.egress", "Entries.Egress"},
        {"entry.ipv6-cidr", "Entries.Ipv6CidrBlock"},
        {"entry.protocol", "Entries.Protocol"},
        {"entry.rule-action", "Entries.RuleAction"},
        {"entry.rule-number", "Entries.RuleNumber"},
        {"network-acl-id", "NetworkAclId"},
        {"owner-id", "OwnerId"},
        {"vpc-id", "VpcId"},
        {NULL, NULL},
    };
    struct network_acl_rows rows;
    struct subnet_rows subnets;
    struct tag_rows tags;

    TRY(network_acl_row_list(call->turn.store, call->arena, &rows));
    TRY(subnet_row_list(call->turn.store, call->arena, &subnets));
    TRY(tagging_load(call, "acl-", &tags));
    TRY(CALL_LIST(call, &out->network_acls, rows.count));
    for (size_t i = 0; i < rows.count; i++) {
        TRY(write_acl(call, &rows.at[i], &subnets, &tags, &out->network_acls.items[i]));
    }
    TRY(select_ids(call, RESOURCE_NETWORK_ACL, &in->network_acl_ids, "NetworkAclId", "NetworkAcls",
                   out));
    return select_filters(call, &in->filters, filters, "NetworkAcls", out);
}

/* Every subnet of the VPC is with it; the association bears the subnet's digits. */
static enum rc write_acl(struct call *call, const struct network_acl_row *row,
                         const struct subnet_rows *subnets, const struct tag_rows *tags,
                         struct ec2_network_acl *out)
{
    out->network_acl_id = row->id;
    out->vpc_id = row->vpc_id;
    out->owner_id = call->turn.config->account;
    CALL_SET(out, is_default, true);
    TRY(CALL_LIST(call, &out->associations, subnets->count));
    out->associations.count = 0;
    for (size_t i = 0; i < subnets->count; i++) {
        struct text subnet_id = subnets->at[i].id;
        struct text digits = text_slice(subnet_id, strlen("subnet-"), subnet_id.len);

        if (text_eq(subnets->at[i].vpc_id, row->vpc_id)) {
            out->associations.items[out->associations.count++] =
                (struct ec2_network_acl_association){
                    .network_acl_association_id =
                        call_printf(call, "aclassoc-%.*s", TEXT_ARG(digits)),
                    .network_acl_id = row->id,
                    .subnet_id = subnet_id,
                };
        }
    }
    TRY(write_entries(call, out));
    return tagging_write(call, tags, row->id, true, &out->tags);
}

/* Amazon VPC user guide, "Default network ACL": rule 100 lets everything through, in both
 * directions; the last one, which cannot be changed, nothing. */
static enum rc write_entries(struct call *call, struct ec2_network_acl *out)
{
    TRY(CALL_LIST(call, &out->entries, 4));
    for (size_t i = 0; i < out->entries.count; i++) {
        struct ec2_network_acl_entry *entry = &out->entries.items[i];
        bool is_last = i % 2 == 1;

        entry->cidr_block = TEXT("0.0.0.0/0");
        entry->protocol = TEXT("-1");
        entry->rule_action = is_last ? TEXT("deny") : TEXT("allow");
        CALL_SET(entry, egress, i < 2);
        CALL_SET(entry, rule_number, is_last ? 32767 : 100);
    }
    return RC_OK;
}
