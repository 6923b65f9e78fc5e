/* SPDX-License-Identifier: Apache-2.0 */
/* matcher: the set of statuses that pass a health check, read from "200", "200,202", "200-299" or a
 * list of those.
 *
 * Sources  AWS elbv2 API, Matcher: HttpCode 200 to 499, GrpcCode 0 to 99. That a list may hold
 *          ranges is inferred. */
#pragma once
#include "base/text.h"

#define MATCHER_CODES 500

struct matcher {
    uint64_t bits[(MATCHER_CODES + 63) / 64];
};

/* RC_BAD: not the grammar, or a code outside [min, max], or a range that runs backwards. */
MUST_USE enum rc matcher_parse(struct text text, int min, int max, struct matcher *out);
bool matcher_has(const struct matcher *matcher, int code);
