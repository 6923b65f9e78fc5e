/* SPDX-License-Identifier: Apache-2.0 */
#include "health/matcher.h"

static void add(struct matcher *matcher, int code)
{
    matcher->bits[code / 64] |= (uint64_t)1 << (code % 64);
}

/* "200" or "200-299". */
static enum rc parse_range(struct text item, int min, int max, struct matcher *matcher)
{
    const size_t dash = text_find(item, '-');
    int64_t low;
    int64_t high;

    TRY(text_to_int(text_slice(item, 0, dash), min, max, &low));
    high = low;
    if (dash < item.len) {
        TRY(text_to_int(text_slice(item, dash + 1, item.len), low, max, &high));
    }
    for (int64_t code = low; code <= high; code++) {
        add(matcher, (int)code);
    }
    return RC_OK;
}

enum rc matcher_parse(struct text text, int min, int max, struct matcher *out)
{
    struct matcher matcher = {0};
    struct text item;

    ASSERT(min >= 0 && max < MATCHER_CODES);
    if (text_is_empty(text) || text_ends(text, TEXT(","))) {
        return RC_BAD;
    }
    while (text_next(&text, ',', &item)) {
        TRY(parse_range(item, min, max, &matcher));
    }
    *out = matcher;
    return RC_OK;
}

bool matcher_has(const struct matcher *matcher, int code)
{
    return code >= 0 && code < MATCHER_CODES && matcher->bits[code / 64] >> (code % 64) & 1;
}
