/* SPDX-License-Identifier: Apache-2.0 */
#include "control/vpc.h"
#include "api/ec2/ec2.h"
#include "api/ec2/select.h"
#include "api/ec2/tagging.h"
#include "control/network.h"

static enum rc refuse_ipv6(struct call *call);
static enum rc write_flag(struct call *call, bool value, struct ec2_attribute_boolean_value **out);
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

enum rc ec2_create_vpc(struct call *call, const struct ec2_create_vpc_input *in,
                       struct ec2_create_vpc_output *out)
{
    struct vpc_row row;
    struct tag_rows tags;

    if (in->amazon_provided_ipv6_cidr_block || in->ipv6_cidr_block.at || in->ipv6_pool.at) {
        return refuse_ipv6(call);
    }
    TRY(tagging_read(call, &in->tag_specifications, "vpc", &tags));
    TRY(vpc_create(&call->turn, in->cidr_block, in->instance_tenancy, &tags, &row));
    TRY(tag_row_list(call->turn.store, call->arena, row.id, &tags));
    TRY(CALL_NEW(call, &out->vpc));
    TRY(write_vpc(call, &row, &tags, out->vpc));
    return tagging_write(call, &tags, row.id, true, &out->vpc->tags);
}

enum rc ec2_create_default_vpc(struct call *call, const struct ec2_create_default_vpc_input *in,
                               struct ec2_create_default_vpc_output *out)
{
    const struct tag_rows no_tags = {NULL, 0};
    struct vpc_row row;

    (void)in; /* has nothing but DryRun */
    TRY(network_create_default_vpc(&call->turn, &row));
    TRY(CALL_NEW(call, &out->vpc));
    return write_vpc(call, &row, &no_tags, out->vpc);
}

enum rc ec2_delete_vpc(struct call *call, const struct ec2_delete_vpc_input *in,
                       struct ec2_delete_vpc_output *out)
{
    (void)out; /* has no members */
    return vpc_delete(&call->turn, in->vpc_id);
}

enum rc ec2_describe_vpc_attribute(struct call *call,
                                   const struct ec2_describe_vpc_attribute_input *in,
                                   struct ec2_describe_vpc_attribute_output *out)
{
    struct vpc_row row;

    TRY(vpc_find(&call->turn, in->vpc_id, &row));
    out->vpc_id = row.id;
    if (text_eq(in->attribute, TEXT("enableDnsSupport"))) {
        return write_flag(call, row.has_dns_support, &out->enable_dns_support);
    }
    if (text_eq(in->attribute, TEXT("enableDnsHostnames"))) {
        return write_flag(call, row.has_dns_hostnames, &out->enable_dns_hostnames);
    }
    return write_flag(call, row.has_usage_metrics, &out->enable_network_address_usage_metrics);
}

enum rc ec2_modify_vpc_attribute(struct call *call, const struct ec2_modify_vpc_attribute_input *in,
                                 struct ec2_modify_vpc_attribute_output *out)
{
    int count = (in->enable_dns_support != NULL) + (in->enable_dns_hostnames != NULL) +
                (in->enable_network_address_usage_metrics != NULL);
    struct vpc_row row;

    (void)out; /* has no members */
    TRY(vpc_find(&call->turn, in->vpc_id, &row));
    if (count == 0) {
        return call_refuse(call, "MissingParameter",
                           "The request must contain one attribute to modify");
    }
    if (count > 1) {
        return call_refuse(call, "InvalidParameterCombination",
                           "Fields for multiple attribute types specified");
    }
    if (in->enable_dns_support) {
        row.has_dns_support = in->enable_dns_support->value;
    } else if (in->enable_dns_hostnames) {
        row.has_dns_hostnames = in->enable_dns_hostnames->value;
    } else {
        row.has_usage_metrics = in->enable_network_address_usage_metrics->value;
    }
    return vpc_row_update(call->turn.store, &row);
}

/* OURS: load balancers have IPv4 addresses only, so far. */
static enum rc refuse_ipv6(struct call *call)
{
    return call_refuse(call, "UnsupportedOperation", "IPv6 CIDR blocks are not supported.");
}

static enum rc write_flag(struct call *call, bool value, struct ec2_attribute_boolean_value **out)
{
    TRY(CALL_NEW(call, out));
    CALL_SET(*out, value, value);
    return RC_OK;
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
