/* SPDX-License-Identifier: Apache-2.0 */
#include "http/pattern.h"

#include "test.h"

TEST(pattern_match, knows_stars_and_question_marks)
{
    static const struct {
        const char *pattern, *text;
        bool matches;
    } cases[] = {
        {"", "", true},
        {"", "a", false},
        {"*", "", true},
        {"*", "/a/b", true},
        {"?", "", false},
        {"?", "a", true},
        {"?", "ab", false},
        {"/img/*", "/img/", true},
        {"/img/*", "/img", false},
        {"/img/*/pics", "/img/a/b/pics", true},
        {"*.example.com", "example.com", false},
        {"*.example.com", "a.example.com", true},
        {"*.example.com", ".example.com", true},
        {"a*b*c", "axbxbxc", true},
        {"a*b*c", "axbxbx", false},
        {"*a?c*", "xxabcxx", true},
        {"**", "a", true},
        {"a**?", "a", false},
        {"a", "A", false},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(pattern_match(text_of(cases[i].pattern), text_of(cases[i].text), 0),
                         cases[i].matches);
    }
}

TEST(pattern_match, ignores_case_when_told)
{
    assert_true(pattern_match(TEXT("*.EXAMPLE.com"), TEXT("A.example.COM"), PATTERN_NOCASE));
    assert_false(pattern_match(TEXT("@"), TEXT("`"), PATTERN_NOCASE));
}

TEST(pattern_match, escapes_when_told)
{
    assert_true(pattern_match(TEXT("a\\*b"), TEXT("a*b"), PATTERN_ESCAPES));
    assert_false(pattern_match(TEXT("a\\*b"), TEXT("axb"), PATTERN_ESCAPES));
    assert_true(pattern_match(TEXT("a\\*b"), TEXT("a\\xb"), 0));
    assert_false(pattern_match(TEXT("\\?"), TEXT("x"), PATTERN_ESCAPES));
    assert_true(pattern_match(TEXT("*\\*"), TEXT("ab*"), PATTERN_ESCAPES));
    assert_true(pattern_match(TEXT("a\\"), TEXT("a\\"), PATTERN_ESCAPES));
    assert_true(pattern_match(TEXT("a\\\\"), TEXT("a\\"), PATTERN_ESCAPES));
}

TEST(pattern_match, does_not_explode)
{
    char text[16 * 1024];

    memset(text, 'a', sizeof(text));
    assert_false(
        pattern_match(TEXT("*a*a*a*a*a*a*a*a*a*a*b"), (struct text){text, sizeof(text)}, 0));
}

TEST(pattern_path, normalises_for_matching)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"/", "/"},
        {"/a/b", "/a/b"},
        {"/%61%2D%7e", "/a-~"},
        {"/a%2Fb%20c", "/a%2Fb%20c"},
        {"/%", "/%"},
        {"/%4", "/%4"},
        {"/%zz", "/%zz"},
        {"/a/./b", "/a/b"},
        {"/a/../b", "/b"},
        {"/a/..", "/"},
        {"/a/b/.", "/a/b/"},
        {"/../../etc", "/etc"},
        {"/a/%2e%2E/b", "/b"},
        {"/a/.../b", "/a/.../b"},
        {"/a/.b", "/a/.b"},
        {"/a//../b", "/a/b"},
        {"/.", "/"},
        {"/..", "/"},
        {"*", "*"},
        {"/%00", "/%00"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(arena) struct arena *arena = arena_new(256, 4096);
        struct text out;

        assert_int_equal(pattern_path(text_of(cases[i].in), arena, &out), RC_OK);
        assert_text_equal(out, text_of(cases[i].out));
    }
}

TEST(pattern_path, stops_at_the_ceiling_of_the_arena)
{
    AUTO(arena) struct arena *arena = arena_new(16, 16);
    struct text out;

    assert_int_equal(pattern_path(TEXT("/aaaaaaaaaaaaaaaaaaaaaaaaaaaaa/./"), arena, &out),
                     RC_LIMIT);
}

TESTS({
    CASE(pattern_match__knows_stars_and_question_marks),
    CASE(pattern_match__ignores_case_when_told),
    CASE(pattern_match__escapes_when_told),
    CASE(pattern_match__does_not_explode),
    CASE(pattern_path__normalises_for_matching),
    CASE(pattern_path__stops_at_the_ceiling_of_the_arena),
})
