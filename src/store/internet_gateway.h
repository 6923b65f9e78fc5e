/* SPDX-License-Identifier: Apache-2.0 */
/* internet_gateway: rows of gateways, each attached to one VPC or none. */
#pragma once
#include "store/store.h"

struct arena;

struct internet_gateway_row {
    struct text id;
    struct text vpc_id; /* .at is NULL: detached */
};

struct internet_gateway_rows {
    struct internet_gateway_row *at;
    size_t count;
};

/* RC_CONFLICT: no such VPC, or it has a gateway already. */
MUST_USE enum rc internet_gateway_row_insert(struct store *store,
                                             const struct internet_gateway_row *row);
MUST_USE enum rc internet_gateway_row_get(struct store *store, struct arena *arena, struct text id,
                                          struct internet_gateway_row *out);
/* Attaches it, or detaches it when .at is NULL. RC_CONFLICT: as for insert. */
MUST_USE enum rc internet_gateway_row_set_vpc(struct store *store, struct text id,
                                              struct text vpc_id);
MUST_USE enum rc internet_gateway_row_delete(struct store *store, struct text id);
/* All, by id. */
MUST_USE enum rc internet_gateway_row_list(struct store *store, struct arena *arena,
                                           struct internet_gateway_rows *out);
