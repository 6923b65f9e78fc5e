/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

bool text_eq_nocase(struct text a, struct text b)
{
    if (a.len != b.len) {
        return false;
    }
    if (text_eq(a, b)) {
        return true; /* the same case is usual, and sooner seen */
    }
    for (size_t i = 0; i < a.len; i++) {
        if (ascii_lower(a.at[i]) != ascii_lower(b.at[i])) {
            return false;
        }
    }
    return true;
}

bool text_starts(struct text text, struct text prefix)
{
    return text.len >= prefix.len && text_eq(text_slice(text, 0, prefix.len), prefix);
}

bool text_ends(struct text text, struct text suffix)
{
    return text.len >= suffix.len &&
           text_eq(text_slice(text, text.len - suffix.len, suffix.len), suffix);
}

int text_compare(struct text a, struct text b)
{
    const size_t shorter = a.len < b.len ? a.len : b.len;
    const int order = shorter ? memcmp(a.at, b.at, shorter) : 0;

    if (order != 0) {
        return order;
    }
    return a.len < b.len ? -1 : a.len > b.len;
}

size_t text_find(struct text text, char byte)
{
    const char *found = text.len ? memchr(text.at, byte, text.len) : NULL;

    return found ? (size_t)(found - text.at) : text.len;
}

struct text text_slice(struct text text, size_t from, size_t len)
{
    if (from >= text.len) {
        return (struct text){text.at ? text.at + text.len : NULL, 0};
    }
    const size_t rest = text.len - from;
    return (struct text){text.at + from, len < rest ? len : rest};
}

struct text text_trim(struct text text)
{
    while (text.len && (text.at[0] == ' ' || text.at[0] == '\t')) {
        text.at++;
        text.len--;
    }
    while (text.len && (text.at[text.len - 1] == ' ' || text.at[text.len - 1] == '\t')) {
        text.len--;
    }
    return text;
}

bool text_next(struct text *rest, char separator, struct text *out)
{
    if (!rest->at) {
        return false;
    }
    const size_t at = text_find(*rest, separator);
    *out = (struct text){rest->at, at};
    if (at == rest->len) {
        *rest = (struct text){NULL, 0};
    } else {
        *rest = (struct text){rest->at + at + 1, rest->len - at - 1};
    }
    return true;
}

enum rc text_to_u64(struct text text, uint64_t *out)
{
    uint64_t value = 0;

    if (text.len == 0 || text.len > 20) {
        return RC_BAD;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') {
            return RC_BAD;
        }
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(text.at[i] - '0'), &value)) {
            return RC_BAD;
        }
    }
    *out = value;
    return RC_OK;
}

struct text text_of_u64(uint64_t number, char into[static TEXT_U64_BYTES])
{
    char *const end = into + TEXT_U64_BYTES;
    char *at = end;

    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return (struct text){at, (size_t)(end - at)};
}

enum rc text_to_int(struct text text, int64_t min, int64_t max, int64_t *out)
{
    /* Where no negative number is allowed, "-0" is no number either. */
    const bool negative = min < 0 && text.len && text.at[0] == '-';
    uint64_t magnitude;

    TRY(text_to_u64(negative ? text_slice(text, 1, text.len) : text, &magnitude));
    if (magnitude > INT64_MAX) {
        return RC_BAD;
    }
    const int64_t value = negative ? -(int64_t)magnitude : (int64_t)magnitude;
    if (value < min || value > max) {
        return RC_BAD;
    }
    *out = value;
    return RC_OK;
}

enum rc text_to_string(struct text text, char *out, size_t out_size)
{
    if (text.len >= out_size || text_find(text, '\0') != text.len) {
        return RC_LIMIT;
    }
    if (text.len) {
        memcpy(out, text.at, text.len);
    }
    out[text.len] = '\0';
    return RC_OK;
}

uint64_t text_hash(struct text text)
{
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */

    for (size_t i = 0; i < text.len; i++) {
        hash = (hash ^ (unsigned char)text.at[i]) * 0x100000001b3u;
    }
    return hash ^ (hash >> 32);
}
