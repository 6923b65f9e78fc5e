/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "codec/hex.h"
#include "crypto/digest.h"

/* FIPS 180-4's own examples. */
TEST(sha256, matches_the_published_vectors)
{
    char hex[SHA256_HEX_BYTES];

    sha256_hex(TEXT(""), hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    sha256_hex(TEXT("abc"), hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    sha256_hex((struct text){NULL, 0}, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* RFC 4231 §4.3. */
TEST(hmac_sha256, matches_the_published_vector)
{
    unsigned char mac[SHA256_BYTES];
    char hex[SHA256_HEX_BYTES];

    hmac_sha256(TEXT("Jefe"), TEXT("what do ya want for nothing?"), mac);
    hex_encode((struct text){(const char *)mac, sizeof(mac)}, hex);
    assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(secret_eq, compares_content_and_length)
{
    assert_true(secret_eq(TEXT("abc"), TEXT("abc")));
    assert_false(secret_eq(TEXT("abc"), TEXT("abd")));
    assert_false(secret_eq(TEXT("abc"), TEXT("ab")));
    assert_true(secret_eq(TEXT(""), (struct text){NULL, 0}));
}

TEST(random_bytes, differ_between_calls)
{
    char a[16];
    char b[16];

    random_bytes(a, sizeof(a));
    random_bytes(b, sizeof(b));
    assert_memory_not_equal(a, b, sizeof(a));
}

TESTS({
    CASE(sha256__matches_the_published_vectors),
    CASE(hmac_sha256__matches_the_published_vector),
    CASE(secret_eq__compares_content_and_length),
    CASE(random_bytes__differ_between_calls),
})
