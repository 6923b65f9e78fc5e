/* SPDX-License-Identifier: Apache-2.0 */
/* regex: a regular expression of a rule: unanchored search, bounded in steps, depth and memory, so
 * that no pattern and no request can hold a worker.
 *
 * Owner    the arena it was compiled into; nothing to free.
 * Thread   immutable after regex_compile: any.
 * Sources  AWS ALB, "Regex matching for rules"; that it searches unanchored is inferred. */
#pragma once
#include "base/arena.h"

struct regex;

/* RC_BAD: not a regular expression; RC_LIMIT: the arena is full. */
MUST_USE enum rc regex_compile(struct text pattern, bool is_caseless, struct arena *arena,
                               const struct regex **out);
/* False also when a limit was reached on the way. `arena`: scratch. */
bool regex_match(const struct regex *regex, struct text text, struct arena *arena);
