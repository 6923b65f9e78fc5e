/* SPDX-License-Identifier: Apache-2.0 */
/* route_table: where a subnet's packets go. Here they say which subnets are public; packets are the
 * machine's affair. Routes go to internet gateways, and the local route is always there.
 * Sources  EC2 API reference, CreateRouteTable, CreateRoute, AssociateRouteTable and their kin. */
#pragma once
#include "control/control.h"
#include "store/route_table.h"
#include "store/tag.h"

MUST_USE enum rc route_table_find(struct turn *turn, struct text id, struct route_table_row *out);
MUST_USE enum rc route_table_create(struct turn *turn, struct text vpc_id,
                                    const struct tag_rows *tags, struct route_table_row *out);
/* Refuses a main one and one that subnets use: DependencyViolation. */
MUST_USE enum rc route_table_delete(struct turn *turn, struct text id);

MUST_USE enum rc route_table_add(struct turn *turn, const struct route_row *route);
MUST_USE enum rc route_table_replace(struct turn *turn, const struct route_row *route);
MUST_USE enum rc route_table_remove(struct turn *turn, struct text id, struct text destination);

/* For one subnet instead of the VPC's main table; gives the association's id. */
MUST_USE enum rc route_table_associate(struct turn *turn, struct text id, struct text subnet_id,
                                       struct text *association_id);
MUST_USE enum rc route_table_disassociate(struct turn *turn, struct text association_id);
