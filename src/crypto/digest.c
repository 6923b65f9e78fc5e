/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

static const unsigned char *bytes_of(struct text text)
{
    return (const unsigned char *)(text.at != NULL ? text.at : "");
}

void sha256(struct text data, unsigned char out[SHA256_BYTES])
{
    const unsigned char *done = SHA256(bytes_of(data), data.len, out);

    ASSERT(done != NULL);
}

void sha256_hex(struct text data, char out[SHA256_HEX_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char digest[SHA256_BYTES];

    sha256(data, digest);
    for (size_t i = 0; i < SHA256_BYTES; i++) {
        out[2 * i] = digits[digest[i] >> 4];
        out[2 * i + 1] = digits[digest[i] & 15];
    }
    out[SHA256_HEX_BYTES - 1] = '\0';
}

void hmac_sha256(struct text key, struct text data, unsigned char out[SHA256_BYTES])
{
    unsigned len = 0;
    const unsigned char *done =
        HMAC(EVP_sha256(), bytes_of(key), (int)key.len, bytes_of(data), data.len, out, &len);

    ASSERT(done != NULL);
    ASSERT(len == SHA256_BYTES);
}

bool secret_eq(struct text a, struct text b)
{
    return a.len == b.len && (a.len == 0 || CRYPTO_memcmp(a.at, b.at, a.len) == 0);
}

void secret_wipe(void *secret, size_t len)
{
    OPENSSL_cleanse(secret, len);
}

void random_bytes(void *out, size_t len)
{
    const int done = RAND_bytes(out, (int)len);

    ASSERT(done == 1);
}
