/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "tls/hkdf.h"
#include "tls/provider.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <openssl/rand.h>
#include <stdio.h>

#define LABEL(label, context) \
    (&(const struct tls_label){TEXT("tls13 "), TEXT_INIT(label), (context)})

static struct text text_of_bytes(const unsigned char *bytes, size_t len)
{
    return (struct text){(const char *)bytes, len};
}

static struct text from_hex(const char *hex, unsigned char *into)
{
    size_t len = 0;

    for (; hex[0]; hex += 2) {
        unsigned byte;
        assert_int_equal(sscanf(hex, "%2x", &byte), 1);
        into[len++] = (unsigned char)byte;
    }
    return text_of_bytes(into, len);
}

static void assert_bytes(const unsigned char *bytes, const char *hex)
{
    unsigned char expected[64];
    const struct text text = from_hex(hex, expected);

    assert_memory_equal(bytes, text.at, text.len);
}

/* RFC 8448 §3: "Simple 1-RTT Handshake". */
TEST(tls_hkdf, derives_what_the_rfc_traces)
{
    const struct tls_hash *hash = tls_hash_find(TEXT("SHA256"));
    const struct text nothing = {NULL, 0};
    unsigned char early[32];
    unsigned char handshake[32];
    unsigned char out[32];
    unsigned char bytes[64];

    assert_int_equal(tls_hkdf_next(hash, nothing, nothing, LABEL("derived", nothing), early),
                     RC_OK);
    assert_bytes(early, "33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a");

    const struct text shared =
        from_hex("8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d", bytes);
    assert_int_equal(
        tls_hkdf_next(hash, text_of_bytes(early, 32), shared, LABEL("derived", nothing), handshake),
        RC_OK);
    assert_bytes(handshake, "1dc826e93606aa6fdc0aadc12f741b01046aa6b99f691ed221a9f0ca043fbeac");
    assert_int_equal(
        tls_hkdf_next(hash, text_of_bytes(handshake, 32), nothing, LABEL("derived", nothing), out),
        RC_OK);
    assert_bytes(out, "18df06843d13a08bf2a449844c5f8a478001bc4d4c627984d5a41da8d0402919");

    const struct text transcript =
        from_hex("860c06edc07858ee8e78f0e7428c58edd6b43f2ca3e6e95f02ed063cf0e1cad8", bytes);
    assert_int_equal(tls_hkdf_expand(hash, text_of_bytes(handshake, 32),
                                     LABEL("s hs traffic", transcript), out, 32),
                     RC_OK);
    assert_bytes(out, "b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38");
    assert_int_equal(
        tls_hkdf_expand(hash, text_of_bytes(out, 32), LABEL("key", nothing), bytes, 16), RC_OK);
    assert_bytes(bytes, "3fce516009c21727d0f2e4e86ee403bc");
    assert_int_equal(tls_hkdf_expand(hash, text_of_bytes(out, 32), LABEL("iv", nothing), bytes, 12),
                     RC_OK);
    assert_bytes(bytes, "5d313eb2671276ee13000b30");
}

TEST(tls_hkdf, refuses_what_has_no_place_in_a_label)
{
    static const char many[300];
    static unsigned char out[256 * 32];
    const struct tls_hash *hash = tls_hash_find(TEXT("SHA2-256"));
    const struct text secret = {many, 32};
    const struct text nothing = {NULL, 0};
    const struct tls_label long_label = {TEXT("tls13 "), {many, 250}, nothing};
    const struct tls_label long_context = {TEXT("tls13 "), TEXT("key"), {many, 256}};

    assert_int_equal(tls_hkdf_expand(hash, secret, &long_label, out, 32), RC_LIMIT);
    assert_int_equal(tls_hkdf_expand(hash, secret, &long_context, out, 32), RC_LIMIT);
    assert_int_equal(tls_hkdf_expand(hash, (struct text){many, 65}, LABEL("key", nothing), out, 32),
                     RC_LIMIT);
    assert_int_equal(tls_hkdf_expand(hash, secret, LABEL("key", nothing), out, 255 * 32 + 1),
                     RC_LIMIT);
    assert_int_equal(tls_hkdf_expand(hash, secret, LABEL("key", nothing), out, 255 * 32), RC_OK);
    assert_null(tls_hash_find(TEXT("SHA1")));
    assert_null(tls_hash_find(TEXT("")));
}

/* ---- beside OpenSSL's own ------------------------------------------------------------------- */

struct ask {
    int mode;
    char *digest;                       /* NULL: none is given */
    struct text key, salt, label, data; /* the first two and the last one: NULL: not given */
};

static void add(OSSL_PARAM **at, const char *name, struct text value)
{
    if (value.at) {
        *(*at)++ = OSSL_PARAM_construct_octet_string(name, (void *)(uintptr_t)value.at, value.len);
    }
}

/* As libssl calls it. */
static int derive(const char *properties, struct ask ask, unsigned char *out, size_t len)
{
    OSSL_PARAM params[8];
    OSSL_PARAM *at = params;
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "TLS13-KDF", properties);
    EVP_KDF_CTX *context = EVP_KDF_CTX_new(kdf);

    assert_non_null(context);
    *at++ = OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &ask.mode);
    if (ask.digest) {
        *at++ = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, ask.digest, 0);
    }
    add(&at, OSSL_KDF_PARAM_KEY, ask.key);
    add(&at, OSSL_KDF_PARAM_SALT, ask.salt);
    add(&at, OSSL_KDF_PARAM_PREFIX, TEXT("tls13 "));
    add(&at, OSSL_KDF_PARAM_LABEL, ask.label);
    add(&at, OSSL_KDF_PARAM_DATA, ask.data);
    *at = OSSL_PARAM_construct_end();
    const int result = EVP_KDF_derive(context, out, len, params);
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kdf);
    return result;
}

static void assert_same(struct ask ask, size_t len)
{
    unsigned char ours[256];
    unsigned char theirs[256];

    assert_int_equal(derive("provider=" TLS_PROVIDER, ask, ours, len), 1);
    assert_int_equal(derive("provider=default", ask, theirs, len), 1);
    assert_memory_equal(ours, theirs, len);
}

TEST(tls_provider, derives_what_openssl_derives)
{
    AUTO(tls_provider) struct tls_provider *provider = tls_provider_new();
    static const struct {
        char name[9];
        size_t bytes;
    } digests[] = {{"SHA256", 32}, {"SHA2-256", 32}, {"SHA384", 48}, {"SHA2-384", 48}};
    unsigned char random[4][64];
    const struct text none = {NULL, 0};

    assert_non_null(provider);
    for (size_t i = 0; i < ARRAY_LEN(digests); i++) {
        char *digest = (char *)(uintptr_t)digests[i].name;
        const size_t bytes = digests[i].bytes;

        assert_int_equal(RAND_bytes(random[0], sizeof(random)), 1);
        const struct text key = text_of_bytes(random[0], bytes);
        const struct text salt = text_of_bytes(random[1], bytes);
        const struct text data = text_of_bytes(random[2], bytes);
        for (size_t len = 1; len <= 200; len += 7) {
            assert_same(
                (struct ask){EVP_KDF_HKDF_MODE_EXPAND_ONLY, digest, key, none, TEXT("key"), none},
                len);
            assert_same((struct ask){EVP_KDF_HKDF_MODE_EXPAND_ONLY, digest, key, none,
                                     TEXT("c hs traffic"), data},
                        len);
        }
        const struct text secret = text_of_bytes(random[3], 56); /* of X448 */
        const struct text derived = TEXT("derived");
        const int mode = EVP_KDF_HKDF_MODE_EXTRACT_ONLY;
        assert_same((struct ask){mode, digest, secret, salt, derived, none}, bytes);
        assert_same((struct ask){mode, digest, none, salt, derived, none}, bytes);
        assert_same((struct ask){mode, digest, secret, none, derived, none}, bytes);
        assert_same((struct ask){mode, digest, none, none, derived, none}, bytes);
    }
}

TEST(tls_provider, refuses_digests_modes_and_lengths_that_tls_does_not_have)
{
    AUTO(tls_provider) struct tls_provider *provider = tls_provider_new();
    char sha256_name[] = "SHA256";
    char sha1_name[] = "SHA1";
    const struct text key = TEXT("0123456789abcdef0123456789abcdef");
    const struct text none = {NULL, 0};
    struct ask ask = {EVP_KDF_HKDF_MODE_EXPAND_ONLY, sha256_name, key, none, TEXT("key"), none};
    unsigned char out[64];

    assert_non_null(provider);
    assert_int_equal(derive("provider=" TLS_PROVIDER, ask, out, 32), 1);
    ask.digest = sha1_name;
    assert_int_equal(derive("provider=" TLS_PROVIDER, ask, out, 32), 0);
    ask.digest = NULL;
    assert_int_equal(derive("provider=" TLS_PROVIDER, ask, out, 32), 0);
    ask.digest = sha256_name;
    ask.mode = EVP_KDF_HKDF_MODE_EXTRACT_AND_EXPAND;
    assert_int_equal(derive("provider=" TLS_PROVIDER, ask, out, 32), 0);
    ask.mode = EVP_KDF_HKDF_MODE_EXTRACT_ONLY;
    assert_int_equal(derive("provider=" TLS_PROVIDER, ask, out, 31), 0);
}

TEST(tls_provider, is_what_contexts_prefer)
{
    AUTO(tls_provider) struct tls_provider *provider = tls_provider_new();

    assert_non_null(provider);
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "TLS13-KDF", TLS_PROPERTIES);
    EVP_MD *digest = EVP_MD_fetch(NULL, "SHA2-256", TLS_PROPERTIES);

    assert_string_equal(OSSL_PROVIDER_get0_name(EVP_KDF_get0_provider(kdf)), "openalb");
    assert_string_equal(OSSL_PROVIDER_get0_name(EVP_MD_get0_provider(digest)), "default");
    EVP_KDF_free(kdf);
    EVP_MD_free(digest);
}

TESTS({
    CASE(tls_hkdf__derives_what_the_rfc_traces),
    CASE(tls_hkdf__refuses_what_has_no_place_in_a_label),
    CASE(tls_provider__derives_what_openssl_derives),
    CASE(tls_provider__refuses_digests_modes_and_lengths_that_tls_does_not_have),
    CASE(tls_provider__is_what_contexts_prefer),
})
