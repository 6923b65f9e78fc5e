/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/buf.h"
#include "base/mem.h"
#include "certs.h"
#include "crypto/trust.h"

static char why[TRUST_WHY_BYTES];

static enum rc read_parts(const struct text *parts, size_t count, struct trust_bundle *out)
{
    struct buf pem;

    buf_init(&pem, 100000);
    for (size_t i = 0; i < count; i++) {
        buf_add(&pem, parts[i]);
    }
    const enum rc rc = trust_bundle_read(buf_text(&pem), out, why);
    buf_done(&pem);
    return rc;
}

TEST(trust_bundle, is_measured)
{
    struct made_cert ca = made_ca_new();
    const struct text parts[] = {TEXT("# one\n"), ca.chain_pem, TEXT("# two\n"), ca.chain_pem};
    struct trust_bundle bundle;

    assert_int_equal(read_parts(parts, ARRAY_LEN(parts), &bundle), RC_OK);
    assert_int_equal(bundle.certificate_count, 2);
    assert_int_equal(bundle.subject_bytes, 2 * 20); /* SEQUENCE, SET, SEQUENCE, OID, "test ca" */
    assert_in_range(bundle.largest_bytes, 250, 400);
    made_cert_done(&ca);
}

TEST(trust_bundle, holds_nothing_but_cas_and_comments)
{
    struct made_cert ca = made_ca_new();
    struct made_cert leaf = made_cert_issued(&ca, "leaf", 1);
    const struct {
        struct text before, after;
        const char *why;
    } cases[] = {
        {TEXT("\n"), TEXT(""), "line 1 is blank"},
        {TEXT("one\n"), TEXT(""), "line 1 is neither of a CERTIFICATE nor a comment"},
        {TEXT("# a-b\n"), TEXT(""), "line 1 is neither of a CERTIFICATE nor a comment"},
        {TEXT(""), TEXT("-----BEGIN CERTIFICATE-----\n"), "the last block has no end"},
        {TEXT("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"), TEXT(""),
         "certificate 1 cannot be read"},
    };
    struct trust_bundle bundle;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct text parts[] = {cases[i].before, ca.chain_pem, cases[i].after};
        assert_int_equal(read_parts(parts, ARRAY_LEN(parts), &bundle), RC_BAD);
        assert_string_equal(why, cases[i].why);
    }
    assert_int_equal(trust_bundle_read(leaf.chain_pem, &bundle, why), RC_BAD);
    assert_string_equal(why, "certificate 1 is not of a certificate authority");
    assert_int_equal(trust_bundle_read(ca.key_pem, &bundle, why), RC_BAD);
    assert_int_equal(trust_bundle_read((struct text){NULL, 0}, &bundle, why), RC_BAD);
    made_cert_done(&leaf);
    made_cert_done(&ca);
}

TEST(trust_list, is_signed_by_a_ca_of_the_bundle)
{
    struct made_cert ca = made_ca_new();
    struct made_cert namesake = made_ca_new(); /* the same name, another key */
    struct made_cert leaf = made_cert_issued(&ca, "leaf", 1);
    const struct text list = made_crl_new(&ca, &leaf);
    int64_t entries = 0;

    assert_int_equal(trust_list_read(list, ca.chain_pem, &entries, why), RC_OK);
    assert_int_equal(entries, 1);
    assert_int_equal(trust_list_read(list, namesake.chain_pem, &entries, why), RC_BAD);
    assert_string_equal(why, "list 1 was not signed by a certificate authority of the trust store");
    assert_int_equal(trust_list_read(ca.chain_pem, ca.chain_pem, &entries, why), RC_BAD);
    assert_int_equal(trust_list_read(TEXT(""), ca.chain_pem, &entries, why), RC_BAD);
    mem_give((void *)(uintptr_t)list.at);
    made_cert_done(&leaf);
    made_cert_done(&namesake);
    made_cert_done(&ca);
}

TESTS({
    CASE(trust_bundle__is_measured),
    CASE(trust_bundle__holds_nothing_but_cas_and_comments),
    CASE(trust_list__is_signed_by_a_ca_of_the_bundle),
})
