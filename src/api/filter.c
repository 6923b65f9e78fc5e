/* SPDX-License-Identifier: Apache-2.0 */
#include "api/filter.h"

#include "base/limits.h"

#include <stdio.h>

/* Marks that the pattern may be read from `at` on; a star or a question mark there may stand for
 * nothing, so what follows it is marked, too. */
static void mark(bool *marks, struct text pattern, size_t at)
{
    while (!marks[at]) {
        marks[at] = true;
        if (at == pattern.len || (pattern.at[at] != '*' && pattern.at[at] != '?')) {
            return;
        }
        at++;
    }
}

/* All places of the pattern at once, a character of the text at a time: no backtracking. */
static bool matches(struct text pattern, struct text text)
{
    bool now[LIMIT_FILTER_PATTERN_BYTES + 1] = {false};
    bool next[LIMIT_FILTER_PATTERN_BYTES + 1];

    if (pattern.len > LIMIT_FILTER_PATTERN_BYTES) {
        return false;
    }
    mark(now, pattern, 0);
    for (size_t i = 0; i < text.len; i++) {
        memset(next, 0, sizeof(next));
        for (size_t k = 0; k < pattern.len; k++) {
            const bool is_escaped = pattern.at[k] == '\\' && k + 1 < pattern.len;

            if (!now[k]) {
                continue;
            }
            if (is_escaped && pattern.at[k + 1] == text.at[i]) {
                mark(next, pattern, k + 2);
            } else if (!is_escaped && pattern.at[k] == '*') {
                mark(next, pattern, k);
            } else if (!is_escaped && (pattern.at[k] == '?' || pattern.at[k] == text.at[i])) {
                mark(next, pattern, k + 1);
            }
        }
        memcpy(now, next, sizeof(now));
    }
    return now[pattern.len];
}

bool filter_text(const struct text_list *values, struct text text)
{
    for (size_t i = 0; i < values->count; i++) {
        if (matches(values->items[i], text)) {
            return true;
        }
    }
    return false;
}

bool filter_bool(const struct text_list *values, bool value)
{
    return filter_text(values, value ? TEXT("true") : TEXT("false"));
}

bool filter_int(const struct text_list *values, int64_t value)
{
    char digits[24];

    (void)snprintf(digits, sizeof(digits), "%lld", (long long)value);
    return filter_text(values, text_of(digits));
}
