/* SPDX-License-Identifier: Apache-2.0 */
#include "snapshot/address.h"

#include "test.h"

TEST(address_parse, takes_four_plain_numbers_only)
{
    static const char *const bad[] = {
        "",          "1.2.3",  "1.2.3.4.5", "1.2.3.4.",  "1.2.3.256", "01.2.3.4", "1.2.3. 4",
        "0x1.2.3.4", ".1.2.3", "1..2.3.4",  "1.2.3.4/8", "+1.2.3.4",  "1.2.3.-4", "1.2.3.0004"};
    uint32_t ip = 7;

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_int_equal(address_parse(text_of(bad[i]), &ip), RC_BAD);
    }
    assert_int_equal(ip, 7);
    assert_int_equal(address_parse(TEXT("127.0.80.2"), &ip), RC_OK);
    assert_int_equal(ip, 0x7f005002);
    assert_int_equal(address_parse(TEXT("255.255.255.255"), &ip), RC_OK);
    assert_int_equal(ip, UINT32_MAX);
}

TEST(cidr_parse, refuses_host_bits_and_long_prefixes)
{
    struct snap_cidr cidr;

    assert_int_equal(cidr_parse(TEXT("10.0.0.1/24"), &cidr), RC_BAD);
    assert_int_equal(cidr_parse(TEXT("10.0.0.0/33"), &cidr), RC_BAD);
    assert_int_equal(cidr_parse(TEXT("10.0.0.0/"), &cidr), RC_BAD);
    assert_int_equal(cidr_parse(TEXT("10.0.0.0"), &cidr), RC_BAD);
    assert_int_equal(cidr_parse(TEXT("1.0.0.0/0"), &cidr), RC_BAD);
}

TEST(cidr_holds, every_prefix_length_to_its_last_address)
{
    struct snap_cidr cidr;

    assert_int_equal(cidr_parse(TEXT("0.0.0.0/0"), &cidr), RC_OK);
    assert_true(cidr_holds(&cidr, UINT32_MAX));
    assert_int_equal(cidr_parse(TEXT("10.1.2.3/32"), &cidr), RC_OK);
    assert_true(cidr_holds(&cidr, 0x0a010203));
    assert_false(cidr_holds(&cidr, 0x0a010204));
    assert_int_equal(cidr_parse(TEXT("10.1.0.0/16"), &cidr), RC_OK);
    assert_true(cidr_holds(&cidr, 0x0a01ffff));
    assert_false(cidr_holds(&cidr, 0x0a020000));
}

TESTS({
    CASE(address_parse__takes_four_plain_numbers_only),
    CASE(cidr_parse__refuses_host_bits_and_long_prefixes),
    CASE(cidr_holds__every_prefix_length_to_its_last_address),
})
