/* SPDX-License-Identifier: Apache-2.0 */
/* pattern: the wildcards of listener rules, and the path they look at.
 *
 * '*' stands for any bytes, none too and '/' too; '?' for exactly one. A pattern must match the
 * whole text. Cost: at most pattern length times text length, no recursion, no memory.
 *
 * Sources  AWS ALB, "Condition types for listener rules"; RFC 3986 §5.2.4, §6.2.2. */
#pragma once
#include "base/arena.h"

enum pattern_flags {
    PATTERN_NOCASE = 1,  /* ASCII letters match in both cases */
    PATTERN_ESCAPES = 2, /* a backslash makes the next '*', '?' or backslash ordinary */
};

bool pattern_match(struct text pattern, struct text text, unsigned flags);

/* The path as rules see it: percent-encoded unreserved characters decoded, dot segments removed.
 * Gives the same text when there is nothing to do. RC_LIMIT: the arena is full. */
MUST_USE enum rc pattern_path(struct text path, struct arena *arena, struct text *out);
