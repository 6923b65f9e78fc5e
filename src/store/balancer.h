/* SPDX-License-Identifier: Apache-2.0 */
/* balancer: rows of load balancers, the zones they are in and the security groups they have.
 * Listeners, zones and security groups go with their load balancer. */
#pragma once
#include "store/store.h"

struct arena;

struct balancer_row {
    struct text arn;
    struct text id; /* "app/name/0123456789abcdef" */
    struct text name;
    struct text dns_name;
    struct text scheme; /* "internet-facing", "internal" */
    struct text vpc_id;
    struct text ip_address_type; /* "ipv4" */
    int64_t created_ms;
};

struct balancer_rows {
    struct balancer_row *at;
    size_t count;
};

struct balancer_zone_row {
    struct text balancer; /* ARN */
    struct text zone;     /* "us-east-1a" */
    struct text subnet_id;
    struct text address; /* what it listens on there, from a pool */
};

struct balancer_zone_rows {
    struct balancer_zone_row *at;
    size_t count;
};

struct balancer_member_row {
    struct text balancer; /* ARN */
    struct text security_group_id;
};

struct balancer_member_rows {
    struct balancer_member_row *at;
    size_t count;
};

/* RC_CONFLICT: the name is taken. */
MUST_USE enum rc balancer_row_insert(struct store *store, const struct balancer_row *row);
/* RC_ABSENT when there is none. */
MUST_USE enum rc balancer_row_get(struct store *store, struct arena *arena, struct text arn,
                                  struct balancer_row *out);
MUST_USE enum rc balancer_row_get_named(struct store *store, struct arena *arena, struct text name,
                                        struct balancer_row *out);
/* All, by name. */
MUST_USE enum rc balancer_row_list(struct store *store, struct arena *arena,
                                   struct balancer_rows *out);
MUST_USE enum rc balancer_row_count(struct store *store, int64_t *out);
/* Absent is fine. Takes its listeners, rules, zones and security groups along, not its tags and
 * attributes (those of its listeners and rules neither). */
MUST_USE enum rc balancer_row_remove(struct store *store, struct text arn);

MUST_USE enum rc balancer_zone_row_insert(struct store *store, const struct balancer_zone_row *row);
MUST_USE enum rc balancer_zone_row_remove(struct store *store, struct text arn, struct text zone);
/* Of one, by zone. */
MUST_USE enum rc balancer_zone_row_list(struct store *store, struct arena *arena, struct text arn,
                                        struct balancer_zone_rows *out);
/* Of all, by address. */
MUST_USE enum rc balancer_zone_row_list_all(struct store *store, struct arena *arena,
                                            struct balancer_zone_rows *out);

MUST_USE enum rc balancer_member_row_insert(struct store *store, struct text arn,
                                            struct text security_group_id, int64_t position);
MUST_USE enum rc balancer_member_row_remove_all(struct store *store, struct text arn);
/* Of one, in the order in which they were given. */
MUST_USE enum rc balancer_member_row_list(struct store *store, struct arena *arena, struct text arn,
                                          struct balancer_member_rows *out);
