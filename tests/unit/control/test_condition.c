/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "control/condition.h"

static enum rc check_value(struct world *world, enum condition_type type, const char *value)
{
    struct text values[] = {text_of(value)};
    struct condition condition = {.type = type, .field_name = TEXT("X-A"), .values = {values, 1}};
    const struct conditions conditions = {&condition, 1};

    return conditions_check(&world->turn, &conditions);
}

TEST(conditions_check, knows_each_field_s_characters)
{
    static const struct {
        enum condition_type type;
        const char *good[6], *bad[6];
    } cases[] = {
        {CONDITION_HOST,
         {"a.b", "*.example.com", "www.ex?mple.c*m"},
         {"localhost", "a.b:80", "a_b.c", "a.b1", ""}},
        {CONDITION_PATH, {"/", "*.html", "/a/~b$\"'@:+&?"}, {"/a b", "/#x", "/%41", "/\xc3\xa4"}},
        {CONDITION_FIELD, {"a", "*a b*", "!\"#"}, {"\x01", "a\x7f", ""}},
        {CONDITION_METHOD, {"GET", "M-SEARCH", "X_1"}, {"get", "G*T", "GET ", ""}},
        {CONDITION_SOURCE_IP,
         {"10.0.0.0/8", "10.1.2.3/8", "0.0.0.0/0", "::/0", "2001:db8::1/128"},
         {"10.0.0.1", "10.0.0.0/33", "255.255.255.255/32", "::/129", "a/8", "10.0.0.0/"}},
    };
    struct world world = world_new();

    world_begin(&world);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        for (size_t j = 0; j < ARRAY_LEN(cases[i].good) && cases[i].good[j]; j++) {
            assert_int_equal(check_value(&world, cases[i].type, cases[i].good[j]), RC_OK);
        }
        for (size_t j = 0; j < ARRAY_LEN(cases[i].bad) && cases[i].bad[j]; j++) {
            assert_int_equal(check_value(&world, cases[i].type, cases[i].bad[j]), RC_BAD);
            world_again(&world);
        }
    }
    world_done(&world);
}

TEST(conditions_check, refuses_host_as_a_header_and_regexes_where_there_are_none)
{
    struct text values[] = {TEXT("a")};
    struct condition condition = {
        .type = CONDITION_FIELD, .field_name = TEXT("hOST"), .values = {values, 1}};
    const struct conditions conditions = {&condition, 1};
    struct world world = world_new();

    world_begin(&world);
    assert_refused(&world, conditions_check(&world.turn, &conditions), "ValidationError",
                   "The HTTP header name 'Host' is not supported; use the 'host-header' condition");
    condition = (struct condition){.type = CONDITION_METHOD, .regexes = {values, 1}};
    assert_refused(&world, conditions_check(&world.turn, &conditions), "ValidationError",
                   "The 'RegexValues' field is not compatible with 'http-request-method'");
    condition =
        (struct condition){.type = CONDITION_PATH, .values = {values, 1}, .regexes = {values, 1}};
    assert_refused(&world, conditions_check(&world.turn, &conditions), "ValidationError",
                   "The 'path-pattern' condition cannot have both values and regex values");
    struct text broken[] = {TEXT("(")};
    condition = (struct condition){.type = CONDITION_PATH, .regexes = {broken, 1}};
    assert_refused(&world, conditions_check(&world.turn, &conditions), "ValidationError",
                   "The regex value '(' is not valid: it is no regular expression");
    world_done(&world);
}

TEST(conditions_check, counts_wildcards_but_not_escaped_ones)
{
    struct condition_pair pairs[] = {{TEXT_INIT("a*"), TEXT_INIT("\\*\\*\\*\\*\\*\\*\\*")},
                                     {{NULL, 0}, TEXT_INIT("?????")}};
    struct condition condition = {.type = CONDITION_QUERY, .pairs = pairs, .pair_count = 2};
    const struct conditions conditions = {&condition, 1};
    struct world world = world_new();

    world_begin(&world);
    assert_int_equal(conditions_check(&world.turn, &conditions), RC_OK);
    pairs[1].value = TEXT("??????");
    assert_refused(&world, conditions_check(&world.turn, &conditions), "ValidationError",
                   "A rule can only have '6' condition wildcards");
    world_done(&world);
}

TEST(transforms_check, wants_one_rewrite_of_each_kind_at_most)
{
    struct transform two[] = {
        {TRANSFORM_URL, TEXT_INIT("^/a"), TEXT_INIT("/b"), 1},
        {TRANSFORM_HOST, TEXT_INIT("^a"), TEXT_INIT("b"), 1},
    };
    const struct transforms transforms = {two, 2};
    struct world world = world_new();

    world_begin(&world);
    assert_int_equal(transforms_check(&world.turn, &transforms), RC_OK);
    two[1].rewrite_count = 2;
    assert_refused(&world, transforms_check(&world.turn, &transforms), "ValidationError",
                   "A transform must have exactly one rewrite");
    two[1].rewrite_count = 1;
    two[1].type = TRANSFORM_URL;
    assert_refused(&world, transforms_check(&world.turn, &transforms), "ValidationError",
                   "A rule can only have one transform of each type");
    world_done(&world);
}

TESTS({
    CASE(conditions_check__knows_each_field_s_characters),
    CASE(conditions_check__refuses_host_as_a_header_and_regexes_where_there_are_none),
    CASE(conditions_check__counts_wildcards_but_not_escaped_ones),
    CASE(transforms_check__wants_one_rewrite_of_each_kind_at_most),
})
