/* SPDX-License-Identifier: Apache-2.0 */
#include "control/network.h"

#include "control/block.h"
#include "control/id.h"
#include "control/resource.h"
#include "control/vpc.h"
#include "store/internet_gateway.h"
#include "store/route_table.h"
#include "store/subnet.h"

#define SUBNET_BITS 4 /* default subnets are sixteenths: /20 of a /16 */

static enum rc make_vpc(struct turn *turn, struct vpc_row *out);
static enum rc make_gateway(struct turn *turn, const struct vpc_row *vpc);
static enum rc find_free_part(struct turn *turn, const struct vpc_row *vpc, struct text *out);
static bool is_taken(const struct subnet_rows *subnets, struct text vpc_id, struct snap_cidr part);

enum rc network_seed(struct turn *turn)
{
    struct vpc_rows existing;
    struct vpc_row vpc;

    TRY(vpc_row_list(turn->store, turn->arena, &existing));
    return existing.count > 0 ? RC_OK : network_create_default_vpc(turn, &vpc);
}

enum rc network_create_default_vpc(struct turn *turn, struct vpc_row *out)
{
    const struct control_config *config = turn->config;
    enum rc rc = vpc_row_get_default(turn->store, turn->arena, out);

    if (rc == RC_OK) {
        return refuse(&turn->refusal, RC_CONFLICT, "DefaultVpcAlreadyExists",
                      "A Default VPC already exists for this account in this region.");
    }
    if (rc != RC_ABSENT) {
        return rc;
    }
    TRY(make_vpc(turn, out));
    for (size_t i = 0; i < config->zone_count; i++) {
        struct subnet_row subnet;

        TRY(network_create_default_subnet(turn, config->zones[i], &subnet));
    }
    return make_gateway(turn, out);
}

enum rc network_create_default_subnet(struct turn *turn, struct text zone, struct subnet_row *out)
{
    struct subnet_rows subnets;
    struct vpc_row vpc;
    enum rc rc = vpc_row_get_default(turn->store, turn->arena, &vpc);

    if (rc == RC_ABSENT) {
        return refuse(&turn->refusal, rc, "DefaultVpcDoesNotExist",
                      "No default VPC exists for this account in this region.");
    }
    TRY(rc);
    TRY(subnet_row_list(turn->store, turn->arena, &subnets));
    for (size_t i = 0; i < subnets.count; i++) {
        if (subnets.at[i].is_default && text_eq(subnets.at[i].zone, zone)) {
            return refuse(&turn->refusal, RC_CONFLICT,
                          "DefaultSubnetAlreadyExistsInAvailabilityZone",
                          "'%.*s' is already the default subnet in %.*s.",
                          TEXT_ARG(subnets.at[i].id), TEXT_ARG(zone));
        }
    }
    *out = (struct subnet_row){
        .id = resource_id(turn, RESOURCE_SUBNET),
        .vpc_id = vpc.id,
        .zone = zone,
        .is_default = true,
        .maps_public_ip = true,
    };
    TRY(find_free_part(turn, &vpc, &out->cidr));
    return subnet_row_insert(turn->store, out);
}

static enum rc make_vpc(struct turn *turn, struct vpc_row *out)
{
    struct snap_cidr cidr;

    if (cidr_parse(turn->config->vpc_cidr, &cidr) != RC_OK || cidr.prefix_len < 16 ||
        cidr.prefix_len > 24) {
        return refuse(&turn->refusal, RC_BAD, "InvalidVpc.Range",
                      "The CIDR '%.*s' of the default VPC is not a block of /16 to /24",
                      TEXT_ARG(turn->config->vpc_cidr));
    }
    *out = (struct vpc_row){
        .id = resource_id(turn, RESOURCE_VPC),
        .cidr = block_text(turn->arena, cidr),
        .is_default = true,
        .association_id = id_ec2(turn, "vpc-cidr-assoc"),
        .dhcp_options_id = id_ec2(turn, "dopt"),
        .tenancy = TEXT("default"),
        .has_dns_support = true,
        .has_dns_hostnames = true,
    };
    return vpc_insert(turn, out);
}

static enum rc find_free_part(struct turn *turn, const struct vpc_row *vpc, struct text *out)
{
    struct subnet_rows subnets;
    struct snap_cidr whole;

    TRY(cidr_parse(vpc->cidr, &whole));
    TRY(subnet_row_list(turn->store, turn->arena, &subnets));
    for (uint32_t i = 0; i < 1 << SUBNET_BITS; i++) {
        uint8_t prefix_len = (uint8_t)(whole.prefix_len + SUBNET_BITS);
        struct snap_cidr part = {whole.network + (i << (32 - prefix_len)), prefix_len};

        if (!is_taken(&subnets, vpc->id, part)) {
            *out = block_text(turn->arena, part);
            return out->at ? RC_OK : RC_LIMIT;
        }
    }
    return refuse(&turn->refusal, RC_LIMIT, "InsufficientCidrBlocks",
                  "There is no room for another default subnet in '%.*s'.", TEXT_ARG(vpc->id));
}

static bool is_taken(const struct subnet_rows *subnets, struct text vpc_id, struct snap_cidr part)
{
    for (size_t i = 0; i < subnets->count; i++) {
        struct snap_cidr other;

        if (text_eq(subnets->at[i].vpc_id, vpc_id) &&
            cidr_parse(subnets->at[i].cidr, &other) == RC_OK &&
            (cidr_holds(&part, other.network) || cidr_holds(&other, part.network))) {
            return true;
        }
    }
    return false;
}

static enum rc make_gateway(struct turn *turn, const struct vpc_row *vpc)
{
    const struct internet_gateway_row gateway = {
        .id = resource_id(turn, RESOURCE_GATEWAY),
        .vpc_id = vpc->id,
    };
    struct route_table_rows tables;
    struct route_row route = {.destination = TEXT("0.0.0.0/0"), .gateway_id = gateway.id};

    TRY(internet_gateway_row_insert(turn->store, &gateway));
    TRY(route_table_row_list(turn->store, turn->arena, &tables));
    for (size_t i = 0; i < tables.count; i++) {
        if (text_eq(tables.at[i].vpc_id, vpc->id)) {
            route.table_id = tables.at[i].id; /* the only one so far, so it is the main one */
        }
    }
    return route_row_insert(turn->store, &route);
}
