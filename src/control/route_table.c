/* SPDX-License-Identifier: Apache-2.0 */
#include "control/route_table.h"

#include "control/block.h"
#include "control/id.h"
#include "control/internet_gateway.h"
#include "control/resource.h"
#include "control/subnet.h"
#include "control/tags.h"
#include "control/vpc.h"

static enum rc check_route(struct turn *turn, const struct route_row *given, bool is_new,
                           struct route_row *out);
static enum rc check_destination(struct turn *turn, const struct route_table_row *table,
                                 struct text given, struct text *out);
static enum rc refuse_dependencies(struct turn *turn, struct text id);
static enum rc refuse_no_route(struct turn *turn, struct text id, struct text destination);

enum rc route_table_find(struct turn *turn, struct text id, struct route_table_row *out)
{
    enum rc rc;

    TRY(resource_check_id(turn, RESOURCE_ROUTE_TABLE, id));
    rc = route_table_row_get(turn->store, turn->arena, id, out);
    return rc == RC_ABSENT ? resource_refuse_absent(turn, RESOURCE_ROUTE_TABLE, id) : rc;
}

enum rc route_table_create(struct turn *turn, struct text vpc_id, const struct tag_rows *tags,
                           struct route_table_row *out)
{
    struct vpc_row vpc;

    TRY(vpc_find(turn, vpc_id, &vpc));
    *out = (struct route_table_row){
        .id = resource_id(turn, RESOURCE_ROUTE_TABLE),
        .vpc_id = vpc.id,
    };
    TRY(route_table_row_insert(turn->store, out));
    return tags_put_ec2(turn, out->id, tags->at, tags->count);
}

enum rc route_table_delete(struct turn *turn, struct text id)
{
    struct route_table_row table;
    enum rc rc;

    TRY(route_table_find(turn, id, &table));
    if (!text_is_empty(table.main_association_id)) {
        return refuse_dependencies(turn, id);
    }
    rc = route_table_row_delete(turn->store, id);
    if (rc == RC_CONFLICT) {
        return refuse_dependencies(turn, id);
    }
    TRY(rc);
    return tag_row_delete_all(turn->store, id);
}

enum rc route_table_add(struct turn *turn, const struct route_row *route)
{
    struct route_row row;
    enum rc rc;

    TRY(check_route(turn, route, true, &row));
    rc = route_row_insert(turn->store, &row);
    if (rc == RC_CONFLICT) {
        return refuse(&turn->refusal, rc, "RouteAlreadyExists",
                      "The route identified by %.*s already exists.", TEXT_ARG(row.destination));
    }
    return rc;
}

enum rc route_table_replace(struct turn *turn, const struct route_row *route)
{
    struct route_row row;
    enum rc rc;

    TRY(check_route(turn, route, false, &row));
    rc = route_row_update(turn->store, &row);
    return rc == RC_ABSENT ? refuse_no_route(turn, row.table_id, row.destination) : rc;
}

enum rc route_table_remove(struct turn *turn, struct text id, struct text destination)
{
    struct route_table_row table;
    enum rc rc;

    TRY(route_table_find(turn, id, &table));
    TRY(check_destination(turn, &table, destination, &destination));
    rc = route_row_delete(turn->store, id, destination);
    return rc == RC_ABSENT ? refuse_no_route(turn, id, destination) : rc;
}

enum rc route_table_associate(struct turn *turn, struct text id, struct text subnet_id,
                              struct text *association_id)
{
    struct route_association_row row = {
        .id = id_ec2(turn, "rtbassoc"), .table_id = id, .subnet_id = subnet_id};
    struct route_table_row table;
    struct subnet_row subnet;
    enum rc rc;

    TRY(route_table_find(turn, id, &table));
    TRY(subnet_find(turn, subnet_id, &subnet));
    if (!text_eq(table.vpc_id, subnet.vpc_id)) {
        return refuse(&turn->refusal, RC_BAD, "InvalidParameterValue",
                      "Route table %.*s and subnet %.*s belong to different networks", TEXT_ARG(id),
                      TEXT_ARG(subnet_id));
    }
    rc = route_association_row_insert(turn->store, &row);
    if (rc == RC_CONFLICT) {
        return refuse(&turn->refusal, rc, "Resource.AlreadyAssociated",
                      "the specified association for route table %.*s conflicts with an existing "
                      "association",
                      TEXT_ARG(id));
    }
    *association_id = row.id;
    return rc;
}

enum rc route_table_disassociate(struct turn *turn, struct text association_id)
{
    enum rc rc = route_association_row_delete(turn->store, association_id);

    if (rc == RC_ABSENT) {
        return refuse(&turn->refusal, rc, "InvalidAssociationID.NotFound",
                      "The association ID '%.*s' does not exist", TEXT_ARG(association_id));
    }
    return rc;
}

static enum rc check_route(struct turn *turn, const struct route_row *given, bool is_new,
                           struct route_row *out)
{
    struct internet_gateway_row gateway;
    struct route_table_row table;

    TRY(route_table_find(turn, given->table_id, &table));
    *out = *given;
    TRY(check_destination(turn, &table, given->destination, &out->destination));
    if (!is_new && text_is_empty(given->gateway_id)) {
        return refuse_no_route(turn, table.id, out->destination);
    }
    if (internet_gateway_row_get(turn->store, turn->arena, given->gateway_id, &gateway) != RC_OK) {
        return refuse(&turn->refusal, RC_ABSENT, "InvalidGatewayID.NotFound",
                      "The gateway ID '%.*s' does not exist", TEXT_ARG(given->gateway_id));
    }
    if (!text_eq(gateway.vpc_id, table.vpc_id)) {
        return refuse(&turn->refusal, RC_BAD, "InvalidParameterValue",
                      "route table %.*s and network gateway %.*s belong to different networks",
                      TEXT_ARG(table.id), TEXT_ARG(gateway.id));
    }
    return RC_OK;
}

static enum rc check_destination(struct turn *turn, const struct route_table_row *table,
                                 struct text given, struct text *out)
{
    struct vpc_row vpc;

    if (block_canonical(turn->arena, given, out) != RC_OK &&
        block6_canonical(turn->arena, given, out) != RC_OK) {
        return refuse(&turn->refusal, RC_BAD, "InvalidParameterValue",
                      "Value (%.*s) for parameter destinationCidrBlock is invalid. This is not a "
                      "valid CIDR block.",
                      TEXT_ARG(given));
    }
    TRY(vpc_row_get(turn->store, turn->arena, table->vpc_id, &vpc));
    if (text_eq(*out, vpc.cidr)) {
        return refuse(&turn->refusal, RC_CONFLICT, "InvalidParameterValue",
                      "cannot change the local route %.*s of route table %.*s", TEXT_ARG(*out),
                      TEXT_ARG(table->id));
    }
    return RC_OK;
}

static enum rc refuse_dependencies(struct turn *turn, struct text id)
{
    return refuse(&turn->refusal, RC_CONFLICT, "DependencyViolation",
                  "The routeTable '%.*s' has dependencies and cannot be deleted.", TEXT_ARG(id));
}

static enum rc refuse_no_route(struct turn *turn, struct text id, struct text destination)
{
    return refuse(&turn->refusal, RC_ABSENT, "InvalidRoute.NotFound",
                  "no route with destination-cidr-block %.*s in route table %.*s",
                  TEXT_ARG(destination), TEXT_ARG(id));
}
