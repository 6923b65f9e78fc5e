/* SPDX-License-Identifier: Apache-2.0 */
#include "control/balancer_place.h"

#include "control/address_pool.h"
#include "control/network_interface.h"
#include "control/subnet.h"
#include "store/internet_gateway.h"
#include "store/listener.h"
#include "store/security_group.h"

static enum rc check_zones(struct turn *turn, const struct balancer_place *place);
static enum rc check_gateway(struct turn *turn, struct text vpc_id);
static enum rc list_ports(struct turn *turn, struct text arn, int64_t **out, size_t *count);
static enum rc leave_zones(struct turn *turn, const struct balancer_row *balancer,
                           const struct balancer_place *place,
                           const struct balancer_zone_rows *zones);
static enum rc enter_zone(struct turn *turn, const struct balancer_row *balancer,
                          const struct balancer_place *place, const struct subnet_row *subnet);
static bool has_id(const struct text *ids, size_t count, struct text id);

enum rc balancer_place_subnets(struct turn *turn, bool is_internal, const struct text *ids,
                               size_t count, struct balancer_place *out)
{
    out->subnet_count = 0;
    out->subnets = ARENA_ARRAY(turn->arena, struct subnet_row, count);
    if (out->subnets == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < count; i++) {
        const enum rc rc =
            subnet_row_get(turn->store, turn->arena, ids[i], &out->subnets[out->subnet_count]);

        if (rc == RC_ABSENT) {
            return refuse(&turn->refusal, RC_ABSENT, "SubnetNotFound",
                          "The subnet ID '%.*s' does not exist", TEXT_ARG(ids[i]));
        }
        TRY(rc);
        out->subnet_count++;
    }
    TRY(check_zones(turn, out));
    out->vpc_id = out->subnets[0].vpc_id;
    return is_internal ? RC_OK : check_gateway(turn, out->vpc_id);
}

static enum rc check_zones(struct turn *turn, const struct balancer_place *place)
{
    for (size_t i = 0; i < place->subnet_count; i++) {
        const struct subnet_row *subnet = &place->subnets[i];

        if (!text_eq(subnet->vpc_id, place->subnets[0].vpc_id)) {
            return refuse(&turn->refusal, RC_BAD, "InvalidConfigurationRequest",
                          "All subnets must belong to the same VPC: '%.*s', '%.*s'",
                          TEXT_ARG(place->subnets[0].vpc_id), TEXT_ARG(subnet->vpc_id));
        }
        for (size_t j = 0; j < i; j++) {
            if (text_eq(subnet->zone, place->subnets[j].zone)) {
                return refuse(&turn->refusal, RC_BAD, "InvalidConfigurationRequest",
                              "A load balancer cannot be attached to multiple subnets in the same "
                              "Availability Zone");
            }
        }
    }
    if (place->subnet_count < 2) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "At least two subnets in two different Availability Zones must be specified");
    }
    return RC_OK;
}

static enum rc check_gateway(struct turn *turn, struct text vpc_id)
{
    struct internet_gateway_rows rows;

    TRY(internet_gateway_row_list(turn->store, turn->arena, &rows));
    for (size_t i = 0; i < rows.count; i++) {
        if (text_eq(rows.at[i].vpc_id, vpc_id)) {
            return RC_OK;
        }
    }
    return refuse(&turn->refusal, RC_BAD, "InvalidSubnet", "VPC %.*s has no internet gateway",
                  TEXT_ARG(vpc_id));
}

static enum rc default_group(struct turn *turn, struct balancer_place *place)
{
    struct security_group_row row;
    struct text *only = ARENA_NEW(turn->arena, struct text);

    if (only == NULL) {
        return RC_LIMIT;
    }
    TRY(security_group_row_get_named(turn->store, turn->arena, place->vpc_id, TEXT("default"),
                                     &row));
    *only = row.id;
    place->groups = only;
    place->group_count = 1;
    return RC_OK;
}

enum rc balancer_place_groups(struct turn *turn, const struct text *ids, size_t count,
                              struct balancer_place *place)
{
    if (count == 0) {
        return default_group(turn, place);
    }
    for (size_t i = 0; i < count; i++) {
        struct security_group_row row;
        const enum rc rc = security_group_row_get(turn->store, turn->arena, ids[i], &row);

        if (rc == RC_ABSENT) {
            return refuse(&turn->refusal, RC_ABSENT, "InvalidSecurityGroup",
                          "The security group '%.*s' does not exist", TEXT_ARG(ids[i]));
        }
        TRY(rc);
        if (!text_eq(row.vpc_id, place->vpc_id)) {
            return refuse(&turn->refusal, RC_BAD, "InvalidConfigurationRequest",
                          "The security group '%.*s' does not belong to VPC '%.*s'",
                          TEXT_ARG(ids[i]), TEXT_ARG(place->vpc_id));
        }
        if (has_id(ids, i, ids[i])) {
            return refuse(&turn->refusal, RC_BAD, "InvalidConfigurationRequest",
                          "The security group '%.*s' was specified more than once",
                          TEXT_ARG(ids[i]));
        }
    }
    place->groups = ids;
    place->group_count = count;
    return RC_OK;
}

enum rc balancer_place_apply(struct turn *turn, const struct balancer_row *balancer,
                             const struct balancer_place *place)
{
    struct balancer_zone_rows zones;

    TRY(balancer_zone_row_list(turn->store, turn->arena, balancer->arn, &zones));
    TRY(leave_zones(turn, balancer, place, &zones));
    for (size_t i = 0; i < place->subnet_count; i++) {
        bool stays = false;

        for (size_t j = 0; j < zones.count; j++) {
            stays = stays || text_eq(zones.at[j].subnet_id, place->subnets[i].id);
        }
        if (!stays) {
            TRY(enter_zone(turn, balancer, place, &place->subnets[i]));
        }
    }
    return RC_OK;
}

static enum rc leave_zones(struct turn *turn, const struct balancer_row *balancer,
                           const struct balancer_place *place,
                           const struct balancer_zone_rows *zones)
{
    for (size_t i = 0; i < zones->count; i++) {
        bool stays = false;

        for (size_t j = 0; j < place->subnet_count; j++) {
            stays = stays || text_eq(zones->at[i].subnet_id, place->subnets[j].id);
        }
        if (!stays) {
            TRY(network_interface_delete(turn, balancer->arn, zones->at[i].subnet_id));
            TRY(balancer_zone_row_remove(turn->store, balancer->arn, zones->at[i].zone));
        }
    }
    return RC_OK;
}

static enum rc enter_zone(struct turn *turn, const struct balancer_row *balancer,
                          const struct balancer_place *place, const struct subnet_row *subnet)
{
    const bool is_internal = text_eq(balancer->scheme, TEXT("internal"));
    const struct text pool =
        is_internal ? turn->config->private_addresses : turn->config->public_addresses;
    struct balancer_zone_row row = {
        .balancer = balancer->arn, .zone = subnet->zone, .subnet_id = subnet->id};
    int64_t *ports;
    size_t port_count;

    if (subnet_free_addresses(subnet) < 1) {
        return refuse(&turn->refusal, RC_BAD, "InvalidSubnet",
                      "Not enough IP space available in %.*s. ELB requires at least 1 free IP "
                      "address in the subnet",
                      TEXT_ARG(subnet->id));
    }
    TRY(list_ports(turn, balancer->arn, &ports, &port_count));
    TRY(address_pool_choose(turn, pool, balancer->arn, subnet->zone, ports, port_count,
                            &row.address));
    TRY(balancer_zone_row_insert(turn->store, &row));

    const struct network_interface_new wanted = {
        .subnet_id = subnet->id,
        .balancer = balancer->arn,
        .description = arena_printf(turn->arena, "ELB %.*s", TEXT_ARG(balancer->id)),
        .public_ip = is_internal ? (struct text){NULL, 0} : row.address,
        .group_ids = place->groups,
        .group_count = place->group_count,
    };
    return network_interface_create(turn, &wanted, NULL);
}

static enum rc list_ports(struct turn *turn, struct text arn, int64_t **out, size_t *count)
{
    struct listener_rows rows;

    TRY(listener_row_list(turn->store, turn->arena, arn, &rows));
    *out = ARENA_ARRAY(turn->arena, int64_t, rows.count);
    if (*out == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < rows.count; i++) {
        (*out)[i] = rows.at[i].port;
    }
    *count = rows.count;
    return RC_OK;
}

enum rc balancer_place_apply_groups(struct turn *turn, struct text arn, const struct text *ids,
                                    size_t count)
{
    TRY(balancer_member_row_remove_all(turn->store, arn));
    for (size_t i = 0; i < count; i++) {
        TRY(balancer_member_row_insert(turn->store, arn, ids[i], (int64_t)i));
    }
    return network_interface_set_groups(turn, arn, ids, count);
}

static bool has_id(const struct text *ids, size_t count, struct text id)
{
    for (size_t i = 0; i < count; i++) {
        if (text_eq(ids[i], id)) {
            return true;
        }
    }
    return false;
}
