/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

TEST(text_to_u64, refuses_signs_spaces_and_overflow)
{
    uint64_t value = 7;

    assert_int_equal(text_to_u64(TEXT("+1"), &value), RC_BAD);
    assert_int_equal(text_to_u64(TEXT("-1"), &value), RC_BAD);
    assert_int_equal(text_to_u64(TEXT(" 1"), &value), RC_BAD);
    assert_int_equal(text_to_u64(TEXT(""), &value), RC_BAD);
    assert_int_equal(text_to_u64(TEXT("18446744073709551616"), &value), RC_BAD);
    assert_int_equal(value, 7);
    assert_int_equal(text_to_u64(TEXT("18446744073709551615"), &value), RC_OK);
    assert_true(value == UINT64_MAX);
}

TEST(text_next, gives_empty_parts_and_ends)
{
    struct text rest = TEXT("a,,b");
    struct text part;

    assert_true(text_next(&rest, ',', &part));
    assert_text_equal(part, TEXT("a"));
    assert_true(text_next(&rest, ',', &part));
    assert_text_equal(part, TEXT(""));
    assert_true(text_next(&rest, ',', &part));
    assert_text_equal(part, TEXT("b"));
    assert_false(text_next(&rest, ',', &part));
}

TESTS(CASE(text_to_u64__refuses_signs_spaces_and_overflow)
          CASE(text_next__gives_empty_parts_and_ends))
