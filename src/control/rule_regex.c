/* SPDX-License-Identifier: Apache-2.0 */
#include "control/rule_regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

static const char *dialect_fault(struct text pattern);
static bool compiles(struct text pattern);

const char *rule_regex_fault(struct text pattern)
{
    const char *fault = dialect_fault(pattern);

    if (fault != NULL) {
        return fault;
    }
    return compiles(pattern) ? NULL : "it is no regular expression";
}

static char at(struct text pattern, size_t index)
{
    return index < pattern.len ? pattern.at[index] : '\0';
}

static bool is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

/* What stands behind "(?": groups that don't capture, flags, names. */
static bool is_plain_group(struct text pattern, size_t index)
{
    if (at(pattern, index) == 'P') {
        return at(pattern, index + 1) == '<';
    }
    if (at(pattern, index) == '<') {
        return !is_one_of(at(pattern, index + 1), "=!");
    }
    while (is_one_of(at(pattern, index), "imsU-")) {
        index++;
    }
    return is_one_of(at(pattern, index), ":)");
}

/* The index behind a bracket expression that begins at `index`. */
static size_t skip_class(struct text pattern, size_t index)
{
    index += at(pattern, index + 1) == '^' ? 2 : 1;
    index += at(pattern, index) == ']' ? 1 : 0;
    while (index < pattern.len && pattern.at[index] != ']') {
        index += pattern.at[index] == '\\' ? 2 : 1;
    }
    return index + 1;
}

static const char *dialect_fault(struct text pattern)
{
    for (size_t i = 0; i < pattern.len; i++) {
        const char c = pattern.at[i];
        const char next = at(pattern, i + 1);

        if (c == '\\') {
            if (is_one_of(next, "123456789kgpPCKGRX")) {
                return "back references, Unicode classes and the like are not supported";
            }
            i++;
        } else if (c == '[') {
            i = skip_class(pattern, i) - 1;
        } else if (c == '(' && next == '*') {
            return "verbs are not supported";
        } else if (c == '(' && next == '?' && !is_plain_group(pattern, i + 2)) {
            return "look-around, atomic groups and recursion are not supported";
        } else if (is_one_of(c, "*+?}") && next == '+') {
            return "possessive quantifiers are not supported";
        }
    }
    return NULL;
}

/* As a node compiles it (node/regex.c). */
static bool compiles(struct text pattern)
{
    const uint32_t options = PCRE2_NEVER_BACKSLASH_C | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP;
    PCRE2_SIZE where;
    int error;
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)pattern.at, pattern.len, options, &error, &where, NULL);
    const bool is_fine = code != NULL;

    pcre2_code_free(code);
    return is_fine;
}
