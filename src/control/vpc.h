/* SPDX-License-Identifier: Apache-2.0 */
/* vpc: virtual networks. Each begins with a main route table, a network ACL and a security group
 * "default", which go with it.
 * Sources  EC2 API reference, CreateVpc, DeleteVpc, ModifyVpcAttribute. */
#pragma once
#include "control/control.h"
#include "store/tag.h"
#include "store/vpc.h"

/* Refuses with InvalidVpcID.Malformed or InvalidVpcID.NotFound. */
MUST_USE enum rc vpc_find(struct turn *turn, struct text id, struct vpc_row *out);
/* The one given, or the default one when `id` is empty: VPCIdNotSpecified when there is none. */
MUST_USE enum rc vpc_choose(struct turn *turn, struct text id, struct vpc_row *out);

/* `cidr`: /16 to /28. `tenancy` empty: default. */
MUST_USE enum rc vpc_create(struct turn *turn, struct text cidr, struct text tenancy,
                            const struct tag_rows *tags, struct vpc_row *out);
/* The row as it is, and what every VPC begins with. */
MUST_USE enum rc vpc_insert(struct turn *turn, const struct vpc_row *row);
/* Refuses what is not empty: DependencyViolation. */
MUST_USE enum rc vpc_delete(struct turn *turn, struct text id);
