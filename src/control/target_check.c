/* SPDX-License-Identifier: Apache-2.0 */
#include "control/target_check.h"

#include "control/id.h"
#include "control/zone.h"
#include "snapshot/address.h"
#include "store/balancer.h"
#include "store/network_interface.h"
#include "store/subnet.h"
#include "store/vpc.h"

static enum rc check_instance(struct turn *turn, const struct target_name *name,
                              struct target_row *out);
static enum rc check_ip(struct turn *turn, const struct target_group_row *group,
                        const struct target_name *name, struct target_row *out);

enum rc target_check(struct turn *turn, const struct target_group_row *group,
                     const struct target_name *name, struct target_row *out)
{
    *out = (struct target_row){
        .group = group->arn,
        .id = name->id,
        .port = name->port != 0 ? name->port : group->port,
    };
    if (text_eq(group->target_type, TEXT("instance"))) {
        return check_instance(turn, name, out);
    }
    return check_ip(turn, group, name, out);
}

/* ---- instances ---------------------------------------------------------------------------- */

static enum rc check_instance(struct turn *turn, const struct target_name *name,
                              struct target_row *out)
{
    uint32_t address;

    if (!id_is_ec2(name->id, "i")) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError", "Instance ID '%.*s' is not valid",
                      TEXT_ARG(name->id));
    }
    if (!text_is_empty(name->zone)) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "You cannot specify an Availability Zone for the instance '%.*s'",
                      TEXT_ARG(name->id));
    }
    if (target_address(turn->config, name->id, &address) != RC_OK) {
        return refuse(&turn->refusal, RC_BAD, "InvalidTarget",
                      "The following targets are not in a running state and cannot be registered: "
                      "'%.*s'",
                      TEXT_ARG(name->id));
    }
    out->zone = TEXT("all");
    return RC_OK;
}

/* ---- addresses ---------------------------------------------------------------------------- */

static const struct snap_cidr loopback = {0x7f000000, 8};

/* AWS ELBv2, "Target type": RFC 1918 and RFC 6598; loopback is OURS: there is one machine. */
static bool is_private(uint32_t ip)
{
    static const struct snap_cidr blocks[] = {
        {0x0a000000, 8}, {0x64400000, 10}, {0xac100000, 12}, {0xc0a80000, 16}};

    for (size_t i = 0; i < ARRAY_LEN(blocks); i++) {
        if (cidr_holds(&blocks[i], ip)) {
            return true;
        }
    }
    return cidr_holds(&loopback, ip);
}

static enum rc is_in_vpc(struct turn *turn, struct text vpc_id, uint32_t ip, bool *out)
{
    struct vpc_row vpc;
    struct snap_cidr cidr;

    TRY(vpc_row_get(turn->store, turn->arena, vpc_id, &vpc));
    TRY(cidr_parse(vpc.cidr, &cidr));
    *out = cidr_holds(&cidr, ip);
    return RC_OK;
}

/* The zone of the VPC's subnet that holds the address; empty: none does. */
static enum rc zone_of(struct turn *turn, struct text vpc_id, uint32_t ip, struct text *out)
{
    struct subnet_rows rows;

    TRY(subnet_row_list(turn->store, turn->arena, &rows));
    *out = TEXT("");
    for (size_t i = 0; i < rows.count; i++) {
        struct snap_cidr cidr;

        TRY(cidr_parse(rows.at[i].cidr, &cidr));
        if (text_eq(rows.at[i].vpc_id, vpc_id) && cidr_holds(&cidr, ip)) {
            *out = rows.at[i].zone;
        }
    }
    return RC_OK;
}

static enum rc is_balancers(struct turn *turn, struct text address, bool *out)
{
    struct network_interface_rows interfaces;
    struct balancer_zone_rows zones;

    *out = false;
    TRY(balancer_zone_row_list_all(turn->store, turn->arena, &zones));
    for (size_t i = 0; i < zones.count && !*out; i++) {
        *out = text_eq(zones.at[i].address, address);
    }
    TRY(network_interface_row_list(turn->store, turn->arena, &interfaces));
    for (size_t i = 0; i < interfaces.count && !*out; i++) {
        *out = text_eq(interfaces.at[i].private_ip, address);
    }
    return RC_OK;
}

static enum rc check_range(struct turn *turn, const struct target_group_row *group,
                           struct text address, uint32_t ip)
{
    bool is_ours = false;
    bool is_taken = false;

    TRY(is_in_vpc(turn, group->vpc_id, ip, &is_ours));
    if (!is_ours && !is_private(ip)) {
        return refuse(&turn->refusal, RC_BAD, "InvalidTarget",
                      "The IP address '%.*s' is not from the VPC of the target group, nor from "
                      "10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12 or 192.168.0.0/16",
                      TEXT_ARG(address));
    }
    TRY(is_balancers(turn, address, &is_taken));
    if (is_taken) {
        return refuse(&turn->refusal, RC_BAD, "InvalidTarget",
                      "The IP address '%.*s' cannot be used as a target, as it is in use by a load "
                      "balancer",
                      TEXT_ARG(address));
    }
    return RC_OK;
}

static enum rc check_zone(struct turn *turn, const struct target_name *name, struct text home,
                          bool is_loopback, struct target_row *out)
{
    const bool names_all = text_eq(name->zone, TEXT("all"));

    out->names_zone = !text_is_empty(name->zone);
    if (out->names_zone && !names_all && !zone_exists(turn, name->zone)) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "Availability Zone '%.*s' is not valid", TEXT_ARG(name->zone));
    }
    if (!text_is_empty(home)) {
        if (out->names_zone && !text_eq(name->zone, home)) {
            return refuse(&turn->refusal, RC_BAD, "ValidationError",
                          "The IP address '%.*s' is within the VPC, and cannot have its "
                          "Availability Zone overridden to '%.*s' from '%.*s'",
                          TEXT_ARG(name->id), TEXT_ARG(name->zone), TEXT_ARG(home));
        }
        out->zone = home;
        return RC_OK;
    }
    if (!out->names_zone && !is_loopback) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "The Availability Zone is required for IP address '%.*s' because it is not "
                      "in the VPC",
                      TEXT_ARG(name->id));
    }
    out->zone = out->names_zone ? name->zone : TEXT("all");
    return RC_OK;
}

static enum rc check_ip(struct turn *turn, const struct target_group_row *group,
                        const struct target_name *name, struct target_row *out)
{
    struct text home;
    uint32_t ip;

    if (address_parse(name->id, &ip) != RC_OK) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "The IP address '%.*s' is not a valid IPv4 address", TEXT_ARG(name->id));
    }
    TRY(check_range(turn, group, name->id, ip));
    TRY(zone_of(turn, group->vpc_id, ip, &home));
    return check_zone(turn, name, home, cidr_holds(&loopback, ip), out);
}
