/* SPDX-License-Identifier: Apache-2.0 */
#include "node/regex.h"

#include "base/limits.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

struct regex {
    pcre2_code *code; /* in the arena */
};

static void *take(size_t bytes, void *arena)
{
    return arena_take_raw(arena, bytes);
}

static void give(void *memory, void *arena)
{
    /* It goes with the arena. */
}

enum rc regex_compile(struct text pattern, bool is_caseless, struct arena *arena,
                      const struct regex **out)
{
    /* \C would split a character; (*VERB)s could lift our limits. */
    const uint32_t options = PCRE2_NEVER_BACKSLASH_C | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP |
                             (is_caseless ? PCRE2_CASELESS : 0);
    struct regex *regex = ARENA_NEW(arena, struct regex);
    pcre2_general_context *memory = pcre2_general_context_create(take, give, arena);
    pcre2_compile_context *context = memory ? pcre2_compile_context_create(memory) : NULL;
    PCRE2_SIZE where;
    int error = 0;

    if (!regex || !context) {
        return RC_LIMIT;
    }
    regex->code = pcre2_compile((PCRE2_SPTR)(pattern.at ? pattern.at : ""), pattern.len, options,
                                &error, &where, context);
    if (!regex->code) {
        return error == PCRE2_ERROR_HEAP_FAILED ? RC_LIMIT : RC_BAD;
    }
    *out = regex;
    return RC_OK;
}

bool regex_match(const struct regex *regex, struct text text, struct arena *arena)
{
    const struct arena_mark mark = arena_mark(arena);
    pcre2_general_context *memory = pcre2_general_context_create(take, give, arena);
    pcre2_match_context *context = memory ? pcre2_match_context_create(memory) : NULL;
    pcre2_match_data *data = context ? pcre2_match_data_create(1, memory) : NULL;
    bool is_match = false;

    if (data) {
        (void)pcre2_set_match_limit(context, LIMIT_REGEX_STEPS); /* these cannot fail */
        (void)pcre2_set_depth_limit(context, LIMIT_REGEX_DEPTH);
        (void)pcre2_set_heap_limit(context, LIMIT_REGEX_HEAP_KIB);
        is_match = pcre2_match(regex->code, (PCRE2_SPTR)(text.at ? text.at : ""), text.len, 0, 0,
                               data, context) >= 0;
    }
    arena_rewind(arena, mark);
    return is_match;
}
