/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "certs.h"
#include "crypto/x509.h"

TEST(x509_read, tells_what_the_certificate_says_of_itself)
{
    struct made_cert cert = made_cert_new("a.test,*.a.test", true);
    struct arena *arena = arena_new(4096, 1 << 20);
    struct x509 read;

    assert_int_equal(x509_read(cert.chain_pem, arena, &read), RC_OK);
    assert_int_equal(read.name_count, 2);
    assert_text_equal(read.names[0], TEXT("a.test"));
    assert_text_equal(read.names[1], TEXT("*.a.test"));
    assert_text_equal(read.key_algorithm, TEXT("EC_prime256v1"));
    assert_text_equal(read.signature_algorithm, TEXT("SHA256WITHECDSA"));
    assert_text_equal(read.serial, TEXT("01"));
    assert_true(read.not_after_unix_ms - read.not_before_unix_ms == 3660 * 1000);
    arena_free(arena);
    made_cert_done(&cert);
}

TEST(x509_read, refuses_what_is_no_certificate)
{
    struct arena *arena = arena_new(4096, 1 << 20);
    struct x509 read;

    assert_int_equal(x509_read(TEXT(""), arena, &read), RC_BAD);
    assert_int_equal(
        x509_read(TEXT("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), arena,
                  &read),
        RC_BAD);
    arena_free(arena);
}

TEST(x509_count, refuses_a_key_among_certificates)
{
    struct made_cert cert = made_cert_new("a.test", true);
    struct arena *arena = arena_new(4096, 1 << 20);
    size_t count = 0;

    assert_int_equal(x509_count(cert.chain_pem, &count), RC_OK);
    assert_int_equal(count, 1);
    const struct text both =
        arena_printf(arena, "%.*s%.*s", TEXT_ARG(cert.chain_pem), TEXT_ARG(cert.key_pem));
    assert_int_equal(x509_count(both, &count), RC_BAD);
    arena_free(arena);
    made_cert_done(&cert);
}

TEST(x509_check_key, tells_a_foreign_key_from_none)
{
    struct made_cert cert = made_cert_new("a.test", true);
    struct made_cert other = made_cert_new("a.test", false);

    assert_int_equal(x509_check_key(cert.chain_pem, cert.key_pem), RC_OK);
    assert_int_equal(x509_check_key(cert.chain_pem, other.key_pem), RC_CONFLICT);
    assert_int_equal(x509_check_key(cert.chain_pem, cert.chain_pem), RC_BAD);
    made_cert_done(&cert);
    made_cert_done(&other);
}

TEST(x509_check_chain, wants_each_to_have_issued_the_one_before)
{
    struct made_cert cert = made_cert_new("a.test", true);
    struct made_cert other = made_cert_new("b.test", true);

    assert_int_equal(x509_check_chain(cert.chain_pem, cert.chain_pem), RC_OK); /* self-signed */
    assert_int_equal(x509_check_chain(cert.chain_pem, other.chain_pem), RC_BAD);
    made_cert_done(&cert);
    made_cert_done(&other);
}

TESTS({
    CASE(x509_read__tells_what_the_certificate_says_of_itself),
    CASE(x509_read__refuses_what_is_no_certificate),
    CASE(x509_count__refuses_a_key_among_certificates),
    CASE(x509_check_key__tells_a_foreign_key_from_none),
    CASE(x509_check_chain__wants_each_to_have_issued_the_one_before),
})
