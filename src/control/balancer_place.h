/* SPDX-License-Identifier: Apache-2.0 */
/* balancer_place: where a load balancer stands: subnets, zones, addresses, security groups. */
#pragma once
#include "control/control.h"
#include "store/balancer.h"
#include "store/subnet.h"

struct balancer_place {
    struct text vpc_id;
    struct subnet_row *subnets; /* one a zone */
    size_t subnet_count;
    const struct text *groups;
    size_t group_count;
};

/* Checks subnets: there, of one VPC, at least two zones, one a zone, room in each, and for an
 * internet-facing one a gateway. Fills vpc_id and subnets. */
MUST_USE enum rc balancer_place_subnets(struct turn *turn, bool is_internal, const struct text *ids,
                                        size_t count, struct balancer_place *out);
/* Checks security groups: there, of the place's VPC, each once; none given: the VPC's default
 * one. */
MUST_USE enum rc balancer_place_groups(struct turn *turn, const struct text *ids, size_t count,
                                       struct balancer_place *place);

/* Writes zones (those that stay keep their address), interfaces and groups of the balancer. */
MUST_USE enum rc balancer_place_apply(struct turn *turn, const struct balancer_row *balancer,
                                      const struct balancer_place *place);
MUST_USE enum rc balancer_place_apply_groups(struct turn *turn, struct text arn,
                                             const struct text *ids, size_t count);
