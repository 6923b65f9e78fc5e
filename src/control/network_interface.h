/* SPDX-License-Identifier: Apache-2.0 */
/* network_interface: a load balancer's foot in each of its subnets. It takes an address of the
 * subnet and keeps the security groups in use.
 * Sources  EC2 API reference, NetworkInterface; ELB user guide, "Subnets for your load balancer".
 */
#pragma once
#include "control/control.h"

struct network_interface_new {
    struct text subnet_id;
    struct text balancer;    /* its ARN */
    struct text description; /* "ELB app/{name}/{id}" */
    struct text public_ip;   /* .at NULL: none */
    const struct text *group_ids;
    size_t group_count;
};

/* The caller has checked subnet and groups. `private_ip` (NULL is fine): the address it took.
 * Refuses a full subnet: InsufficientFreeAddressesInSubnet. */
MUST_USE enum rc network_interface_create(struct turn *turn,
                                          const struct network_interface_new *wanted,
                                          struct text *private_ip);
/* On all interfaces of the load balancer. */
MUST_USE enum rc network_interface_set_groups(struct turn *turn, struct text balancer,
                                              const struct text *group_ids, size_t group_count);
/* All of the load balancer; those in one subnet only unless `subnet_id` is empty. */
MUST_USE enum rc network_interface_delete(struct turn *turn, struct text balancer,
                                          struct text subnet_id);
