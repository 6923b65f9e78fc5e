/* SPDX-License-Identifier: Apache-2.0 */
#include "control/network.h"

#include "control/block.h"
#include "control/id.h"
#include "control/resource.h"
#include "control/vpc.h"
#include "store/internet_gateway.h"
#include "store/route_table.h"
#include "store/subnet.h"

#define SUBNET_BITS 4 /* a default VPC is cut into 16 subnets: /16 to /20 */

static enum rc make_vpc(struct turn *turn, struct vpc_row *out);
static enum rc make_subnets(struct turn *turn, const struct vpc_row *vpc);
static enum rc make_gateway(struct turn *turn, const struct vpc_row *vpc);

enum rc network_seed(struct turn *turn)
{
    struct vpc_rows existing;
    struct vpc_row vpc;

    TRY(vpc_row_list(turn->store, turn->arena, &existing));
    if (existing.count > 0) {
        return RC_OK;
    }
    TRY(make_vpc(turn, &vpc));
    TRY(make_subnets(turn, &vpc));
    return make_gateway(turn, &vpc);
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

static enum rc make_subnets(struct turn *turn, const struct vpc_row *vpc)
{
    struct snap_cidr whole;

    TRY(cidr_parse(vpc->cidr, &whole));
    for (size_t i = 0; i < turn->config->zone_count; i++) {
        uint8_t prefix_len = (uint8_t)(whole.prefix_len + SUBNET_BITS);
        struct snap_cidr part = {whole.network + ((uint32_t)i << (32 - prefix_len)), prefix_len};
        struct subnet_row row = {
            .id = resource_id(turn, RESOURCE_SUBNET),
            .vpc_id = vpc->id,
            .cidr = block_text(turn->arena, part),
            .zone = turn->config->zones[i],
            .is_default = true,
            .maps_public_ip = true,
        };

        TRY(subnet_row_insert(turn->store, &row));
    }
    return RC_OK;
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
    ASSERT(tables.count == 1); /* the main one of the only VPC */
    route.table_id = tables.at[0].id;
    return route_row_insert(turn->store, &route);
}
