/* SPDX-License-Identifier: Apache-2.0 */
/* scalar: the values that all protocols spell alike, as text. */
#pragma once
#include "api/shape.h"
#include "base/arena.h"
#include "base/buf.h"

/* Reads text, number, boolean, time or bytes to where `at` points. RC_BAD: not of that type (an
 * integer beyond 32 bit, an infinite number, "yes"). RC_LIMIT: the arena (for bytes). */
MUST_USE enum rc scalar_parse(const struct shape *shape, struct text text, struct arena *arena,
                              void *at);

/* Appends it as XML and query strings have it, without escaping. */
void scalar_write(struct buf *buf, const struct shape *shape, const void *at);

/* "integer", "boolean", ...: for messages. */
const char *scalar_type_name(const struct shape *shape);

static inline bool shape_is_scalar(const struct shape *shape)
{
    return shape->type < SHAPE_STRUCTURE;
}
