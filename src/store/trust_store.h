/* SPDX-License-Identifier: Apache-2.0 */
/* trust_store: rows of trust stores and their revocation lists. Lists go with their trust store; a
 * trust store that a listener uses stays. What is large (the PEM) is read on its own. */
#pragma once
#include "store/store.h"

struct arena;

struct trust_store_row {
    struct text arn;
    struct text name;
    int64_t certificate_count;
    int64_t revoked_count;   /* entries of all its lists; read only */
    int64_t next_revocation; /* the id that the next list gets */
    int64_t created_ms;
};

struct trust_store_rows {
    struct trust_store_row *at;
    size_t count;
};

struct revocation_row {
    struct text trust_store; /* ARN */
    int64_t id;
    int64_t entry_count;
};

struct revocation_rows {
    struct revocation_row *at;
    size_t count;
};

/* RC_CONFLICT: the name is taken. */
MUST_USE enum rc trust_store_row_insert(struct store *store, const struct trust_store_row *row,
                                        struct text bundle_pem);
MUST_USE enum rc trust_store_row_set_bundle(struct store *store, struct text arn,
                                            struct text bundle_pem, int64_t certificate_count);
MUST_USE enum rc trust_store_row_set_next_revocation(struct store *store, struct text arn,
                                                     int64_t next);
/* RC_CONFLICT: a listener uses it. Absent is fine. */
MUST_USE enum rc trust_store_row_remove(struct store *store, struct text arn);
/* RC_ABSENT when there is none. */
MUST_USE enum rc trust_store_row_get(struct store *store, struct arena *arena, struct text arn,
                                     struct trust_store_row *out);
MUST_USE enum rc trust_store_row_get_named(struct store *store, struct arena *arena,
                                           struct text name, struct trust_store_row *out);
MUST_USE enum rc trust_store_row_get_bundle(struct store *store, struct arena *arena,
                                            struct text arn, struct text *out);
/* By name. */
MUST_USE enum rc trust_store_row_list(struct store *store, struct arena *arena,
                                      struct trust_store_rows *out);
MUST_USE enum rc trust_store_row_count(struct store *store, int64_t *out);

MUST_USE enum rc revocation_row_insert(struct store *store, const struct revocation_row *row,
                                       struct text pem);
/* RC_ABSENT when there is none, as the next two. */
MUST_USE enum rc revocation_row_remove(struct store *store, struct text trust_store, int64_t id);
MUST_USE enum rc revocation_row_get(struct store *store, struct arena *arena,
                                    struct text trust_store, int64_t id,
                                    struct revocation_row *out);
MUST_USE enum rc revocation_row_get_pem(struct store *store, struct arena *arena,
                                        struct text trust_store, int64_t id, struct text *out);
/* Of one trust store, by id. */
MUST_USE enum rc revocation_row_list(struct store *store, struct arena *arena,
                                     struct text trust_store, struct revocation_rows *out);
/* How much all lists of all trust stores are. */
MUST_USE enum rc revocation_row_bytes(struct store *store, int64_t *out);
