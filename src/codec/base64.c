/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static struct text encode(struct arena *arena, struct text bytes, const char *letters,
                          bool is_padded)
{
    char *out = arena_take_raw(arena, (bytes.len + 2) / 3 * 4 + 1);
    size_t len = 0;

    if (out == NULL) {
        return (struct text){NULL, 0};
    }
    for (size_t i = 0; i < bytes.len; i += 3) {
        const size_t have = bytes.len - i < 3 ? bytes.len - i : 3;
        uint32_t group = 0;

        for (size_t k = 0; k < 3; k++) {
            group = group << 8 | (k < have ? (unsigned char)bytes.at[i + k] : 0);
        }
        for (size_t k = 0; k <= have; k++) {
            out[len++] = letters[group >> (18 - 6 * k) & 63];
        }
        for (size_t k = have; k < 3 && is_padded; k++) {
            out[len++] = '=';
        }
    }
    out[len] = '\0';
    return (struct text){out, len};
}

struct text base64_encode(struct arena *arena, struct text bytes)
{
    return encode(arena, bytes, alphabet, true);
}

struct text base64url_encode(struct arena *arena, struct text bytes)
{
    return encode(arena, bytes, url_alphabet, false);
}

static int letter_value(const char *letters, char c)
{
    const char *at = c != '\0' ? strchr(letters, c) : NULL;

    return at != NULL ? (int)(at - letters) : -1;
}

static enum rc decode(struct arena *arena, struct text encoded, const char *letters,
                      struct text *out)
{
    char *bytes = arena_take_raw(arena, encoded.len / 4 * 3 + 3);
    uint32_t bits = 0;
    int bit_count = 0;
    size_t len = 0;

    if (bytes == NULL) {
        return RC_LIMIT;
    }
    if (encoded.len % 4 == 1) {
        return RC_BAD;
    }
    for (size_t i = 0; i < encoded.len; i++) {
        const int value = letter_value(letters, encoded.at[i]);

        if (value < 0) {
            return RC_BAD;
        }
        bits = bits << 6 | (uint32_t)value;
        bit_count += 6;
        if (bit_count >= 8) {
            bit_count -= 8;
            bytes[len++] = (char)(bits >> bit_count);
            bits &= (1U << bit_count) - 1;
        }
    }
    if (bits != 0) { /* RFC 4648 §3.5: pad bits are zero */
        return RC_BAD;
    }
    *out = (struct text){bytes, len};
    return RC_OK;
}

enum rc base64_decode(struct arena *arena, struct text encoded, struct text *out)
{
    if (encoded.len % 4 != 0) {
        return RC_BAD;
    }
    for (int i = 0; i < 2 && text_ends(encoded, TEXT("=")); i++) {
        encoded.len--;
    }
    return decode(arena, encoded, alphabet, out);
}

enum rc base64url_decode(struct arena *arena, struct text encoded, struct text *out)
{
    return decode(arena, encoded, url_alphabet, out);
}
