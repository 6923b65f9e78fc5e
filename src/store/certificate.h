/* SPDX-License-Identifier: Apache-2.0 */
/* certificate: rows of certificates with their keys: imported into ACM, or uploaded to IAM. What a
 * certificate says of itself is read from its PEM (crypto/x509), not kept twice. */
#pragma once
#include "store/store.h"

struct arena;

struct certificate_row {
    struct text arn;
    struct text source; /* "acm" or "iam" */
    struct text body_pem, chain_pem, key_pem;
    int64_t created_ms, imported_ms;
    struct text name, path, id; /* of IAM; else empty */
};

struct certificate_rows {
    struct certificate_row *at;
    size_t count;
};

/* RC_CONFLICT: the ARN, or the IAM name, is taken. */
MUST_USE enum rc certificate_row_insert(struct store *store, const struct certificate_row *row);
/* New material, time, name and path under the same id; RC_CONFLICT as above; RC_ABSENT. `arn` is
 * the one before: renaming an IAM certificate changes it. */
MUST_USE enum rc certificate_row_update(struct store *store, struct text arn,
                                        const struct certificate_row *row);
MUST_USE enum rc certificate_row_delete(struct store *store, struct text arn); /* RC_ABSENT */
MUST_USE enum rc certificate_row_get(struct store *store, struct arena *arena, struct text arn,
                                     struct certificate_row *out);
MUST_USE enum rc certificate_row_get_named(struct store *store, struct arena *arena,
                                           struct text name, struct certificate_row *out);
/* Of a source, or of both when it is empty; by ARN. */
MUST_USE enum rc certificate_row_list(struct store *store, struct arena *arena, struct text source,
                                      struct certificate_rows *out);
/* The ARNs of load balancers whose listeners use it. */
MUST_USE enum rc certificate_row_users(struct store *store, struct arena *arena, struct text arn,
                                       struct text **out, size_t *count);
