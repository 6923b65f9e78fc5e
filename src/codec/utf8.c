/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/utf8.h"

/* Bytes of the character at the front, 0 when it is malformed. */
static size_t character_len(const unsigned char *at, size_t left)
{
    const unsigned char c = at[0];
    size_t len;
    /* RFC 3629 §4: the second byte is narrower behind four lead bytes: no overlong forms, no
     * surrogates, nothing beyond U+10FFFF. */
    unsigned char low = 0x80;
    unsigned char high = 0xbf;

    if (c < 0x80) {
        return c != 0 ? 1 : 0;
    }
    if (c >= 0xc2 && c <= 0xdf) {
        len = 2;
    } else if (c >= 0xe0 && c <= 0xef) {
        len = 3;
        low = c == 0xe0 ? 0xa0 : low;
        high = c == 0xed ? 0x9f : high;
    } else if (c >= 0xf0 && c <= 0xf4) {
        len = 4;
        low = c == 0xf0 ? 0x90 : low;
        high = c == 0xf4 ? 0x8f : high;
    } else {
        return 0;
    }
    if (left < len || at[1] < low || at[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < len; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return len;
}

bool utf8_is_valid(struct text text)
{
    size_t at = 0;

    while (at < text.len) {
        const size_t len = character_len((const unsigned char *)text.at + at, text.len - at);

        if (len == 0) {
            return false;
        }
        at += len;
    }
    return true;
}

size_t utf8_count(struct text text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.len; i++) {
        count += ((unsigned char)text.at[i] & 0xc0) != 0x80;
    }
    return count;
}
