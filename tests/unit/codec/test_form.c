/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/limits.h"
#include "codec/form.h"

static struct arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = arena_new(4096, 1024 * 1024);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

TEST(form_parse, decodes_names_and_values_in_order)
{
    struct form_pairs pairs;

    assert_int_equal(form_parse(TEXT("a=1&b+c=%2B%c3%A9+x&d&e=f=g&&"), arena, &pairs), RC_OK);
    assert_int_equal(pairs.count, 4);
    assert_text_equal(pairs.at[1].name, TEXT("b c"));
    assert_text_equal(pairs.at[1].value, TEXT("+\xc3\xa9 x"));
    assert_text_equal(pairs.at[2].name, TEXT("d"));
    assert_text_equal(pairs.at[2].value, TEXT(""));
    assert_text_equal(pairs.at[3].value, TEXT("f=g"));
    assert_text_equal(form_value(&pairs, TEXT("a")), TEXT("1"));
    assert_null(form_value(&pairs, TEXT("z")).at);
}

TEST(form_parse, of_nothing_has_no_pairs)
{
    struct form_pairs pairs;

    assert_int_equal(form_parse(TEXT(""), arena, &pairs), RC_OK);
    assert_int_equal(pairs.count, 0);
    assert_int_equal(form_parse((struct text){NULL, 0}, arena, &pairs), RC_OK);
    assert_int_equal(pairs.count, 0);
}

TEST(form_parse, refuses_broken_escapes_and_broken_text)
{
    static const char *const bad[] = {"a=%", "a=%4", "a=%zz", "%=1", "a=%ff", "a=%00", "a=\xff"};
    struct form_pairs pairs = {NULL, 7};

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_int_equal(form_parse(text_of(bad[i]), arena, &pairs), RC_BAD);
    }
    assert_int_equal(pairs.count, 7);
}

TEST(form_parse, refuses_more_pairs_than_the_limit)
{
    struct buf buf;
    struct form_pairs pairs;

    buf_init(&buf, 1024 * 1024);
    for (int i = 0; i < LIMIT_FORM_PAIRS; i++) {
        buf_add(&buf, TEXT("a&"));
    }
    assert_int_equal(form_parse(buf_text(&buf), arena, &pairs), RC_OK);
    buf_add(&buf, TEXT("a"));
    assert_int_equal(form_parse(buf_text(&buf), arena, &pairs), RC_LIMIT);
    buf_done(&buf);
}

TEST(form_escape, keeps_only_unreserved_characters)
{
    struct buf buf;

    buf_init(&buf, 1024);
    form_escape(&buf, TEXT("aZ0-._~ /+%\xc3\xa9"), false);
    assert_text_equal(buf_text(&buf), TEXT("aZ0-._~%20%2F%2B%25%C3%A9"));
    buf_clear(&buf);
    form_escape(&buf, TEXT("/a b"), true);
    assert_text_equal(buf_text(&buf), TEXT("/a%20b"));
    buf_done(&buf);
}

TEST(form_unescape, leaves_plus_alone_in_paths)
{
    struct text out;

    assert_int_equal(form_unescape(TEXT("a+%20b"), false, arena, &out), RC_OK);
    assert_text_equal(out, TEXT("a+ b"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(form_parse__decodes_names_and_values_in_order),
        CASE(form_parse__of_nothing_has_no_pairs),
        CASE(form_parse__refuses_broken_escapes_and_broken_text),
        CASE(form_parse__refuses_more_pairs_than_the_limit),
        CASE(form_escape__keeps_only_unreserved_characters),
        CASE(form_unescape__leaves_plus_alone_in_paths),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
