/* SPDX-License-Identifier: Apache-2.0 */
#include "api/sigv4_sign.h"

#include "codec/hex.h"

static struct text as_text(const unsigned char mac[SHA256_BYTES])
{
    return (struct text){(const char *)mac, SHA256_BYTES};
}

/* The key is derived through the scope. */
static void sign(struct text secret, const struct sigv4_scope *scope, struct text string_to_sign,
                 char out[SHA256_HEX_BYTES])
{
    unsigned char mac[SHA256_BYTES];
    char first[4 + SIGV4_SECRET_BYTES] = "AWS4";
    const struct text steps[] = {scope->day, scope->region, scope->service, TEXT("aws4_request"),
                                 string_to_sign};
    struct text key = {first, 4 + secret.len};

    ASSERT(secret.len <= SIGV4_SECRET_BYTES);
    memcpy(first + 4, secret.at, secret.len);
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        unsigned char next[SHA256_BYTES];

        hmac_sha256(key, steps[i], next);
        memcpy(mac, next, sizeof(mac));
        key = as_text(mac);
    }
    hex_encode(as_text(mac), out);
    secret_wipe(first, sizeof(first));
}

enum rc sigv4_sign(struct text secret, const struct sigv4_scope *scope, struct text canonical,
                   struct arena *arena, struct text *string_to_sign, char out[SHA256_HEX_BYTES])
{
    char digest[SHA256_HEX_BYTES];

    sha256_hex(canonical, digest);
    *string_to_sign = arena_printf(arena, SIGV4_ALGORITHM "\n%.*s\n%.*s/%.*s/%.*s/aws4_request\n%s",
                                   TEXT_ARG(scope->date), TEXT_ARG(scope->day),
                                   TEXT_ARG(scope->region), TEXT_ARG(scope->service), digest);
    if (string_to_sign->at == NULL) {
        return RC_LIMIT;
    }
    sign(secret, scope, *string_to_sign, out);
    return RC_OK;
}
