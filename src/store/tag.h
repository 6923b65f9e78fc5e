/* SPDX-License-Identifier: Apache-2.0 */
/* tag: rows of tags, of anything that can have them. `resource` is an EC2 id or an ARN. */
#pragma once
#include "store/store.h"

struct arena;

struct tag_row {
    struct text resource; /* only where it is asked for several */
    struct text key;
    struct text value;
};

struct tag_rows {
    struct tag_row *at;
    size_t count;
};

/* Sets or replaces one. */
MUST_USE enum rc tag_row_put(struct store *store, struct text resource, struct text key,
                             struct text value);
/* Absent is fine. */
MUST_USE enum rc tag_row_delete(struct store *store, struct text resource, struct text key);
/* All of a resource that is going away. */
MUST_USE enum rc tag_row_delete_all(struct store *store, struct text resource);

/* Of one resource, by key. */
MUST_USE enum rc tag_row_list(struct store *store, struct arena *arena, struct text resource,
                              struct tag_rows *out);
/* Of all whose name starts with `prefix` ("sg-", "arn:aws:elasticloadbalancing:", ""), by resource
 * and key. */
MUST_USE enum rc tag_row_list_all(struct store *store, struct arena *arena, struct text prefix,
                                  struct tag_rows *out);
