/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "api/ec2_shapes.h"
#include "api/filter.h"

static bool value_matches(const char *pattern, const char *text)
{
    struct text item = text_of(pattern);

    return filter_text(&(struct text_list){1, &item}, text_of(text));
}

TEST(filter_text, knows_stars_question_marks_and_escapes)
{
    assert_true(value_matches("vpc-1", "vpc-1"));
    assert_false(value_matches("vpc-1", "VPC-1"));
    assert_false(value_matches("vpc-1", "vpc-12"));
    assert_true(value_matches("*", ""));
    assert_true(value_matches("vpc-*", "vpc-12"));
    assert_true(value_matches("*b*", "abc"));
    assert_false(value_matches("*b*", "acd"));
    assert_true(value_matches("a?c", "abc"));
    assert_true(value_matches("a?c", "ac"));
    assert_false(value_matches("a?c", "abbc"));
    assert_true(value_matches("\\*a\\?\\\\", "*a?\\"));
    assert_false(value_matches("\\*a", "xa"));
    assert_true(value_matches("a\\", "a\\"));
    assert_true(value_matches("", ""));
    assert_false(value_matches("", "a"));
}

TEST(filter_text, does_not_backtrack)
{
    assert_false(
        value_matches("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b",
                      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}

TEST(filter_text, takes_any_of_several_values)
{
    struct text values[] = {TEXT("x"), TEXT("t-*")};
    const struct text_list list = {2, values};

    assert_true(filter_text(&list, TEXT("x")));
    assert_true(filter_text(&list, TEXT("t-1")));
    assert_false(filter_text(&list, TEXT("u-1")));
    assert_false(filter_text(&(struct text_list){0, NULL}, TEXT("x")));
}

TEST(filter_bool, and_numbers_are_compared_as_words)
{
    struct text yes = TEXT("true");
    struct text port = TEXT("80*");

    assert_true(filter_bool(&(struct text_list){1, &yes}, true));
    assert_false(filter_bool(&(struct text_list){1, &yes}, false));
    assert_true(filter_int(&(struct text_list){1, &port}, 8080));
    assert_false(filter_int(&(struct text_list){1, &port}, -80));
}

TESTS({
    CASE(filter_text__knows_stars_question_marks_and_escapes),
    CASE(filter_text__does_not_backtrack),
    CASE(filter_text__takes_any_of_several_values),
    CASE(filter_bool__and_numbers_are_compared_as_words),
})
