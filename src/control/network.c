/* SPDX-License-Identifier: Apache-2.0 */
#include "control/network.h"

#include "control/block.h"
#include "control/id.h"
#include "control/resource.h"
#include "control/security_group.h"
#include "store/internet_gateway.h"

#define SUBNET_BITS           4 /* a default VPC is cut into 16 subnets: /16 to /20 */
#define SUBNET_RESERVED_COUNT 5 /* Amazon VPC user guide, "Subnet sizing" */

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
    TRY(make_gateway(turn, &vpc));
    return security_group_create_default(turn, vpc.id);
}

enum rc network_find_vpc(struct turn *turn, struct text id, struct vpc_row *out)
{
    enum rc rc;

    TRY(resource_check_id(turn, RESOURCE_VPC, id));
    rc = vpc_row_get(turn->store, turn->arena, id, out);
    return rc == RC_ABSENT ? resource_refuse_absent(turn, RESOURCE_VPC, id) : rc;
}

enum rc network_choose_vpc(struct turn *turn, struct text id, struct vpc_row *out)
{
    enum rc rc;

    if (!text_is_empty(id)) {
        return network_find_vpc(turn, id, out);
    }
    rc = vpc_row_get_default(turn->store, turn->arena, out);
    if (rc == RC_ABSENT) {
        return refuse(&turn->refusal, rc, "VPCIdNotSpecified", "No default VPC for this user");
    }
    return rc;
}

enum rc network_find_subnet(struct turn *turn, struct text id, struct subnet_row *out)
{
    enum rc rc;

    TRY(resource_check_id(turn, RESOURCE_SUBNET, id));
    rc = subnet_row_get(turn->store, turn->arena, id, out);
    return rc == RC_ABSENT ? resource_refuse_absent(turn, RESOURCE_SUBNET, id) : rc;
}

int64_t network_free_addresses(const struct subnet_row *subnet)
{
    struct snap_cidr cidr;

    if (cidr_parse(subnet->cidr, &cidr) != RC_OK) {
        return 0;
    }
    return (int64_t)block_size(cidr) - SUBNET_RESERVED_COUNT - subnet->interface_count;
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
    return vpc_row_insert(turn->store, out);
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
    struct internet_gateway_row row = {
        .id = resource_id(turn, RESOURCE_GATEWAY),
        .vpc_id = vpc->id,
    };

    return internet_gateway_row_insert(turn->store, &row);
}
