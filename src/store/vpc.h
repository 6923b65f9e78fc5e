/* SPDX-License-Identifier: Apache-2.0 */
/* vpc: rows of virtual networks. */
#pragma once
#include "store/store.h"

struct arena;

struct vpc_row {
    struct text id;
    struct text cidr;
    bool is_default;
    struct text association_id; /* of its CIDR: "vpc-cidr-assoc-..." */
    struct text dhcp_options_id;
    struct text tenancy;
    bool has_dns_support;
    bool has_dns_hostnames;
    bool has_usage_metrics;
};

struct vpc_rows {
    struct vpc_row *at;
    size_t count;
};

MUST_USE enum rc vpc_row_insert(struct store *store, const struct vpc_row *row);
/* RC_ABSENT: no such VPC. */
MUST_USE enum rc vpc_row_get(struct store *store, struct arena *arena, struct text id,
                             struct vpc_row *out);
/* The three attributes that may change: dns_support, dns_hostnames, usage_metrics. */
MUST_USE enum rc vpc_row_update(struct store *store, const struct vpc_row *row);
/* RC_CONFLICT: something is in it. */
MUST_USE enum rc vpc_row_delete(struct store *store, struct text id);
MUST_USE enum rc vpc_row_get_default(struct store *store, struct arena *arena, struct vpc_row *out);
/* All, by id. */
MUST_USE enum rc vpc_row_list(struct store *store, struct arena *arena, struct vpc_rows *out);
