/* SPDX-License-Identifier: Apache-2.0 */
/* internet_gateway: what makes a VPC's public addresses reachable; one a VPC.
 * Sources  EC2 API reference, CreateInternetGateway and its kin. */
#pragma once
#include "control/control.h"
#include "store/internet_gateway.h"
#include "store/tag.h"

MUST_USE enum rc internet_gateway_find(struct turn *turn, struct text id,
                                       struct internet_gateway_row *out);
MUST_USE enum rc internet_gateway_create(struct turn *turn, const struct tag_rows *tags,
                                         struct internet_gateway_row *out);
MUST_USE enum rc internet_gateway_attach(struct turn *turn, struct text id, struct text vpc_id);
/* Refuses while load balancers of the VPC have public addresses: DependencyViolation. */
MUST_USE enum rc internet_gateway_detach(struct turn *turn, struct text id, struct text vpc_id);
/* Refuses an attached one: DependencyViolation. */
MUST_USE enum rc internet_gateway_delete(struct turn *turn, struct text id);
