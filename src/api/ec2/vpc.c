/* SPDX-License-Identifier: Apache-2.0 */
#include "store/vpc.h"
#include "api/ec2/ec2.h"
#include "api/ec2/select.h"
#include "api/ec2/tagging.h"

static enum rc write_vpc(struct call *call, const struct vpc_row *row, const struct tag_rows *tags,
                         struct ec2_vpc *out);

enum rc ec2_describe_vpcs(struct call *call, const struct ec2_describe_vpcs_input *in,
                          struct ec2_describe_vpcs_output *out)
{
    static const struct select_filter filters[] = {
        {"cidr", "CidrBlock"},
        {"cidr-block-association.association-id", "CidrBlockAssociationSet.AssociationId"},
        {"cidr-block-association.cidr-block", "CidrBlockAssociationSet.CidrBlock"},
        {"cidr-block-association.state", "CidrBlockAssociationSet.CidrBlockState.State"},
        {"cidrBlock", "CidrBlock"},
        {"dhcp-options-id", "DhcpOptionsId"},
        {"dhcpOptionsId", "DhcpOptionsId"},
        {"ipv6-cidr-block-association.association-id", "Ipv6CidrBlockAssociationSet.AssociationId"},
        {"ipv6-cidr-block-association.ipv6-cidr-block",
         "Ipv6CidrBlockAssociationSet.Ipv6CidrBlock"},
        {"ipv6-cidr-block-association.state",
         "Ipv6CidrBlockAssociationSet.Ipv6CidrBlockState.State"},
        {"is-default", "IsDefault"},
        {"isDefault", "IsDefault"},
        {"owner-id", "OwnerId"},
        {"state", "State"},
        {"vpc-id", "VpcId"},
        {NULL, NULL},
    };
    struct vpc_rows rows;
    struct tag_rows tags;

    TRY(vpc_row_list(call->turn.store, call->arena, &rows));
    TRY(tagging_load(call, "vpc-", &tags));
    TRY(CALL_LIST(call, &out->vpcs, rows.count));
    for (size_t i = 0; i < rows.count; i++) {
        TRY(write_vpc(call, &rows.at[i], &tags, &out->vpcs.items[i]));
    }
    TRY(select_ids(call, RESOURCE_VPC, &in->vpc_ids, "VpcId", "Vpcs", out));
    return select_filters(call, &in->filters, filters, "Vpcs", out);
}

static enum rc write_vpc(struct call *call, const struct vpc_row *row, const struct tag_rows *tags,
                         struct ec2_vpc *out)
{
    struct ec2_vpc_cidr_block_association *association;

    out->vpc_id = row->id;
    out->owner_id = call->turn.config->account;
    out->cidr_block = row->cidr;
    out->dhcp_options_id = row->dhcp_options_id;
    out->instance_tenancy = row->tenancy;
    out->state = TEXT("available");
    CALL_SET(out, is_default, row->is_default);
    TRY(CALL_LIST(call, &out->cidr_block_association_set, 1));
    association = &out->cidr_block_association_set.items[0];
    association->association_id = row->association_id;
    association->cidr_block = row->cidr;
    TRY(CALL_NEW(call, &association->cidr_block_state));
    association->cidr_block_state->state = TEXT("associated");
    TRY(CALL_NEW(call, &out->block_public_access_states));
    out->block_public_access_states->internet_gateway_block_mode = TEXT("off");
    return tagging_write(call, tags, row->id, false, &out->tags);
}
