/* SPDX-License-Identifier: Apache-2.0 */
#include "http/pattern.h"

#include "http/scan.h"

static bool step_matches(struct text pattern, size_t *at, char c, unsigned flags);
static size_t decode_unreserved(struct text path, char *into);
static size_t remove_dots(char *path, size_t len);

/* After a mismatch only the last '*' need be tried with one byte more: an earlier one could give
 * nothing that this one cannot. */
bool pattern_match(struct text pattern, struct text text, unsigned flags)
{
    size_t p = 0;
    size_t t = 0;
    size_t star = SIZE_MAX; /* behind the last '*' */
    size_t star_text = 0;

    while (t < text.len) {
        if (p < pattern.len && pattern.at[p] == '*') {
            star = ++p;
            star_text = t;
        } else if (step_matches(pattern, &p, text.at[t], flags)) {
            t++;
        } else if (star != SIZE_MAX) {
            p = star;
            t = ++star_text;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.at[p] == '*') {
        p++;
    }
    return p == pattern.len;
}

static bool step_matches(struct text pattern, size_t *at, char c, unsigned flags)
{
    size_t p = *at;
    bool is_literal = false;

    if (p == pattern.len) {
        return false;
    }
    if ((flags & PATTERN_ESCAPES) && pattern.at[p] == '\\' && p + 1 < pattern.len &&
        memchr("*?\\", pattern.at[p + 1], 3)) {
        is_literal = true;
        p++;
    }
    if (pattern.at[p] == c || (pattern.at[p] == '?' && !is_literal) ||
        ((flags & PATTERN_NOCASE) && ascii_lower(pattern.at[p]) == ascii_lower(c))) {
        *at = p + 1;
        return true;
    }
    return false;
}

enum rc pattern_path(struct text path, struct arena *arena, struct text *out)
{
    char *copy;
    size_t len;

    /* A dot at all is found sooner than one behind a slash. */
    if (text_find(path, '%') == path.len &&
        (text_find(path, '.') == path.len || !memmem(path.at, path.len, "/.", 2))) {
        *out = path;
        return RC_OK;
    }
    copy = arena_take_raw(arena, path.len + 1);
    if (!copy) {
        return RC_LIMIT;
    }
    len = decode_unreserved(path, copy);
    *out = (struct text){copy, remove_dots(copy, len)};
    return RC_OK;
}

static int hex_value(char c)
{
    return scan_is(c, SCAN_DIGIT) ? c - '0' : (c | 0x20) - 'a' + 10;
}

static size_t decode_unreserved(struct text path, char *into)
{
    size_t len = 0;

    for (size_t i = 0; i < path.len; i++) {
        into[len++] = path.at[i];
        if (path.at[i] == '%' && i + 2 < path.len && scan_is(path.at[i + 1], SCAN_HEX) &&
            scan_is(path.at[i + 2], SCAN_HEX)) {
            const char c = (char)(hex_value(path.at[i + 1]) << 4 | hex_value(path.at[i + 2]));

            if (scan_is(c, SCAN_ALNUM) || (c != '\0' && strchr("-._~", c))) {
                into[len - 1] = c;
                i += 2;
            }
        }
    }
    return len;
}

/* RFC 3986 §5.2.4, in place; the path starts with '/'. */
static size_t remove_dots(char *path, size_t len)
{
    size_t out = 0;

    for (size_t in = 0; in < len;) {
        size_t end = in + 1; /* of the segment that starts with the '/' at `in` */

        while (end < len && path[end] != '/') {
            end++;
        }
        const size_t segment = end - in - 1;
        const bool is_dot = path[in] == '/' && segment == 1 && path[in + 1] == '.';
        const bool is_dots =
            path[in] == '/' && segment == 2 && path[in + 1] == '.' && path[in + 2] == '.';

        if (is_dots) {
            while (out > 0 && path[--out] != '/') {
            }
        }
        if (!is_dot && !is_dots) {
            memmove(path + out, path + in, end - in);
            out += end - in;
        } else if (end == len) {
            path[out++] = '/';
        }
        in = end;
    }
    return out;
}
