/* SPDX-License-Identifier: Apache-2.0 */
/* ticket_key: rows of the keys that resume TLS sessions. */
#pragma once
#include "store/store.h"

struct arena;

struct ticket_key_row {
    int64_t created_ms;
    struct text hex; /* of its bytes */
};

struct ticket_key_rows {
    struct ticket_key_row *at;
    size_t count;
};

/* RC_CONFLICT: one was made in this very millisecond. */
MUST_USE enum rc ticket_key_row_insert(struct store *store, const struct ticket_key_row *row);
MUST_USE enum rc ticket_key_row_delete_before(struct store *store, int64_t created_ms);
/* Newest first. */
MUST_USE enum rc ticket_key_row_list(struct store *store, struct arena *arena,
                                     struct ticket_key_rows *out);
