/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "http/pattern.h"

#define TEXT_MAX 64

/* The plainest matcher there is: which ends of the text can each part of the pattern reach? */
static bool matches_plainly(struct text pattern, struct text text)
{
    bool reach[TEXT_MAX + 1] = {true};

    for (size_t p = 0; p < pattern.len; p++) {
        if (pattern.at[p] == '*') {
            for (size_t t = 1; t <= text.len; t++) {
                reach[t] |= reach[t - 1];
            }
            continue;
        }
        for (size_t t = text.len; t > 0; t--) {
            reach[t] = reach[t - 1] && (pattern.at[p] == '?' || pattern.at[p] == text.at[t - 1]);
        }
        reach[0] = false;
    }
    return reach[text.len];
}

/* The input is a pattern, a NUL, and a text; the text is also normalised as a path. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) struct arena *arena = arena_new(256, 1024 * 1024);
    struct text text = {(const char *)data, size};
    struct text pattern;
    struct text path;

    if (size > 128 || !text_next(&text, '\0', &pattern) || text.len > TEXT_MAX) {
        return 0;
    }
    ASSERT(pattern_match(pattern, text, 0) == matches_plainly(pattern, text));
    ASSERT(!pattern_match(pattern, text, 0) || pattern_match(pattern, text, PATTERN_NOCASE));
    if (text_starts(text, TEXT("/"))) {
        ASSERT(pattern_path(text, arena, &path) == RC_OK);
        ASSERT(path.len <= text.len);
        ASSERT(text_starts(path, TEXT("/")));
        ASSERT(!memmem(path.at, path.len, "/./", 3));
        ASSERT(!memmem(path.at, path.len, "/../", 4));
    }
    return 0;
}
