/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "codec/utf8.h"

TEST(utf8_is_valid, accepts_all_lengths)
{
    assert_true(utf8_is_valid(TEXT("")));
    assert_true(utf8_is_valid(TEXT("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")));
    assert_true(utf8_is_valid(TEXT("\xf4\x8f\xbf\xbf")));
}

TEST(utf8_is_valid, refuses_overlong_surrogate_cut_and_nul)
{
    static const char *const bad[] = {
        "\x80",     "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",    "\xf4\x90\x80\x80",
        "\xe2\x82", "\xc3",     "\xff",         "\xf0\x8f\xbf\xbf"};

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_false(utf8_is_valid(text_of(bad[i])));
    }
    assert_false(utf8_is_valid((struct text){"a\0b", 3}));
}

TEST(utf8_count, counts_characters_not_bytes)
{
    assert_int_equal(utf8_count(TEXT("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")), 4);
}

TESTS({
    CASE(utf8_is_valid__accepts_all_lengths),
    CASE(utf8_is_valid__refuses_overlong_surrogate_cut_and_nul),
    CASE(utf8_count__counts_characters_not_bytes),
})
