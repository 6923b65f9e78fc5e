/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/limits.h"
#include "codec/json.h"

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

TEST(json_parse, reads_every_kind)
{
    const struct json *doc;
    const struct json *list;
    struct text text;
    int64_t integer;
    double real;
    bool boolean;

    assert_int_equal(json_parse(TEXT("{\"t\":\"a\\u00e9\",\"i\":-7,\"r\":1.5,\"b\":true,\"n\":null,"
                                     "\"l\":[1,\"x\",{}],\"o\":{\"k\":\"v\"}}"),
                                arena, &doc, NULL, 0),
                     RC_OK);
    assert_int_equal(json_get_text(doc, "t", &text), RC_OK);
    assert_text_equal(text, TEXT("a\xc3\xa9"));
    assert_int_equal(json_get_integer(doc, "i", &integer), RC_OK);
    assert_int_equal(integer, -7);
    assert_int_equal(json_get_real(doc, "r", &real), RC_OK);
    assert_true(real == 1.5);
    assert_int_equal(json_get_real(doc, "i", &real), RC_OK);
    assert_true(real == -7);
    assert_int_equal(json_get_bool(doc, "b", &boolean), RC_OK);
    assert_true(boolean);
    assert_int_equal(json_get_list(doc, "l", &list), RC_OK);
    assert_int_equal(list->count, 3);
    assert_int_equal(list->items[2].type, JSON_IS_OBJECT);
    assert_text_equal(json_get(json_get(doc, TEXT("o")), TEXT("k"))->text, TEXT("v"));
}

TEST(json_get, tells_absent_from_wrong)
{
    const struct json *doc;
    struct text text = TEXT("untouched");
    int64_t integer;

    assert_int_equal(json_parse(TEXT("{\"a\":1,\"n\":null,\"r\":1.0}"), arena, &doc, NULL, 0),
                     RC_OK);
    assert_int_equal(json_get_text(doc, "x", &text), RC_ABSENT);
    assert_int_equal(json_get_text(doc, "n", &text), RC_ABSENT);
    assert_int_equal(json_get_text(doc, "a", &text), RC_BAD);
    assert_int_equal(json_get_integer(doc, "r", &integer), RC_BAD);
    assert_int_equal(json_get_text(NULL, "a", &text), RC_ABSENT);
    assert_text_equal(text, TEXT("untouched"));
}

TEST(json_parse, refuses_what_could_be_read_in_two_ways)
{
    static const char *const bad[] = {
        "",
        "{",
        "{\"a\":1,\"a\":2}",
        "[1] x",
        "[1,]",
        "\"\\u0000\"",
        "\"\xff\"",
        "[01]",
        "[1e999]",
        "'a'",
        "[NaN]",
        "99999999999999999999",
        "\"\\ud800\"",
        "{\"a\":1,}",
        "/* */ 1",
        "\xef\xbb\xbf{}",
    };
    const struct json *doc = NULL;
    char why[128] = "";

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_int_equal(json_parse(text_of(bad[i]), arena, &doc, why, sizeof(why)), RC_BAD);
        assert_string_not_equal(why, "");
    }
    assert_null(doc);
}

TEST(json_parse, refuses_deeper_documents_than_the_limit)
{
    char deep[2 * (LIMIT_JSON_DEPTH + 1)];
    const struct json *doc;

    memset(deep, '[', LIMIT_JSON_DEPTH);
    memset(deep + LIMIT_JSON_DEPTH, ']', LIMIT_JSON_DEPTH);
    assert_int_equal(json_parse((struct text){deep, 2 * LIMIT_JSON_DEPTH}, arena, &doc, NULL, 0),
                     RC_OK);
    memset(deep, '[', LIMIT_JSON_DEPTH + 1);
    memset(deep + LIMIT_JSON_DEPTH + 1, ']', LIMIT_JSON_DEPTH + 1);
    assert_int_equal(json_parse((struct text){deep, sizeof(deep)}, arena, &doc, NULL, 0), RC_LIMIT);
    /* Brackets inside texts do not nest. */
    assert_int_equal(json_parse(TEXT("[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[[\"]"), arena,
                                &doc, NULL, 0),
                     RC_OK);
}

TEST(json_parse, refuses_what_the_arena_cannot_hold)
{
    AUTO(arena) struct arena *small = arena_new(256, 256);
    const struct json *doc;

    assert_int_equal(
        json_parse(TEXT("[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]"), small, &doc, NULL, 0),
        RC_LIMIT);
}

TEST(json_writer, writes_what_json_parse_reads)
{
    struct json_writer writer;
    const struct json *doc;
    struct text text;
    struct buf buf;

    buf_init(&buf, 4096);
    json_writer_init(&writer, &buf);
    json_write_object(&writer);
    json_put_text(&writer, "quote\"d", TEXT("a\\b\n\x7f\xc3\xa9"));
    json_put_integer(&writer, "min", INT64_MIN);
    json_put_bool(&writer, "no", false);
    json_write_key(&writer, TEXT("list"));
    json_write_list(&writer);
    json_write_real(&writer, 0.1);
    json_write_null(&writer);
    json_write_object(&writer);
    json_write_object_end(&writer);
    json_write_list_end(&writer);
    json_write_object_end(&writer);
    assert_text_equal(buf_text(&buf), TEXT("{\"quote\\\"d\":\"a\\\\b\\u000a\\u007f\xc3\xa9\","
                                           "\"min\":-9223372036854775808,\"no\":false,"
                                           "\"list\":[0.10000000000000001,null,{}]}"));
    assert_int_equal(json_parse(buf_text(&buf), arena, &doc, NULL, 0), RC_OK);
    assert_int_equal(json_get_text(doc, "quote\"d", &text), RC_OK);
    assert_text_equal(text, TEXT("a\\b\n\x7f\xc3\xa9"));
    buf_done(&buf);
}

TEST(json_write_real, stays_a_real)
{
    struct json_writer writer;
    struct buf buf;

    buf_init(&buf, 4096);
    json_writer_init(&writer, &buf);
    json_write_list(&writer);
    json_write_real(&writer, -0.0);
    json_write_real(&writer, 3);
    json_write_real(&writer, 1e300);
    json_write_list_end(&writer);
    assert_text_equal(buf_text(&buf), TEXT("[-0.0,3.0,1.0000000000000001e+300]"));
    buf_done(&buf);
}

TEST(json_write_decimal, keeps_every_digit)
{
    struct json_writer writer;
    struct buf buf;

    buf_init(&buf, 4096);
    json_writer_init(&writer, &buf);
    json_write_list(&writer);
    json_write_decimal(&writer, 1516925490123, 3);
    json_write_decimal(&writer, 5, 3);
    json_write_decimal(&writer, -5, 3);
    json_write_decimal(&writer, INT64_MIN, 0);
    json_write_list_end(&writer);
    assert_text_equal(buf_text(&buf), TEXT("[1516925490.123,0.005,-0.005,-9223372036854775808]"));
    buf_done(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(json_parse__reads_every_kind),
        CASE(json_get__tells_absent_from_wrong),
        CASE(json_parse__refuses_what_could_be_read_in_two_ways),
        CASE(json_parse__refuses_deeper_documents_than_the_limit),
        CASE(json_parse__refuses_what_the_arena_cannot_hold),
        CASE(json_writer__writes_what_json_parse_reads),
        CASE(json_write_real__stays_a_real),
        CASE(json_write_decimal__keeps_every_digit),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
