/* SPDX-License-Identifier: Apache-2.0 */
/* form: application/x-www-form-urlencoded, and percent encoding as URIs and AWS signatures have it.
 *
 * Sources  WHATWG URL, "application/x-www-form-urlencoded"; RFC 3986 §2.1. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"

struct form_pair {
    struct text name; /* decoded; terminated */
    struct text value;
};

struct form_pairs {
    struct form_pair *at;
    size_t count;
};

/* All pairs in order; a pair without '=' has an empty value, empty pairs are skipped. '+' is a
 * space. RC_BAD: a '%' without two digits, or text that is not UTF-8 or holds a NUL.
 * RC_LIMIT: more than LIMIT_FORM_PAIRS pairs, or the arena's ceiling. */
MUST_USE enum rc form_parse(struct text form, struct arena *arena, struct form_pairs *out);

/* Decodes %XX and, with `plus_is_space`, '+'. RC_BAD: a '%' without two digits. */
MUST_USE enum rc form_unescape(struct text text, bool plus_is_space, struct arena *arena,
                               struct text *out);

/* RFC 3986 §2.3: everything but unreserved characters becomes %XX, upper case; '/' stays when
 * `keeps_slash`. */
void form_escape(struct buf *buf, struct text text, bool keeps_slash);

/* The value of the first pair of that name; .at NULL: none. */
struct text form_value(const struct form_pairs *pairs, struct text name);
