/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

TEST(text_of_u64, comes_back_as_it_went)
{
    static const uint64_t numbers[] = {0, 9, 10, 65535, 18446744073709551615u};
    char digits[TEXT_U64_BYTES];
    uint64_t value;

    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        assert_int_equal(text_to_u64(text_of_u64(numbers[i], digits), &value), RC_OK);
        assert_true(value == numbers[i]);
    }
    assert_text_equal(text_of_u64(1024, digits), TEXT("1024"));
}

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

TEST(text_to_int, keeps_within_its_bounds)
{
    int64_t value = 7;

    assert_int_equal(text_to_int(TEXT("11"), 0, 10, &value), RC_BAD);
    assert_int_equal(text_to_int(TEXT("-1"), 0, 10, &value), RC_BAD);
    assert_int_equal(text_to_int(TEXT("-0"), 0, 10, &value), RC_BAD);
    assert_int_equal(text_to_int(TEXT("-"), -10, 10, &value), RC_BAD);
    assert_int_equal(text_to_int(TEXT("--1"), -10, 10, &value), RC_BAD);
    assert_int_equal(text_to_int(TEXT("9223372036854775808"), 0, INT64_MAX, &value), RC_BAD);
    assert_int_equal(value, 7);
    assert_int_equal(text_to_int(TEXT("-10"), -10, 10, &value), RC_OK);
    assert_int_equal(value, -10);
}

TEST(text_to_string, refuses_what_does_not_fit_or_holds_a_nul)
{
    char out[4] = "old";

    assert_int_equal(text_to_string(TEXT("four"), out, sizeof(out)), RC_LIMIT);
    assert_int_equal(text_to_string(TEXT("a\0b"), out, sizeof(out)), RC_LIMIT);
    assert_string_equal(out, "old");
    assert_int_equal(text_to_string(TEXT("abc"), out, sizeof(out)), RC_OK);
    assert_string_equal(out, "abc");
    assert_int_equal(text_to_string((struct text){NULL, 0}, out, sizeof(out)), RC_OK);
    assert_string_equal(out, "");
}

TEST(text_slice, clamps_both_ends)
{
    assert_text_equal(text_slice(TEXT("abcdef"), 2, 3), TEXT("cde"));
    assert_text_equal(text_slice(TEXT("abcdef"), 4, 100), TEXT("ef"));
    assert_text_equal(text_slice(TEXT("abcdef"), 4, SIZE_MAX), TEXT("ef"));
    assert_text_equal(text_slice(TEXT("abcdef"), 7, 1), TEXT(""));
    assert_text_equal(text_slice((struct text){NULL, 0}, 0, 1), TEXT(""));
}

TEST(text_trim, takes_blanks_and_tabs_only)
{
    assert_text_equal(text_trim(TEXT(" \t a b\t ")), TEXT("a b"));
    assert_text_equal(text_trim(TEXT("\r a\n")), TEXT("\r a\n"));
    assert_text_equal(text_trim(TEXT(" \t ")), TEXT(""));
}

TEST(text_compare, puts_the_shorter_first_among_equals)
{
    assert_true(text_compare(TEXT("ab"), TEXT("abc")) < 0);
    assert_true(text_compare(TEXT("abc"), TEXT("ab")) > 0);
    assert_true(text_compare(TEXT("b"), TEXT("abc")) > 0);
    assert_true(text_compare(TEXT("\xff"), TEXT("a")) > 0);
    assert_int_equal(text_compare(TEXT("ab"), TEXT("ab")), 0);
    assert_int_equal(text_compare((struct text){NULL, 0}, TEXT("")), 0);
}

TEST(text_eq_nocase, folds_ascii_letters_only)
{
    assert_true(text_eq_nocase(TEXT("Host"), TEXT("hOST")));
    assert_false(text_eq_nocase(TEXT("Host"), TEXT("Hosts")));
    assert_false(text_eq_nocase(TEXT("@"), TEXT("`"))); /* 0x40 and 0x60 */
    assert_false(text_eq_nocase(TEXT("["), TEXT("{")));
}

TEST(text_starts, and_ends_know_texts_shorter_than_the_part)
{
    assert_true(text_starts(TEXT("/docs"), TEXT("/d")));
    assert_false(text_starts(TEXT("/"), TEXT("/d")));
    assert_true(text_ends(TEXT("/docs"), TEXT("cs")));
    assert_false(text_ends(TEXT("s"), TEXT("cs")));
    assert_true(text_starts(TEXT(""), TEXT("")));
}

TESTS({
    CASE(text_of_u64__comes_back_as_it_went),
    CASE(text_to_u64__refuses_signs_spaces_and_overflow),
    CASE(text_next__gives_empty_parts_and_ends),
    CASE(text_to_int__keeps_within_its_bounds),
    CASE(text_to_string__refuses_what_does_not_fit_or_holds_a_nul),
    CASE(text_slice__clamps_both_ends),
    CASE(text_trim__takes_blanks_and_tabs_only),
    CASE(text_compare__puts_the_shorter_first_among_equals),
    CASE(text_eq_nocase__folds_ascii_letters_only),
    CASE(text_starts__and_ends_know_texts_shorter_than_the_part),
})
