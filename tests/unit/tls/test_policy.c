/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "tls/policy.h"

static void assert_ciphers(const char *name, const char *const *expected, size_t expected_count)
{
    const struct tls_policy *policy = tls_policy_find(text_of(name));
    const char *ciphers[TLS_CIPHERS_MAX];

    assert_non_null(policy);
    const size_t count = tls_policy_ciphers(policy, ciphers);
    assert_int_equal(count, expected_count);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(ciphers[i], expected[i]);
    }
}

TEST(tls_policy, orders_the_default_as_aws_tells_it)
{
    static const char *const expected[] = {
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES128-SHA256",
        "ECDHE-RSA-AES128-SHA256",
        "ECDHE-ECDSA-AES128-SHA",
        "ECDHE-RSA-AES128-SHA",
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-AES256-SHA384",
        "ECDHE-RSA-AES256-SHA384",
        "ECDHE-RSA-AES256-SHA",
        "ECDHE-ECDSA-AES256-SHA",
        "AES128-GCM-SHA256",
        "AES128-SHA256",
        "AES128-SHA",
        "AES256-GCM-SHA384",
        "AES256-SHA256",
        "AES256-SHA",
    };
    assert_ciphers("ELBSecurityPolicy-2016-08", expected, ARRAY_LEN(expected));
}

TEST(tls_policy, puts_long_keys_first_for_interop)
{
    static const char *const expected[] = {
        "TLS_AES_256_GCM_SHA384",        "TLS_AES_128_GCM_SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
    };
    assert_ciphers("ELBSecurityPolicy-TLS13-1-2-RFC9151-INTEROP1-FIPS-2023-07", expected,
                   ARRAY_LEN(expected));
}

TEST(tls_policy, keeps_only_long_keys_for_rfc9151)
{
    static const char *const expected[] = {"TLS_AES_256_GCM_SHA384",
                                           "ECDHE-ECDSA-AES256-GCM-SHA384",
                                           "ECDHE-RSA-AES256-GCM-SHA384", "AES256-GCM-SHA384"};
    assert_ciphers("ELBSecurityPolicy-TLS13-1-2-Ext0-RFC9151-FIPS-2023-07", expected,
                   ARRAY_LEN(expected));
}

TEST(tls_policy, finds_no_policy_that_aws_does_not_have)
{
    assert_null(tls_policy_find(TEXT("ELBSecurityPolicy-2016-09")));
    assert_null(tls_policy_find(TEXT("2016-08")));
}

TEST(tls_policy, lets_the_strictest_listener_decide_for_targets)
{
    const struct tls_policy *old = tls_policy_find(TEXT("ELBSecurityPolicy-2016-08"));
    const struct tls_policy *new = tls_policy_find(TEXT("ELBSecurityPolicy-TLS13-1-2-2021-06"));
    const struct tls_policy *fips =
        tls_policy_find(TEXT("ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04"));

    assert_text_equal(tls_policy_backend(&old, 1)->name, TEXT("ELBSecurityPolicy-2016-08"));
    assert_text_equal(tls_policy_backend((const struct tls_policy *[]){old, new}, 2)->name,
                      TEXT("ELBSecurityPolicy-TLS13-1-0-2021-06"));
    assert_text_equal(tls_policy_backend((const struct tls_policy *[]){fips, new}, 2)->name,
                      TEXT("ELBSecurityPolicy-TLS13-1-0-FIPS-2023-04"));
}

TESTS({
    CASE(tls_policy__orders_the_default_as_aws_tells_it),
    CASE(tls_policy__puts_long_keys_first_for_interop),
    CASE(tls_policy__keeps_only_long_keys_for_rfc9151),
    CASE(tls_policy__finds_no_policy_that_aws_does_not_have),
    CASE(tls_policy__lets_the_strictest_listener_decide_for_targets),
})
