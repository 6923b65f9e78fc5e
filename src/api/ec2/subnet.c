/* SPDX-License-Identifier: Apache-2.0 */
#include "api/ec2/ec2.h"
#include "api/ec2/select.h"
#include "api/ec2/tagging.h"
#include "control/network.h"
#include "control/zone.h"

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
    CALL_SET(out, available_ip_address_count, network_free_addresses(row));
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
