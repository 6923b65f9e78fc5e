/* SPDX-License-Identifier: Apache-2.0 */
/* The digests as structs on the stack, without fetching and the heap: since OpenSSL 3 such calls
 * are called deprecated, and nothing else does that. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "tls/hkdf.h"

#include "crypto/digest.h"

#include <openssl/sha.h>

enum {
    BLOCK_BYTES_MAX = SHA512_CBLOCK,
    LABEL_BYTES_MAX = 2 + 1 + 255 + 1 + 255, /* RFC 8446 §7.1: length, label, context */
    EXPANSIONS_MAX = 255,                    /* RFC 5869 §2.3 */
};

union state {
    SHA256_CTX sha256;
    SHA512_CTX sha384;
};

struct tls_hash {
    struct text name, openssl_name;
    size_t bytes, block_bytes, state_bytes;
    void (*start)(union state *state);
    void (*add)(union state *state, const void *bytes, size_t len);
    void (*end)(union state *state, unsigned char *out);
};

static void start_sha256(union state *state)
{
    (void)SHA256_Init(&state->sha256); /* these cannot fail */
}

static void add_sha256(union state *state, const void *bytes, size_t len)
{
    (void)SHA256_Update(&state->sha256, bytes, len);
}

static void end_sha256(union state *state, unsigned char *out)
{
    (void)SHA256_Final(out, &state->sha256);
}

static void start_sha384(union state *state)
{
    (void)SHA384_Init(&state->sha384);
}

static void add_sha384(union state *state, const void *bytes, size_t len)
{
    (void)SHA384_Update(&state->sha384, bytes, len);
}

static void end_sha384(union state *state, unsigned char *out)
{
    (void)SHA384_Final(out, &state->sha384);
}

static const struct tls_hash hashes[] = {
    {TEXT_INIT("SHA256"), TEXT_INIT("SHA2-256"), SHA256_DIGEST_LENGTH, SHA256_CBLOCK,
     sizeof(SHA256_CTX), start_sha256, add_sha256, end_sha256},
    {TEXT_INIT("SHA384"), TEXT_INIT("SHA2-384"), SHA384_DIGEST_LENGTH, SHA512_CBLOCK,
     sizeof(SHA512_CTX), start_sha384, add_sha384, end_sha384},
};

const struct tls_hash *tls_hash_find(struct text name)
{
    for (size_t i = 0; i < ARRAY_LEN(hashes); i++) {
        if (text_eq_nocase(name, hashes[i].openssl_name) || text_eq_nocase(name, hashes[i].name)) {
            return &hashes[i];
        }
    }
    return NULL;
}

size_t tls_hash_bytes(const struct tls_hash *hash)
{
    return hash->bytes;
}

/* A key filled up to a block, by bytes, and to be masked by words. */
union pad {
    unsigned char bytes[BLOCK_BYTES_MAX];
    uint64_t words[BLOCK_BYTES_MAX / sizeof(uint64_t)];
};

/* The digest of `pad`, masked, and of the parts. */
static void hash_behind(const struct tls_hash *hash, union pad *pad, uint64_t mask,
                        const struct text *parts, size_t count, unsigned char *out)
{
    union state state;

    for (size_t i = 0; i < hash->block_bytes / sizeof(mask); i++) {
        pad->words[i] ^= mask;
    }
    hash->start(&state);
    hash->add(&state, pad->bytes, hash->block_bytes);
    for (size_t i = 0; i < count; i++) {
        hash->add(&state, parts[i].at, parts[i].len);
    }
    hash->end(&state, out);
    secret_wipe(&state, hash->state_bytes);
}

/* RFC 2104 §2: H(K ^ opad, H(K ^ ipad, text)); the text comes in parts. */
static enum rc hmac(const struct tls_hash *hash, struct text key, const struct text *parts,
                    size_t count, unsigned char *out)
{
    static const uint64_t ipad = 0x3636363636363636;
    static const uint64_t opad = 0x5c5c5c5c5c5c5c5c;
    const struct text inner = {(const char *)out, hash->bytes};
    union pad pad = {.bytes = {0}};

    if (key.len > hash->block_bytes) {
        return RC_LIMIT; /* no secret is: RFC 2104 would have it hashed */
    }
    if (key.len) {
        memcpy(pad.bytes, key.at, key.len);
    }
    hash_behind(hash, &pad, ipad, parts, count, out);
    hash_behind(hash, &pad, ipad ^ opad, &inner, 1, out);
    secret_wipe(&pad, hash->block_bytes);
    return RC_OK;
}

/* RFC 5869 §2.3: T(i) = HMAC(secret, T(i-1) | info | i), and as much of them as is wanted. */
static enum rc expand(const struct tls_hash *hash, struct text secret, struct text info,
                      unsigned char *out, size_t len)
{
    unsigned char block[TLS_HASH_BYTES_MAX];
    struct text last = {NULL, 0};
    size_t done = 0;

    if (len > EXPANSIONS_MAX * hash->bytes) {
        return RC_LIMIT;
    }
    for (unsigned char number = 1; done < len; number++) {
        const struct text parts[] = {last, info, {(const char *)&number, 1}};
        const size_t rest = len - done;
        const size_t take = rest < hash->bytes ? rest : hash->bytes;

        TRY(hmac(hash, secret, parts, ARRAY_LEN(parts), block));
        memcpy(out + done, block, take);
        done += take;
        last = (struct text){(const char *)block, hash->bytes};
    }
    secret_wipe(block, sizeof(block));
    return RC_OK;
}

static char *put(char *at, struct text text)
{
    if (text.len) {
        memcpy(at, text.at, text.len);
    }
    return at + text.len;
}

enum rc tls_hkdf_expand(const struct tls_hash *hash, struct text secret,
                        const struct tls_label *label, unsigned char *out, size_t len)
{
    char info[LABEL_BYTES_MAX];
    char *at = info;

    if (label->prefix.len > UINT8_MAX || label->label.len > UINT8_MAX - label->prefix.len ||
        label->context.len > UINT8_MAX || len > UINT16_MAX) {
        return RC_LIMIT;
    }
    *at++ = (char)(len >> 8);
    *at++ = (char)len;
    *at++ = (char)(label->prefix.len + label->label.len);
    at = put(at, label->prefix);
    at = put(at, label->label);
    *at++ = (char)label->context.len;
    at = put(at, label->context);
    return expand(hash, secret, (struct text){info, (size_t)(at - info)}, out, len);
}

/* RFC 8446 §7.1: Derive-Secret(secret, "derived", ""): its context is the hash of nothing. */
static enum rc derive_salt(const struct tls_hash *hash, struct text secret,
                           const struct tls_label *label, unsigned char *out)
{
    unsigned char nothing[TLS_HASH_BYTES_MAX];
    union state state;

    hash->start(&state);
    hash->end(&state, nothing);
    const struct tls_label of_nothing = {
        label->prefix, label->label, {(const char *)nothing, hash->bytes}};
    return tls_hkdf_expand(hash, secret, &of_nothing, out, hash->bytes);
}

enum rc tls_hkdf_next(const struct tls_hash *hash, struct text secret, struct text input,
                      const struct tls_label *label, unsigned char *out)
{
    static const char zeros[TLS_HASH_BYTES_MAX];
    const struct text ikm = input.at ? input : (struct text){zeros, hash->bytes};
    unsigned char salt[TLS_HASH_BYTES_MAX];

    if (!secret.at) {
        return hmac(hash, (struct text){NULL, 0}, &ikm, 1, out);
    }
    TRY(derive_salt(hash, secret, label, salt));
    const enum rc rc = hmac(hash, (struct text){(const char *)salt, hash->bytes}, &ikm, 1, out);
    secret_wipe(salt, sizeof(salt));
    return rc;
}
