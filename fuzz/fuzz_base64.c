/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "codec/base64.h"
#include "codec/hex.h"

/* Only one text stands for given bytes: what decodes encodes to itself. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) struct arena *arena = arena_new(4096, 64 * 1024 * 1024);
    const struct text input = {(const char *)data, size};
    char *digits = arena_take(arena, 2 * size + 1);
    char *bytes = arena_take(arena, size + 1);
    struct text decoded;
    size_t len;

    if (base64_decode(arena, input, &decoded) == RC_OK) {
        ASSERT(text_eq(base64_encode(arena, decoded), input));
    }
    if (base64url_decode(arena, input, &decoded) == RC_OK) {
        ASSERT(text_eq(base64url_encode(arena, decoded), input));
    }
    ASSERT(base64_decode(arena, base64_encode(arena, input), &decoded) == RC_OK);
    ASSERT(text_eq(decoded, input));
    if (hex_decode(input, bytes, size, &len) == RC_OK) {
        hex_encode((struct text){bytes, len}, digits);
        ASSERT(text_eq_nocase(text_of(digits), input));
    }
    return 0;
}
