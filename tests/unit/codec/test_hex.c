/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "codec/hex.h"

TEST(hex_encode, writes_lower_case_pairs)
{
    char out[9];

    hex_encode((struct text){"\x00\x7f\xab\xff", 4}, out);
    assert_string_equal(out, "007fabff");
}

TEST(hex_decode, reads_either_case)
{
    char out[4];
    size_t len;

    assert_int_equal(hex_decode(TEXT("00aBFf"), out, sizeof(out), &len), RC_OK);
    assert_int_equal(len, 3);
    assert_memory_equal(out, "\x00\xab\xff", 3);
}

TEST(hex_decode, refuses_odd_lengths_other_letters_and_too_much)
{
    char out[2];
    size_t len = 7;

    assert_int_equal(hex_decode(TEXT("abc"), out, sizeof(out), &len), RC_BAD);
    assert_int_equal(hex_decode(TEXT("0g"), out, sizeof(out), &len), RC_BAD);
    assert_int_equal(hex_decode(TEXT("-1"), out, sizeof(out), &len), RC_BAD);
    assert_int_equal(hex_decode(TEXT("001122"), out, sizeof(out), &len), RC_LIMIT);
    assert_int_equal(len, 7);
}

TESTS({
    CASE(hex_encode__writes_lower_case_pairs),
    CASE(hex_decode__reads_either_case),
    CASE(hex_decode__refuses_odd_lengths_other_letters_and_too_much),
})
