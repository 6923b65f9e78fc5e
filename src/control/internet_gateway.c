/* SPDX-License-Identifier: Apache-2.0 */
#include "control/internet_gateway.h"

#include "control/resource.h"
#include "control/tags.h"
#include "control/vpc.h"
#include "store/network_interface.h"

static enum rc check_no_public_address(struct turn *turn, struct text vpc_id);

enum rc internet_gateway_find(struct turn *turn, struct text id, struct internet_gateway_row *out)
{
    enum rc rc;

    TRY(resource_check_id(turn, RESOURCE_GATEWAY, id));
    rc = internet_gateway_row_get(turn->store, turn->arena, id, out);
    return rc == RC_ABSENT ? resource_refuse_absent(turn, RESOURCE_GATEWAY, id) : rc;
}

enum rc internet_gateway_create(struct turn *turn, const struct tag_rows *tags,
                                struct internet_gateway_row *out)
{
    *out = (struct internet_gateway_row){.id = resource_id(turn, RESOURCE_GATEWAY)};
    TRY(internet_gateway_row_insert(turn->store, out));
    return tags_put_ec2(turn, out->id, tags->at, tags->count);
}

enum rc internet_gateway_attach(struct turn *turn, struct text id, struct text vpc_id)
{
    struct internet_gateway_row gateway;
    struct vpc_row vpc;
    enum rc rc;

    TRY(internet_gateway_find(turn, id, &gateway));
    TRY(vpc_find(turn, vpc_id, &vpc));
    if (gateway.vpc_id.at) {
        return refuse(&turn->refusal, RC_CONFLICT, "Resource.AlreadyAssociated",
                      "resource %.*s is already attached to network %.*s", TEXT_ARG(id),
                      TEXT_ARG(gateway.vpc_id));
    }
    rc = internet_gateway_row_set_vpc(turn->store, id, vpc_id);
    if (rc == RC_CONFLICT) {
        return refuse(&turn->refusal, rc, "InvalidParameterValue",
                      "Network %.*s already has an internet gateway attached", TEXT_ARG(vpc_id));
    }
    return rc;
}

enum rc internet_gateway_detach(struct turn *turn, struct text id, struct text vpc_id)
{
    struct internet_gateway_row gateway;

    TRY(internet_gateway_find(turn, id, &gateway));
    if (!text_eq(gateway.vpc_id, vpc_id)) {
        return refuse(&turn->refusal, RC_CONFLICT, "Gateway.NotAttached",
                      "resource %.*s is not attached to network %.*s", TEXT_ARG(id),
                      TEXT_ARG(vpc_id));
    }
    TRY(check_no_public_address(turn, vpc_id));
    return internet_gateway_row_set_vpc(turn->store, id, (struct text){NULL, 0});
}

enum rc internet_gateway_delete(struct turn *turn, struct text id)
{
    struct internet_gateway_row gateway;

    TRY(internet_gateway_find(turn, id, &gateway));
    if (gateway.vpc_id.at) {
        return refuse(&turn->refusal, RC_CONFLICT, "DependencyViolation",
                      "The internetGateway '%.*s' has dependencies and cannot be deleted.",
                      TEXT_ARG(id));
    }
    TRY(internet_gateway_row_delete(turn->store, id));
    return tag_row_delete_all(turn->store, id);
}

static enum rc check_no_public_address(struct turn *turn, struct text vpc_id)
{
    struct network_interface_rows rows;

    TRY(network_interface_row_list(turn->store, turn->arena, &rows));
    for (size_t i = 0; i < rows.count; i++) {
        if (text_eq(rows.at[i].vpc_id, vpc_id) && rows.at[i].public_ip.at) {
            return refuse(&turn->refusal, RC_CONFLICT, "DependencyViolation",
                          "Network %.*s has some mapped public address(es). Please unmap those "
                          "public address(es) before detaching the gateway.",
                          TEXT_ARG(vpc_id));
        }
    }
    return RC_OK;
}
