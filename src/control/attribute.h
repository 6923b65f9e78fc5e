/* SPDX-License-Identifier: Apache-2.0 */
/* attribute: what may be set on load balancers, target groups and listeners beside their fields:
 * keys, defaults, ranges, and the rules that hold across keys. The list is attribute.def.
 *
 * The store keeps only what differs from the default, so a set is: the defaults of the table,
 * overlaid with the rows. All of it is values in, values out; nothing here touches the store.
 *
 * Sources  AWS ELBv2, "Load balancer attributes", "Target group attributes", "Listener attributes".
 */
#pragma once
#include "base/arena.h"
#include "control/refusal.h"

enum attribute_of { ATTRIBUTE_OF_BALANCER, ATTRIBUTE_OF_GROUP, ATTRIBUTE_OF_LISTENER };

struct attribute {
    struct text key;
    struct text value;
};

/* What decides which keys a resource has. Fields that don't belong to `of` stay 0. */
struct attribute_scope {
    enum attribute_of of;
    bool is_internal;  /* BALANCER */
    bool is_lambda;    /* GROUP */
    bool has_streams;  /* GROUP: protocol version HTTP2 or GRPC */
    bool has_zoneless; /* GROUP: a target is registered with zone "all" */
    bool is_https;     /* LISTENER */
};

/* A whole set: one value for each key of the scope, in the table's order. */
struct attribute_set {
    struct attribute_scope scope;
    struct attribute *items;
    size_t count;
};

/* The defaults, overlaid with `rows` (borrowed, as are their texts; unknown keys are skipped: a row
 * of a newer version). RC_LIMIT: the arena is full. */
MUST_USE enum rc attribute_set_make(const struct attribute_scope *scope,
                                    const struct attribute *rows, size_t row_count,
                                    struct arena *arena, struct attribute_set *out);

/* Applies `changes` in order: all or, with RC_BAD and a refusal, none. Checks each value and then
 * the rules across keys. */
MUST_USE enum rc attribute_set_change(struct attribute_set *set, const struct attribute *changes,
                                      size_t change_count, struct refusal *refusal);

/* The value of a key that the scope has; asserts that it has it. */
struct text attribute_value(const struct attribute_set *set, const char *key);
bool attribute_is_true(const struct attribute_set *set, const char *key);
/* Of a number; `off` and other words give `otherwise`. */
int64_t attribute_number(const struct attribute_set *set, const char *key, int64_t otherwise);

/* True when the value is what the table gives it; such rows need not be kept. */
bool attribute_is_default(const struct attribute_set *set, size_t index);
