/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/record.h"

#include "base/limits.h"

#include "test.h"

struct fruit {
    struct text name;
    const char *kind;
    uint8_t small;
    int number;
    int64_t large;
    bool is_ripe;
    struct {
        int weight;
    } inner;
};

static const struct record_member inner_members[] = {
    {"weight", RECORD_NUMBER, AT(struct fruit, inner.weight), .min = 1, .max = 9, .preset = 3},
};
static const struct record inner_record = RECORD(struct fruit, inner_members, NULL);
static const struct record_member fruit_members[] = {
    {"name", RECORD_TEXT, AT(struct fruit, name), .preset_text = "apple"},
    {"kind", RECORD_STRING, AT(struct fruit, kind)},
    {"small", RECORD_NUMBER, AT(struct fruit, small), .min = 0, .max = 255},
    {"number", RECORD_NUMBER, AT(struct fruit, number), .min = -5, .max = 5},
    {"large", RECORD_NUMBER, AT(struct fruit, large), .min = INT64_MIN, .max = INT64_MAX},
    {"ripe", RECORD_BOOL, AT(struct fruit, is_ripe), .preset = true},
    {"inner", RECORD_STRUCT, .record = &inner_record},
};
static const struct record fruit_record = RECORD(struct fruit, fruit_members, NULL);

static char why[200];

static enum rc read_fruit(struct arena *arena, struct text document, struct fruit *out)
{
    struct record_reader reader = {.arena = arena, .why = why, .why_size = sizeof(why)};

    return record_read(&reader, &fruit_record, document, out);
}

static enum rc try_fruit(struct text document)
{
    AUTO(arena) struct arena *arena = arena_new(1024, 1 << 20);
    struct fruit fruit = {0};

    return read_fruit(arena, document, &fruit);
}

TEST(record_read, keeps_numbers_of_every_width_and_sign)
{
    AUTO(arena) struct arena *arena = arena_new(1024, 1 << 20);
    struct fruit fruit = {0};
    struct buf out;
    const struct text document =
        TEXT("{\"name\":\"pear\",\"kind\":\"soft\",\"small\":255,\"number\":-5,"
             "\"large\":-9223372036854775808,\"ripe\":false,\"inner\":{\"weight\":9}}");

    assert_int_equal(read_fruit(arena, document, &fruit), RC_OK);
    assert_text_equal(fruit.name, TEXT("pear"));
    assert_string_equal(fruit.kind, "soft");
    assert_int_equal(fruit.small, 255);
    assert_int_equal(fruit.number, -5);
    assert_true(fruit.large == INT64_MIN);
    assert_false(fruit.is_ripe);
    assert_int_equal(fruit.inner.weight, 9);
    buf_init(&out, 1024);
    record_write(&fruit_record, &fruit, &out);
    assert_text_equal(buf_text(&out), document);
    buf_done(&out);
}

TEST(record_write, leaves_out_what_is_preset)
{
    struct fruit fruit;
    struct buf out;

    record_defaults(&fruit_record, &fruit);
    assert_int_equal(fruit.inner.weight, 3);
    buf_init(&out, 1024);
    record_write(&fruit_record, &fruit, &out);
    assert_text_equal(buf_text(&out), TEXT("{}"));
    buf_done(&out);
}

TEST(record_read, refuses_what_two_readers_could_understand_differently)
{
    assert_int_equal(try_fruit(TEXT("{}")), RC_OK);
    assert_int_equal(try_fruit(TEXT("{\"small\":1,\"small\":1}")), RC_BAD);
    assert_int_equal(try_fruit(TEXT("{} {}")), RC_BAD);
    assert_int_equal(try_fruit(TEXT("{\"name\":\"a\\u0000b\"}")), RC_BAD);
    assert_int_equal(try_fruit(TEXT("{\"name\":\"\xc3\x28\"}")), RC_BAD);
    assert_int_equal(try_fruit(TEXT("{\"Name\":\"x\"}")), RC_BAD);
    assert_int_equal(try_fruit(TEXT("")), RC_BAD);
}

TEST(record_read, says_where_it_failed)
{
    assert_int_equal(try_fruit(TEXT("{\n\"name\": nope}")), RC_BAD);
    assert_non_null(strstr(why, "line 2"));
    assert_int_equal(try_fruit(TEXT("{\"inner\":{\"weight\":10}}")), RC_BAD);
    assert_string_equal(why, "inner.weight: 10 is not 1 to 9");
    assert_int_equal(try_fruit(TEXT("{\"small\":256}")), RC_BAD);
    assert_int_equal(try_fruit(TEXT("{\"number\":-6}")), RC_BAD);
}

TEST(record_read, counts_depth_outside_of_strings_only)
{
    char deep[2 * (LIMIT_JSON_DEPTH + 1)];

    memset(deep, '[', sizeof(deep) / 2);
    memset(deep + sizeof(deep) / 2, ']', sizeof(deep) / 2);
    assert_int_equal(try_fruit((struct text){deep, sizeof(deep)}), RC_LIMIT);
    assert_int_equal(try_fruit((struct text){deep + 1, sizeof(deep) - 2}), RC_BAD);
    assert_int_equal(
        try_fruit(TEXT("{\"name\":\"\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"}")), RC_OK);
}

TESTS({
    CASE(record_read__keeps_numbers_of_every_width_and_sign),
    CASE(record_write__leaves_out_what_is_preset),
    CASE(record_read__refuses_what_two_readers_could_understand_differently),
    CASE(record_read__says_where_it_failed),
    CASE(record_read__counts_depth_outside_of_strings_only),
})
