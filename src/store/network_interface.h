/* SPDX-License-Identifier: Apache-2.0 */
/* network_interface: rows of network interfaces, as load balancers have one in each of their
 * subnets, and of the security groups on them. */
#pragma once
#include "store/store.h"

struct arena;

struct network_interface_row {
    struct text id;
    struct text subnet_id;
    struct text vpc_id;      /* read only: the subnet's */
    struct text zone;        /* read only: the subnet's */
    struct text balancer;    /* the ARN of the load balancer it belongs to */
    struct text description; /* "ELB app/{name}/{id}" */
    struct text private_ip;  /* of the subnet's CIDR */
    struct text public_ip;   /* .at is NULL: none */
    struct text mac;
    struct text attachment_id;
    struct text requester; /* who made it: "amazon-elb" */
    int64_t created_ms;    /* unix */
};

struct network_interface_rows {
    struct network_interface_row *at;
    size_t count;
};

struct network_interface_group_row {
    struct text interface_id;
    struct text group_id;
    struct text group_name;
};

struct network_interface_group_rows {
    struct network_interface_group_row *at;
    size_t count;
};

MUST_USE enum rc network_interface_row_insert(struct store *store,
                                              const struct network_interface_row *row);
/* RC_CONFLICT: no such group. */
MUST_USE enum rc network_interface_row_add_group(struct store *store, struct text id,
                                                 struct text group_id);
MUST_USE enum rc network_interface_row_clear_groups(struct store *store, struct text id);
MUST_USE enum rc network_interface_row_delete(struct store *store, struct text id);

/* All, or those of a load balancer, by id. */
MUST_USE enum rc network_interface_row_list(struct store *store, struct arena *arena,
                                            struct network_interface_rows *out);
MUST_USE enum rc network_interface_row_list_of(struct store *store, struct arena *arena,
                                               struct text balancer,
                                               struct network_interface_rows *out);
/* Those of a subnet: whose private addresses are taken. */
MUST_USE enum rc network_interface_row_list_in(struct store *store, struct arena *arena,
                                               struct text subnet_id,
                                               struct network_interface_rows *out);
/* The members of a security group. */
MUST_USE enum rc network_interface_row_list_with(struct store *store, struct arena *arena,
                                                 struct text group_id,
                                                 struct network_interface_rows *out);
/* The groups of all interfaces, by interface and group name. */
MUST_USE enum rc network_interface_row_list_groups(struct store *store, struct arena *arena,
                                                   struct network_interface_group_rows *out);
