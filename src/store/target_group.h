/* SPDX-License-Identifier: Apache-2.0 */
/* target_group: rows of target groups. Targets go with their group. */
#pragma once
#include "store/store.h"

struct arena;

struct target_group_row {
    struct text arn;
    struct text id; /* "targetgroup/name/0123456789abcdef" */
    struct text name;
    struct text target_type;      /* "instance", "ip" */
    struct text protocol;         /* "HTTP", "HTTPS" */
    struct text protocol_version; /* "HTTP1", "HTTP2", "GRPC" */
    struct text ip_address_type;  /* "ipv4" */
    struct text vpc_id;
    int64_t port;
    struct text health_protocol;
    struct text health_port; /* "traffic-port", or digits */
    struct text health_path;
    struct text health_matcher; /* codes: of HTTP, or of gRPC by the protocol version */
    int64_t health_interval_s;
    int64_t health_timeout_s;
    int64_t healthy_threshold;
    int64_t unhealthy_threshold;
    int64_t created_ms;
};

struct target_group_rows {
    struct target_group_row *at;
    size_t count;
};

/* RC_CONFLICT: the name is taken. */
MUST_USE enum rc target_group_row_insert(struct store *store, const struct target_group_row *row);
/* Its health check, which is all that can change. */
MUST_USE enum rc target_group_row_update(struct store *store, const struct target_group_row *row);
/* RC_ABSENT when there is none. */
MUST_USE enum rc target_group_row_get(struct store *store, struct arena *arena, struct text arn,
                                      struct target_group_row *out);
MUST_USE enum rc target_group_row_get_named(struct store *store, struct arena *arena,
                                            struct text name, struct target_group_row *out);
/* All, by name; or those that a load balancer's rules forward to. */
MUST_USE enum rc target_group_row_list(struct store *store, struct arena *arena,
                                       struct target_group_rows *out);
MUST_USE enum rc target_group_row_list_of_balancer(struct store *store, struct arena *arena,
                                                   struct text balancer,
                                                   struct target_group_rows *out);
MUST_USE enum rc target_group_row_count(struct store *store, int64_t *out);
/* RC_CONFLICT: a rule refers to it. Absent is fine. */
MUST_USE enum rc target_group_row_remove(struct store *store, struct text arn);
/* The load balancer whose rules refer to it: RC_ABSENT when none does. */
MUST_USE enum rc target_group_row_balancer(struct store *store, struct arena *arena,
                                           struct text arn, struct text *out);
