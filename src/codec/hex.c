/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/hex.h"

void hex_encode(struct text bytes, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < bytes.len; i++) {
        const unsigned char byte = (unsigned char)bytes.at[i];

        *out++ = digits[byte >> 4];
        *out++ = digits[byte & 15];
    }
    *out = '\0';
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

enum rc hex_decode(struct text digits, char *out, size_t out_size, size_t *len)
{
    if (digits.len % 2 != 0) {
        return RC_BAD;
    }
    if (digits.len / 2 > out_size) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < digits.len; i += 2) {
        const int high = digit_value(digits.at[i]);
        const int low = digit_value(digits.at[i + 1]);

        if (high < 0 || low < 0) {
            return RC_BAD;
        }
        out[i / 2] = (char)(high << 4 | low);
    }
    *len = digits.len / 2;
    return RC_OK;
}
