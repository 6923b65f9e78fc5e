/* SPDX-License-Identifier: Apache-2.0 */
/* text: a borrowed run of bytes, not terminated. Copy it where it must live longer. */
#pragma once
#include "base/rc.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct text {
    const char *at; /* may be NULL when len is 0 */
    size_t len;
};

struct text_list {
    size_t count;
    struct text *items; /* NULL: not given, where that differs from empty */
};

/* A text of a string literal, usable in initialisers: TEXT("GET"). */
#define TEXT(literal) ((struct text){(literal), sizeof(literal) - 1})
/* The same without the cast, for static initialisers. */
#define TEXT_INIT(literal)             \
    {                                  \
        (literal), sizeof(literal) - 1 \
    }
/* For printf: printf("%.*s", TEXT_ARG(t)). */
#define TEXT_ARG(text) (int)(text).len, ((text).at ? (text).at : "")

static inline struct text text_of(const char *string)
{
    return (struct text){string, string ? strlen(string) : 0};
}

static inline bool text_eq(struct text a, struct text b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline bool text_is_empty(struct text text)
{
    return text.len == 0;
}

/* ASCII only; locale plays no part. */
static inline char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

bool text_eq_nocase(struct text a, struct text b);
bool text_starts(struct text text, struct text prefix);
bool text_ends(struct text text, struct text suffix);

/* Bytewise order as memcmp, shorter first among equals. */
int text_compare(struct text a, struct text b);

/* Index of the first `byte`, or text.len. */
size_t text_find(struct text text, char byte);

/* From `from` (clamped to the end) on, at most `len` bytes. */
struct text text_slice(struct text text, size_t from, size_t len);

/* Without leading and trailing spaces and tabs. */
struct text text_trim(struct text text);

/* Takes everything before the next `separator` off the front of *rest and the separator with it.
 * False when *rest is exhausted; "a,,b" gives "a", "", "b". */
bool text_next(struct text *rest, char separator, struct text *out);

/* Digits only (1 to 20 of them), no sign, no space, no overflow; else RC_BAD. */
MUST_USE enum rc text_to_u64(struct text text, uint64_t *out);

/* The way back: the digits, written at the end of `into`. */
#define TEXT_U64_BYTES 20
struct text text_of_u64(uint64_t number, char into[static TEXT_U64_BYTES]);

/* As text_to_u64, with a '-' in front where min is negative, and within [min, max]; else RC_BAD. */
MUST_USE enum rc text_to_int(struct text text, int64_t min, int64_t max, int64_t *out);

/* Copies into `out` and terminates; RC_LIMIT when it does not fit or holds a NUL. */
MUST_USE enum rc text_to_string(struct text text, char *out, size_t out_size);

/* 64 bit, seedless, for tables whose keys strangers cannot choose at will. */
uint64_t text_hash(struct text text);
