/* SPDX-License-Identifier: Apache-2.0 */
/* attribute: rows of attributes of load balancers, target groups and listeners, by ARN. Only what
 * differs from the default is kept; the table of them is control's. Their owner removes them. */
#pragma once
#include "store/store.h"

struct arena;

struct attribute_row {
    struct text resource; /* ARN */
    struct text key;
    struct text value;
};

struct attribute_rows {
    struct attribute_row *at;
    size_t count;
};

MUST_USE enum rc attribute_row_put(struct store *store, struct text resource, struct text key,
                                   struct text value);
/* Absent is fine. */
MUST_USE enum rc attribute_row_remove(struct store *store, struct text resource, struct text key);
MUST_USE enum rc attribute_row_remove_all(struct store *store, struct text resource);
/* Of one resource, by key. */
MUST_USE enum rc attribute_row_list(struct store *store, struct arena *arena, struct text resource,
                                    struct attribute_rows *out);
