/* SPDX-License-Identifier: Apache-2.0 */
#include "control/subnet.h"
#include "api/ec2/ec2.h"
#include "api/ec2/select.h"
#include "api/ec2/tagging.h"
#include "control/network.h"
#include "control/zone.h"

static bool is_set(const struct ec2_attribute_boolean_value *flag);
static enum rc write_subnet(struct call *call, const struct subnet_row *row,
                            const struct tag_rows *tags, struct ec2_subnet *out);

enum rc ec2_describe_subnets(struct call *call, const struct ec2_describe_subnets_input *in,
                             struct ec2_describe_subnets_output *out)
{
    static const struct select_filter filters[] = {
        {"availability-zone", "AvailabilityZone"},
        {"availability-zone-id", "AvailabilityZoneId"},
        {"availabilityZone", "AvailabilityZone"},
        {"availabilityZoneId", "AvailabilityZoneId"},
        {"available-ip-address-count", "AvailableIpAddressCount"},
        {"cidr", "CidrBlock"},
        {"cidr-block", "CidrBlock"},
        {"cidrBlock", "CidrBlock"},
        {"customer-owned-ipv4-pool", "CustomerOwnedIpv4Pool"},
        {"default-for-az", "DefaultForAz"},
        {"defaultForAz", "DefaultForAz"},
        {"enable-dns64", "EnableDns64"},
        {"enable-lni-at-device-index", "EnableLniAtDeviceIndex"},
        {"ipv6-cidr-block-association.association-id", "Ipv6CidrBlockAssociationSet.AssociationId"},
        {"ipv6-cidr-block-association.ipv6-cidr-block",
         "Ipv6CidrBlockAssociationSet.Ipv6CidrBlock"},
        {"ipv6-cidr-block-association.state",
         "Ipv6CidrBlockAssociationSet.Ipv6CidrBlockState.State"},
        {"ipv6-native", "Ipv6Native"},
        {"map-customer-owned-ip-on-launch", "MapCustomerOwnedIpOnLaunch"},
        {"map-public-ip-on-launch", "MapPublicIpOnLaunch"},
        {"outpost-arn", "OutpostArn"},
        {"owner-id", "OwnerId"},
        {"private-dns-name-options-on-launch.hostname-type",
         "PrivateDnsNameOptionsOnLaunch.HostnameType"},
        {"private-dns-name-options-on-launch.enable-resource-name-dns-a-record",
         "PrivateDnsNameOptionsOnLaunch.EnableResourceNameDnsARecord"},
        {"private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record",
         "PrivateDnsNameOptionsOnLaunch.EnableResourceNameDnsAAAARecord"},
        {"state", "State"},
        {"subnet-arn", "SubnetArn"},
        {"subnet-id", "SubnetId"},
        {"vpc-id", "VpcId"},
        {NULL, NULL},
    };
    struct subnet_rows rows;
    struct tag_rows tags;

    TRY(subnet_row_list(call->turn.store, call->arena, &rows));
    TRY(tagging_load(call, "subnet-", &tags));
    TRY(CALL_LIST(call, &out->subnets, rows.count));
    for (size_t i = 0; i < rows.count; i++) {
        TRY(write_subnet(call, &rows.at[i], &tags, &out->subnets.items[i]));
    }
    TRY(select_ids(call, RESOURCE_SUBNET, &in->subnet_ids, "SubnetId", "Subnets", out));
    return select_filters(call, &in->filters, filters, "Subnets", out);
}

enum rc ec2_create_subnet(struct call *call, const struct ec2_create_subnet_input *in,
                          struct ec2_create_subnet_output *out)
{
    struct tag_rows tags;
    struct subnet_new wanted = {
        .vpc_id = in->vpc_id,
        .cidr = in->cidr_block,
        .zone = in->availability_zone,
        .zone_id = in->availability_zone_id,
        .tags = &tags,
    };
    struct subnet_row row;

    if (in->ipv6_native || in->ipv6_cidr_block.at) {
        return call_refuse(call, "UnsupportedOperation", "IPv6 CIDR blocks are not supported.");
    }
    TRY(tagging_read(call, &in->tag_specifications, "subnet", &tags));
    TRY(subnet_create(&call->turn, &wanted, &row));
    TRY(tag_row_list(call->turn.store, call->arena, row.id, &tags));
    TRY(CALL_NEW(call, &out->subnet));
    return write_subnet(call, &row, &tags, out->subnet);
}

enum rc ec2_create_default_subnet(struct call *call,
                                  const struct ec2_create_default_subnet_input *in,
                                  struct ec2_create_default_subnet_output *out)
{
    const struct tag_rows no_tags = {NULL, 0};
    struct subnet_row row;
    struct text zone;

    if (!in->availability_zone.at && !in->availability_zone_id.at) {
        return call_refuse(call, "MissingParameter",
                           "The request must contain the parameter availabilityZone");
    }
    TRY(subnet_choose_zone(&call->turn, in->availability_zone, in->availability_zone_id, &zone));
    TRY(network_create_default_subnet(&call->turn, zone, &row));
    TRY(CALL_NEW(call, &out->subnet));
    return write_subnet(call, &row, &no_tags, out->subnet);
}

enum rc ec2_delete_subnet(struct call *call, const struct ec2_delete_subnet_input *in,
                          struct ec2_delete_subnet_output *out)
{
    (void)out; /* has no members */
    return subnet_delete(&call->turn, in->subnet_id);
}

enum rc ec2_modify_subnet_attribute(struct call *call,
                                    const struct ec2_modify_subnet_attribute_input *in,
                                    struct ec2_modify_subnet_attribute_output *out)
{
    struct subnet_row row;

    (void)out; /* has no members */
    TRY(subnet_find(&call->turn, in->subnet_id, &row));
    /* OURS: what has to do with IPv6, Outposts or names of instances can only stay as it is. */
    if (is_set(in->assign_ipv6_address_on_creation) ||
        is_set(in->map_customer_owned_ip_on_launch) || is_set(in->enable_dns64) ||
        is_set(in->enable_resource_name_dns_a_record_on_launch) ||
        is_set(in->enable_resource_name_dns_aaaa_record_on_launch)) {
        return call_refuse(call, "UnsupportedOperation",
                           "Of a subnet's attributes only MapPublicIpOnLaunch can be changed.");
    }
    if (!in->map_public_ip_on_launch) {
        return RC_OK;
    }
    return subnet_row_set_maps_public_ip(call->turn.store, row.id,
                                         in->map_public_ip_on_launch->value);
}

static bool is_set(const struct ec2_attribute_boolean_value *flag)
{
    return flag && flag->value;
}

static enum rc write_subnet(struct call *call, const struct subnet_row *row,
                            const struct tag_rows *tags, struct ec2_subnet *out)
{
    struct ec2_private_dns_name_options_on_launch *names;

    out->subnet_id = row->id;
    out->subnet_arn = resource_arn(&call->turn, RESOURCE_SUBNET, row->id);
    out->owner_id = call->turn.config->account;
    out->vpc_id = row->vpc_id;
    out->cidr_block = row->cidr;
    out->state = TEXT("available");
    out->availability_zone = row->zone;
    out->availability_zone_id = zone_id(&call->turn, row->zone);
    CALL_SET(out, available_ip_address_count, subnet_free_addresses(row));
    CALL_SET(out, default_for_az, row->is_default);
    CALL_SET(out, map_public_ip_on_launch, row->maps_public_ip);
    CALL_SET(out, map_customer_owned_ip_on_launch, false);
    CALL_SET(out, assign_ipv6_address_on_creation, false);
    CALL_SET(out, enable_dns64, false);
    CALL_SET(out, ipv6_native, false);
    TRY(CALL_LIST(call, &out->ipv6_cidr_block_association_set, 0));
    TRY(CALL_NEW(call, &out->private_dns_name_options_on_launch));
    names = out->private_dns_name_options_on_launch;
    names->hostname_type = TEXT("ip-name");
    CALL_SET(names, enable_resource_name_dns_a_record, false);
    CALL_SET(names, enable_resource_name_dns_aaaa_record, false);
    TRY(CALL_NEW(call, &out->block_public_access_states));
    out->block_public_access_states->internet_gateway_block_mode = TEXT("off");
    return tagging_write(call, tags, row->id, false, &out->tags);
}
