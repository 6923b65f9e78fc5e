/* SPDX-License-Identifier: Apache-2.0 */
#include "store/network_interface.h"
#include "api/ec2/ec2.h"
#include "api/ec2/select.h"
#include "api/ec2/tagging.h"
#include "control/zone.h"

/* What all interfaces share while they are written. */
struct loaded {
    struct network_interface_group_rows groups; /* by interface */
    struct tag_rows tags;
};

static enum rc write_interface(struct call *call, const struct network_interface_row *row,
                               const struct loaded *loaded, struct ec2_network_interface *out);
static enum rc write_addresses(struct call *call, const struct network_interface_row *row,
                               struct ec2_network_interface *out);
static enum rc write_groups(struct call *call, const struct network_interface_row *row,
                            const struct loaded *loaded, struct ec2_network_interface *out);

enum rc ec2_describe_network_interfaces(struct call *call,
                                        const struct ec2_describe_network_interfaces_input *in,
                                        struct ec2_describe_network_interfaces_output *out)
{
    static const struct select_filter filters[] = {
        {"addresses.association.owner-id", "PrivateIpAddresses.Association.IpOwnerId"},
        {"addresses.association.public-ip", "PrivateIpAddresses.Association.PublicIp"},
        {"addresses.primary", "PrivateIpAddresses.Primary"},
        {"addresses.private-ip-address", "PrivateIpAddresses.PrivateIpAddress"},
        {"association.allocation-id", "Association.AllocationId"},
        {"association.association-id", "Association.AssociationId"},
        {"association.ip-owner-id", "Association.IpOwnerId"},
        {"association.public-dns-name", "Association.PublicDnsName"},
        {"association.public-ip", "Association.PublicIp"},
        {"attachment.attachment-id", "Attachment.AttachmentId"},
        {"attachment.delete-on-termination", "Attachment.DeleteOnTermination"},
        {"attachment.device-index", "Attachment.DeviceIndex"},
        {"attachment.instance-id", "Attachment.InstanceId"},
        {"attachment.instance-owner-id", "Attachment.InstanceOwnerId"},
        {"attachment.status", "Attachment.Status"},
        {"availability-zone", "AvailabilityZone"},
        {"availability-zone-id", "AvailabilityZoneId"},
        {"description", "Description"},
        {"group-id", "Groups.GroupId"},
        {"group-name", "Groups.GroupName"},
        {"interface-type", "InterfaceType"},
        {"ipv6-addresses.ipv6-address", "Ipv6Addresses.Ipv6Address"},
        {"mac-address", "MacAddress"},
        {"network-interface-id", "NetworkInterfaceId"},
        {"operator.managed", "Operator.Managed"},
        {"operator.principal", "Operator.Principal"},
        {"owner-id", "OwnerId"},
        {"private-dns-name", "PrivateDnsName"},
        {"private-ip-address", "PrivateIpAddress"},
        {"requester-id", "RequesterId"},
        {"requester-managed", "RequesterManaged"},
        {"source-dest-check", "SourceDestCheck"},
        {"status", "Status"},
        {"subnet-id", "SubnetId"},
        {"vpc-id", "VpcId"},
        {NULL, NULL},
    };
    struct network_interface_rows rows;
    struct loaded loaded;

    TRY(network_interface_row_list(call->turn.store, call->arena, &rows));
    TRY(network_interface_row_list_groups(call->turn.store, call->arena, &loaded.groups));
    TRY(tagging_load(call, "eni-", &loaded.tags));
    TRY(CALL_LIST(call, &out->network_interfaces, rows.count));
    for (size_t i = 0; i < rows.count; i++) {
        TRY(write_interface(call, &rows.at[i], &loaded, &out->network_interfaces.items[i]));
    }
    TRY(select_ids(call, RESOURCE_INTERFACE, &in->network_interface_ids, "NetworkInterfaceId",
                   "NetworkInterfaces", out));
    return select_filters(call, &in->filters, filters, "NetworkInterfaces", out);
}

static enum rc write_interface(struct call *call, const struct network_interface_row *row,
                               const struct loaded *loaded, struct ec2_network_interface *out)
{
    struct ec2_network_interface_attachment *attachment;

    out->network_interface_id = row->id;
    out->subnet_id = row->subnet_id;
    out->vpc_id = row->vpc_id;
    out->owner_id = call->turn.config->account;
    out->availability_zone = row->zone;
    out->availability_zone_id = zone_id(&call->turn, row->zone);
    out->description = row->description;
    out->interface_type = TEXT("interface"); /* as AWS has it for application load balancers */
    out->mac_address = row->mac;
    out->requester_id = row->requester;
    out->status = TEXT("in-use");
    CALL_SET(out, requester_managed, true);
    CALL_SET(out, source_dest_check, true);
    TRY(CALL_NEW(call, &out->operator));
    CALL_SET(out->operator, managed, false);
    TRY(CALL_NEW(call, &out->attachment));
    attachment = out->attachment;
    attachment->attachment_id = row->attachment_id;
    attachment->instance_owner_id = row->requester;
    attachment->status = TEXT("attached");
    CALL_SET(attachment, delete_on_termination, false);
    CALL_SET(attachment, device_index, 1);
    CALL_SET(attachment, network_card_index, 0);
    CALL_SET_TIME(attachment, attach_time, row->created_ms);
    TRY(CALL_LIST(call, &out->ipv6_addresses, 0));
    TRY(write_addresses(call, row, out));
    TRY(write_groups(call, row, loaded, out));
    return tagging_write(call, &loaded->tags, row->id, true, &out->tag_set);
}

static enum rc write_addresses(struct call *call, const struct network_interface_row *row,
                               struct ec2_network_interface *out)
{
    struct ec2_network_interface_private_ip_address *address;

    out->private_ip_address = row->private_ip;
    if (row->public_ip.at) {
        TRY(CALL_NEW(call, &out->association));
        out->association->ip_owner_id = row->requester;
        out->association->public_ip = row->public_ip;
    }
    TRY(CALL_LIST(call, &out->private_ip_addresses, 1));
    address = &out->private_ip_addresses.items[0];
    address->association = out->association;
    address->private_ip_address = row->private_ip;
    CALL_SET(address, primary, true);
    return RC_OK;
}

static enum rc write_groups(struct call *call, const struct network_interface_row *row,
                            const struct loaded *loaded, struct ec2_network_interface *out)
{
    size_t count = 0;

    for (size_t i = 0; i < loaded->groups.count; i++) {
        count += text_eq(loaded->groups.at[i].interface_id, row->id);
    }
    TRY(CALL_LIST(call, &out->groups, count));
    out->groups.count = 0;
    for (size_t i = 0; i < loaded->groups.count; i++) {
        const struct network_interface_group_row *group = &loaded->groups.at[i];

        if (text_eq(group->interface_id, row->id)) {
            out->groups.items[out->groups.count++] = (struct ec2_group_identifier){
                .group_id = group->group_id, .group_name = group->group_name};
        }
    }
    return RC_OK;
}
