/* SPDX-License-Identifier: Apache-2.0 */
/* route_table: rows of route tables, of their routes and of the subnets that use them. */
#pragma once
#include "store/store.h"

struct arena;

struct route_table_row {
    struct text id;
    struct text vpc_id;
    struct text main_association_id; /* "rtbassoc-..."; empty: not its VPC's main one */
};

struct route_table_rows {
    struct route_table_row *at;
    size_t count;
};

struct route_row {
    struct text table_id;
    struct text destination; /* a CIDR */
    struct text gateway_id;
};

struct route_rows {
    struct route_row *at;
    size_t count;
};

struct route_association_row {
    struct text id; /* "rtbassoc-..." */
    struct text table_id;
    struct text subnet_id;
};

struct route_association_rows {
    struct route_association_row *at;
    size_t count;
};

MUST_USE enum rc route_table_row_insert(struct store *store, const struct route_table_row *row);
MUST_USE enum rc route_table_row_get(struct store *store, struct arena *arena, struct text id,
                                     struct route_table_row *out);
/* With its routes. RC_CONFLICT: a subnet uses it. */
MUST_USE enum rc route_table_row_delete(struct store *store, struct text id);
/* All, by id. */
MUST_USE enum rc route_table_row_list(struct store *store, struct arena *arena,
                                      struct route_table_rows *out);

/* RC_CONFLICT: the table has a route to there. */
MUST_USE enum rc route_row_insert(struct store *store, const struct route_row *row);
/* RC_ABSENT: the table has no route to there. */
MUST_USE enum rc route_row_update(struct store *store, const struct route_row *row);
MUST_USE enum rc route_row_delete(struct store *store, struct text table_id,
                                  struct text destination);
/* All, by table and destination. */
MUST_USE enum rc route_row_list(struct store *store, struct arena *arena, struct route_rows *out);

/* RC_CONFLICT: the subnet has a table already. */
MUST_USE enum rc route_association_row_insert(struct store *store,
                                              const struct route_association_row *row);
/* RC_ABSENT: no such association. */
MUST_USE enum rc route_association_row_delete(struct store *store, struct text id);
/* All, by table and id. */
MUST_USE enum rc route_association_row_list(struct store *store, struct arena *arena,
                                            struct route_association_rows *out);
