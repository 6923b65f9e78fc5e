/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "api/filter.h"

struct thing {
    struct text id;
    bool is_default;
};

static bool has_id(const void *item, struct text key, const struct text_list *values)
{
    (void)key;
    return filter_text(values, ((const struct thing *)item)->id);
}

static bool is_default(const void *item, struct text key, const struct text_list *values)
{
    (void)key;
    return filter_bool(values, ((const struct thing *)item)->is_default);
}

static bool has_tag(const void *item, struct text key, const struct text_list *values)
{
    (void)item;
    return text_eq(key, TEXT("Name")) && filter_text(values, TEXT("blue"));
}

static const struct filter_rule rules[] = {
    {"thing-id", has_id}, {"is-default", is_default}, {"tag:", has_tag}};

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

TEST(filter_holds, ands_filters_and_ors_values)
{
    struct text ids[] = {TEXT("x"), TEXT("t-*")};
    struct text yes[] = {TEXT("true")};
    struct text blue[] = {TEXT("blue")};
    struct ec2_filter items[] = {{TEXT("thing-id"), {2, ids}},
                                 {TEXT("is-default"), {1, yes}},
                                 {TEXT("tag:Name"), {1, blue}}};
    const struct ec2_filter_list filters = {3, items};
    struct thing thing = {TEXT("t-1"), true};
    struct call call = {0};

    assert_int_equal(filter_check(&call, &filters, rules, ARRAY_LEN(rules)), RC_OK);
    assert_true(filter_holds(&filters, rules, ARRAY_LEN(rules), &thing));
    thing.is_default = false;
    assert_false(filter_holds(&filters, rules, ARRAY_LEN(rules), &thing));
    thing = (struct thing){TEXT("u-1"), true};
    assert_false(filter_holds(&filters, rules, ARRAY_LEN(rules), &thing));
}

TEST(filter_check, refuses_unknown_names)
{
    struct ec2_filter items[] = {{TEXT("thing-Id"), {0, NULL}}};
    struct call call = {0};

    assert_int_equal(
        filter_check(&call, &(struct ec2_filter_list){1, items}, rules, ARRAY_LEN(rules)),
        RC_DENIED);
    assert_string_equal(call.turn.refusal.code, "InvalidParameterValue");
    assert_string_equal(call.turn.refusal.message, "The filter 'thing-Id' is invalid");
}

TESTS(CASE(filter_text__knows_stars_question_marks_and_escapes)
          CASE(filter_text__does_not_backtrack) CASE(filter_holds__ands_filters_and_ors_values)
              CASE(filter_check__refuses_unknown_names))
