/* SPDX-License-Identifier: Apache-2.0 */
/* subnet: a part of a VPC in one zone.
 * Sources  EC2 API reference, CreateSubnet, DeleteSubnet; Amazon VPC user guide, "Subnet sizing".
 */
#pragma once
#include "control/control.h"
#include "store/subnet.h"
#include "store/tag.h"

struct subnet_new {
    struct text vpc_id;
    struct text cidr;    /* /16 to /28, within the VPC */
    struct text zone;    /* by name or */
    struct text zone_id; /* by id; both empty: the first one */
    const struct tag_rows *tags;
};

MUST_USE enum rc subnet_find(struct turn *turn, struct text id, struct subnet_row *out);
MUST_USE enum rc subnet_create(struct turn *turn, const struct subnet_new *wanted,
                               struct subnet_row *out);
/* Refuses what is in use: DependencyViolation. */
MUST_USE enum rc subnet_delete(struct turn *turn, struct text id);

/* The zone of this name or this id; the first one when both are empty. Refuses unknown ones. */
MUST_USE enum rc subnet_choose_zone(struct turn *turn, struct text zone, struct text zone_id,
                                    struct text *out);

/* Addresses that nothing takes; AWS keeps the first four and the last. */
int64_t subnet_free_addresses(const struct subnet_row *subnet);
