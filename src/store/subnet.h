/* SPDX-License-Identifier: Apache-2.0 */
/* subnet: rows of subnets, each in one VPC and one zone. */
#pragma once
#include "store/store.h"

struct arena;

struct subnet_row {
    struct text id;
    struct text vpc_id;
    struct text cidr;
    struct text zone; /* "us-east-1a" */
    bool is_default;  /* for its zone */
    bool maps_public_ip;
    int64_t interface_count; /* read only: how many network interfaces take an address of it */
};

struct subnet_rows {
    struct subnet_row *at;
    size_t count;
};

/* RC_CONFLICT: no such VPC. */
MUST_USE enum rc subnet_row_insert(struct store *store, const struct subnet_row *row);
MUST_USE enum rc subnet_row_get(struct store *store, struct arena *arena, struct text id,
                                struct subnet_row *out);
MUST_USE enum rc subnet_row_set_maps_public_ip(struct store *store, struct text id, bool value);
/* RC_CONFLICT: something is in it. */
MUST_USE enum rc subnet_row_delete(struct store *store, struct text id);
/* All, by zone and id. */
MUST_USE enum rc subnet_row_list(struct store *store, struct arena *arena, struct subnet_rows *out);
