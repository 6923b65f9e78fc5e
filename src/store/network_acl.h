/* SPDX-License-Identifier: Apache-2.0 */
/* network_acl: rows of network ACLs. Each VPC has its default one, which lets everything through;
 * there are no others. */
#pragma once
#include "store/store.h"

struct arena;

struct network_acl_row {
    struct text id;
    struct text vpc_id;
};

struct network_acl_rows {
    struct network_acl_row *at;
    size_t count;
};

MUST_USE enum rc network_acl_row_insert(struct store *store, const struct network_acl_row *row);
MUST_USE enum rc network_acl_row_delete(struct store *store, struct text id);
/* All, by id. */
MUST_USE enum rc network_acl_row_list(struct store *store, struct arena *arena,
                                      struct network_acl_rows *out);
