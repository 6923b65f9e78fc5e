/* SPDX-License-Identifier: Apache-2.0 */
/* balancer: load balancers: made, found, changed, deleted.
 *
 * A load balancer stands in the zones of its subnets and has there an address of a pool, which is
 * what its node listens on and its name resolves to, and a network interface, which keeps subnet
 * and security groups in use. It is active at once.
 *
 * Sources  AWS ELBv2 API, CreateLoadBalancer and its kin; messages as observed. */
#pragma once
#include "control/attribute.h"
#include "control/control.h"
#include "store/balancer.h"
#include "store/tag.h"

struct balancer {
    struct balancer_row row;
    struct balancer_zone_rows zones;    /* by zone */
    struct balancer_member_rows groups; /* security groups, as given */
};

struct balancers {
    struct balancer *at;
    size_t count;
};

/* Empty texts mean the default. */
struct balancer_new {
    struct text name;
    struct text scheme;
    struct text type;
    struct text ip_address_type;
    const struct text *subnets;
    size_t subnet_count;
    const struct text *security_groups;
    size_t security_group_count;
    const struct tag_row *tags;
    size_t tag_count;
};

/* Gives the existing one when it has the same name and settings. */
MUST_USE enum rc balancer_create(struct turn *turn, const struct balancer_new *wanted,
                                 struct balancer *out);
/* With its listeners and rules. Refuses a protected one; an absent one is fine. */
MUST_USE enum rc balancer_delete(struct turn *turn, struct text arn);

/* Refuses what is no ARN and what is not there. */
MUST_USE enum rc balancer_find(struct turn *turn, struct text arn, struct balancer *out);
MUST_USE enum rc balancer_find_row(struct turn *turn, struct text arn, struct balancer_row *out);
/* Those with these ARNs, or these names (one of both at most), in the order given; else all by
 * name. */
MUST_USE enum rc balancer_find_all(struct turn *turn, const struct text *arns, size_t arn_count,
                                   const struct text *names, size_t name_count,
                                   struct balancers *out);

/* Each replaces what was. */
MUST_USE enum rc balancer_set_subnets(struct turn *turn, struct text arn,
                                      const struct text *subnets, size_t count,
                                      struct balancer *out);
MUST_USE enum rc balancer_set_security_groups(struct turn *turn, struct text arn,
                                              const struct text *ids, size_t count,
                                              struct balancer *out);
/* Only ipv4, which it is. */
MUST_USE enum rc balancer_set_ip_address_type(struct turn *turn, struct text arn, struct text type,
                                              struct balancer *out);

/* All attributes; then with `changes` applied, all or none. */
MUST_USE enum rc balancer_attributes(struct turn *turn, struct text arn, struct attribute_set *out);
MUST_USE enum rc balancer_set_attributes(struct turn *turn, struct text arn,
                                         const struct attribute *changes, size_t count,
                                         struct attribute_set *out);

/* CanonicalHostedZoneId of the region: what Route 53 aliases name. */
struct text balancer_hosted_zone(struct text region);
