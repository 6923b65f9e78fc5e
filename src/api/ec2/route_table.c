/* SPDX-License-Identifier: Apache-2.0 */
#include "control/route_table.h"
#include "api/ec2/ec2.h"
#include "api/ec2/select.h"
#include "api/ec2/tagging.h"
#include "store/internet_gateway.h"
#include "store/vpc.h"

/* What all tables share while they are written. */
struct loaded {
    struct vpc_rows vpcs;
    struct route_rows routes;
    struct route_association_rows associations;
    struct internet_gateway_rows gateways;
    struct tag_rows tags;
};

static enum rc load(struct call *call, struct loaded *out);
static enum rc write_table(struct call *call, const struct route_table_row *row,
                           const struct loaded *loaded, struct ec2_route_table *out);
static enum rc write_routes(struct call *call, const struct route_table_row *row,
                            const struct loaded *loaded, struct ec2_route_table *out);
static enum rc write_associations(struct call *call, const struct route_table_row *row,
                                  const struct loaded *loaded, struct ec2_route_table *out);
static enum rc write_association(struct call *call, const struct route_table_row *row,
                                 struct text id, struct text subnet_id,
                                 struct ec2_route_table *out);
static bool is_attached(const struct loaded *loaded, const struct route_row *route,
                        struct text vpc_id);

enum rc ec2_describe_route_tables(struct call *call,
                                  const struct ec2_describe_route_tables_input *in,
                                  struct ec2_describe_route_tables_output *out)
{
    static const struct select_filter filters[] = {
        {"association.gateway-id", "Associations.GatewayId"},
        {"association.main", "Associations.Main"},
        {"association.route-table-association-id", "Associations.RouteTableAssociationId"},
        {"association.route-table-id", "Associations.RouteTableId"},
        {"association.subnet-id", "Associations.SubnetId"},
        {"owner-id", "OwnerId"},
        {"route-table-id", "RouteTableId"},
        {"route.destination-cidr-block", "Routes.DestinationCidrBlock"},
        {"route.destination-ipv6-cidr-block", "Routes.DestinationIpv6CidrBlock"},
        {"route.gateway-id", "Routes.GatewayId"},
        {"route.nat-gateway-id", "Routes.NatGatewayId"},
        {"route.origin", "Routes.Origin"},
        {"route.state", "Routes.State"},
        {"vpc-id", "VpcId"},
        {NULL, NULL},
    };
    struct route_table_rows rows;
    struct loaded loaded;

    TRY(route_table_row_list(call->turn.store, call->arena, &rows));
    TRY(load(call, &loaded));
    TRY(CALL_LIST(call, &out->route_tables, rows.count));
    for (size_t i = 0; i < rows.count; i++) {
        TRY(write_table(call, &rows.at[i], &loaded, &out->route_tables.items[i]));
    }
    TRY(select_ids(call, RESOURCE_ROUTE_TABLE, &in->route_table_ids, "RouteTableId", "RouteTables",
                   out));
    return select_filters(call, &in->filters, filters, "RouteTables", out);
}

enum rc ec2_create_route_table(struct call *call, const struct ec2_create_route_table_input *in,
                               struct ec2_create_route_table_output *out)
{
    struct route_table_row row;
    struct loaded loaded;
    struct tag_rows tags;

    TRY(tagging_read(call, &in->tag_specifications, "route-table", &tags));
    TRY(route_table_create(&call->turn, in->vpc_id, &tags, &row));
    TRY(load(call, &loaded));
    TRY(CALL_NEW(call, &out->route_table));
    out->client_token = in->client_token;
    return write_table(call, &row, &loaded, out->route_table);
}

enum rc ec2_delete_route_table(struct call *call, const struct ec2_delete_route_table_input *in,
                               struct ec2_delete_route_table_output *out)
{
    (void)out; /* has no members */
    return route_table_delete(&call->turn, in->route_table_id);
}

/* Only one of the two is given; the check of a block tells them apart. */
#define ROUTE_DESTINATION(in)                                       \
    ((in)->destination_cidr_block.at ? (in)->destination_cidr_block \
                                     : (in)->destination_ipv6_cidr_block)

enum rc ec2_create_route(struct call *call, const struct ec2_create_route_input *in,
                         struct ec2_create_route_output *out)
{
    const struct route_row row = {
        .table_id = in->route_table_id,
        .destination = ROUTE_DESTINATION(in),
        .gateway_id = in->gateway_id,
    };

    CALL_SET(out, return_, true);
    return route_table_add(&call->turn, &row);
}

enum rc ec2_replace_route(struct call *call, const struct ec2_replace_route_input *in,
                          struct ec2_replace_route_output *out)
{
    const struct route_row row = {
        .table_id = in->route_table_id,
        .destination = ROUTE_DESTINATION(in),
        .gateway_id = in->gateway_id,
    };

    (void)out; /* has no members */
    return route_table_replace(&call->turn, &row);
}

enum rc ec2_delete_route(struct call *call, const struct ec2_delete_route_input *in,
                         struct ec2_delete_route_output *out)
{
    (void)out; /* has no members */
    return route_table_remove(&call->turn, in->route_table_id, ROUTE_DESTINATION(in));
}

enum rc ec2_associate_route_table(struct call *call,
                                  const struct ec2_associate_route_table_input *in,
                                  struct ec2_associate_route_table_output *out)
{
    TRY(route_table_associate(&call->turn, in->route_table_id, in->subnet_id,
                              &out->association_id));
    TRY(CALL_NEW(call, &out->association_state));
    out->association_state->state = TEXT("associated");
    return RC_OK;
}

enum rc ec2_disassociate_route_table(struct call *call,
                                     const struct ec2_disassociate_route_table_input *in,
                                     struct ec2_disassociate_route_table_output *out)
{
    (void)out; /* has no members */
    return route_table_disassociate(&call->turn, in->association_id);
}

static enum rc load(struct call *call, struct loaded *out)
{
    struct store *store = call->turn.store;

    TRY(vpc_row_list(store, call->arena, &out->vpcs));
    TRY(route_row_list(store, call->arena, &out->routes));
    TRY(route_association_row_list(store, call->arena, &out->associations));
    TRY(internet_gateway_row_list(store, call->arena, &out->gateways));
    return tagging_load(call, "rtb-", &out->tags);
}

static enum rc write_table(struct call *call, const struct route_table_row *row,
                           const struct loaded *loaded, struct ec2_route_table *out)
{
    out->route_table_id = row->id;
    out->vpc_id = row->vpc_id;
    out->owner_id = call->turn.config->account;
    TRY(CALL_LIST(call, &out->propagating_vgws, 0));
    TRY(write_routes(call, row, loaded, out));
    TRY(write_associations(call, row, loaded, out));
    return tagging_write(call, &loaded->tags, row->id, true, &out->tags);
}

static enum rc write_routes(struct call *call, const struct route_table_row *row,
                            const struct loaded *loaded, struct ec2_route_table *out)
{
    TRY(CALL_LIST(call, &out->routes, loaded->routes.count + 1));
    out->routes.count = 1;
    out->routes.items[0] = (struct ec2_route){
        .gateway_id = TEXT("local"),
        .origin = TEXT("CreateRouteTable"),
        .state = TEXT("active"),
    };
    for (size_t i = 0; i < loaded->vpcs.count; i++) {
        if (text_eq(loaded->vpcs.at[i].id, row->vpc_id)) {
            out->routes.items[0].destination_cidr_block = loaded->vpcs.at[i].cidr;
        }
    }
    for (size_t i = 0; i < loaded->routes.count; i++) {
        const struct route_row *route = &loaded->routes.at[i];
        bool is_ipv6 = text_find(route->destination, ':') < route->destination.len;
        struct ec2_route item = {
            .gateway_id = route->gateway_id,
            .origin = TEXT("CreateRoute"),
            .state = is_attached(loaded, route, row->vpc_id) ? TEXT("active") : TEXT("blackhole"),
        };

        if (text_eq(route->table_id, row->id)) {
            *(is_ipv6 ? &item.destination_ipv6_cidr_block : &item.destination_cidr_block) =
                route->destination;
            out->routes.items[out->routes.count++] = item;
        }
    }
    return RC_OK;
}

static enum rc write_associations(struct call *call, const struct route_table_row *row,
                                  const struct loaded *loaded, struct ec2_route_table *out)
{
    TRY(CALL_LIST(call, &out->associations, loaded->associations.count + 1));
    out->associations.count = 0;
    if (!text_is_empty(row->main_association_id)) {
        TRY(write_association(call, row, row->main_association_id, (struct text){NULL, 0}, out));
    }
    for (size_t i = 0; i < loaded->associations.count; i++) {
        const struct route_association_row *association = &loaded->associations.at[i];

        if (text_eq(association->table_id, row->id)) {
            TRY(write_association(call, row, association->id, association->subnet_id, out));
        }
    }
    return RC_OK;
}

static enum rc write_association(struct call *call, const struct route_table_row *row,
                                 struct text id, struct text subnet_id, struct ec2_route_table *out)
{
    struct ec2_route_table_association *item = &out->associations.items[out->associations.count++];

    item->route_table_association_id = id;
    item->route_table_id = row->id;
    item->subnet_id = subnet_id;
    CALL_SET(item, main, subnet_id.at == NULL);
    TRY(CALL_NEW(call, &item->association_state));
    item->association_state->state = TEXT("associated");
    return RC_OK;
}

static bool is_attached(const struct loaded *loaded, const struct route_row *route,
                        struct text vpc_id)
{
    for (size_t i = 0; i < loaded->gateways.count; i++) {
        const struct internet_gateway_row *gateway = &loaded->gateways.at[i];

        if (text_eq(gateway->id, route->gateway_id)) {
            return text_eq(gateway->vpc_id, vpc_id);
        }
    }
    return false;
}
