/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/form.h"

#include "base/limits.h"
#include "codec/hex.h"
#include "codec/utf8.h"

enum rc form_unescape(struct text text, bool plus_is_space, struct arena *arena, struct text *out)
{
    char *at = arena_take_raw(arena, text.len + 1);
    size_t len = 0;

    if (at == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];

        if (c == '%') {
            size_t one;

            if (text.len - i < 3 || hex_decode(text_slice(text, i + 1, 2), &c, 1, &one) != RC_OK) {
                return RC_BAD;
            }
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        at[len++] = c;
    }
    at[len] = '\0';
    *out = (struct text){at, len};
    return RC_OK;
}

static enum rc parse_pair(struct text part, struct arena *arena, struct form_pair *pair)
{
    const size_t equals = text_find(part, '=');

    TRY(form_unescape(text_slice(part, 0, equals), true, arena, &pair->name));
    TRY(form_unescape(text_slice(part, equals + 1, part.len), true, arena, &pair->value));
    if (!utf8_is_valid(pair->name) || !utf8_is_valid(pair->value)) {
        return RC_BAD;
    }
    return RC_OK;
}

enum rc form_parse(struct text form, struct arena *arena, struct form_pairs *out)
{
    struct form_pairs pairs = {NULL, 0};
    struct text rest = form;
    struct text part;
    size_t count = 0;

    while (text_next(&rest, '&', &part)) {
        count += part.len > 0;
    }
    if (count > LIMIT_FORM_PAIRS) {
        return RC_LIMIT;
    }
    pairs.at = ARENA_ARRAY(arena, struct form_pair, count + 1);
    if (pairs.at == NULL) {
        return RC_LIMIT;
    }
    rest = form;
    while (text_next(&rest, '&', &part)) {
        if (part.len > 0) {
            TRY(parse_pair(part, arena, &pairs.at[pairs.count]));
            pairs.count++;
        }
    }
    *out = pairs;
    return RC_OK;
}

static bool is_unreserved(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

void form_escape(struct buf *buf, struct text text, bool keeps_slash)
{
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.at[i];

        if (is_unreserved(c) || (c == '/' && keeps_slash)) {
            buf_add_byte(buf, c);
        } else {
            buf_printf(buf, "%%%02X", (unsigned char)c);
        }
    }
}

struct text form_value(const struct form_pairs *pairs, struct text name)
{
    for (size_t i = 0; i < pairs->count; i++) {
        if (text_eq(pairs->at[i].name, name)) {
            return pairs->at[i].value;
        }
    }
    return (struct text){NULL, 0};
}
