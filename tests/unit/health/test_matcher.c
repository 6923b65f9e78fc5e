/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "health/matcher.h"

static enum rc parse(const char *text, struct matcher *out)
{
    return matcher_parse(text_of(text), 200, 499, out);
}

TEST(matcher, reads_values_lists_ranges_and_mixtures)
{
    struct matcher m;

    assert_int_equal(parse("200", &m), RC_OK);
    assert_true(matcher_has(&m, 200));
    assert_false(matcher_has(&m, 201));
    assert_int_equal(parse("200,302", &m), RC_OK);
    assert_true(matcher_has(&m, 302));
    assert_false(matcher_has(&m, 301));
    assert_int_equal(parse("200-299", &m), RC_OK);
    assert_true(matcher_has(&m, 299));
    assert_false(matcher_has(&m, 300));
    assert_int_equal(parse("200,202-204,499", &m), RC_OK);
    assert_false(matcher_has(&m, 201));
    assert_true(matcher_has(&m, 203));
    assert_true(matcher_has(&m, 499));
}

TEST(matcher, refuses_what_is_not_the_grammar)
{
    static const char *const bad[] = {
        "",     ",",       "200,", ",200", "200,,201", "199",     "500",         "200-",
        "-299", "299-200", "200 ", "2x0",  "200--201", "200-500", "200-201-202", "+200"};
    struct matcher m;

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_int_equal(parse(bad[i], &m), RC_BAD);
    }
}

TEST(matcher, knows_no_code_outside_its_range)
{
    struct matcher m;

    assert_int_equal(parse("200-499", &m), RC_OK);
    assert_false(matcher_has(&m, -1));
    assert_false(matcher_has(&m, 0));
    assert_false(matcher_has(&m, 500));
    assert_false(matcher_has(&m, 999));
}

TESTS({
    CASE(matcher__reads_values_lists_ranges_and_mixtures),
    CASE(matcher__refuses_what_is_not_the_grammar),
    CASE(matcher__knows_no_code_outside_its_range),
})
