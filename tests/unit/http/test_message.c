/* SPDX-License-Identifier: Apache-2.0 */
#include "http/message.h"

#include "test.h"

#include <ctype.h>

TEST(http_field_id, finds_each_name_in_any_letter_case)
{
    for (int id = HTTP_FIELD_SUSPICIOUS + 1; id < HTTP_FIELD_IDS; id++) {
        const struct text name = http_field_name((enum http_field_id)id);
        char upper[64] = {0};

        for (size_t i = 0; i < name.len; i++) {
            upper[i] = (char)toupper((unsigned char)name.at[i]);
        }
        assert_int_equal(http_field_id(name), id);
        assert_int_equal(http_field_id(text_of(upper)), id);
    }
}

TEST(http_field_id, knows_no_near_misses)
{
    for (int id = HTTP_FIELD_SUSPICIOUS + 1; id < HTTP_FIELD_IDS; id++) {
        const struct text name = http_field_name((enum http_field_id)id);
        char other[64];

        for (size_t i = 0; i < name.len; i++) {
            memcpy(other, name.at, name.len);
            other[i] = other[i] == '~' ? 'x' : '~';
            assert_int_equal(http_field_id((struct text){other, name.len}), HTTP_FIELD_OTHER);
        }
        assert_int_not_equal(http_field_id((struct text){name.at, name.len - 1}), id);
    }
    assert_int_equal(http_field_id(TEXT("")), HTTP_FIELD_OTHER);
    assert_int_equal(http_field_id(TEXT("x")), HTTP_FIELD_OTHER);
}

TEST(http_method_id, minds_the_letter_case)
{
    assert_int_equal(http_method_id(TEXT("GET")), HTTP_GET);
    assert_int_equal(http_method_id(TEXT("get")), HTTP_METHOD_OTHER);
    assert_int_equal(http_method_id(TEXT("CONNECT")), HTTP_CONNECT);
    assert_int_equal(http_method_id(TEXT("GETX")), HTTP_METHOD_OTHER);
}

TEST(http_connection_names, looks_into_every_list)
{
    struct http_field at[] = {
        {TEXT("Connection"), TEXT("close , ,\tX-Secret"), HTTP_FIELD_CONNECTION},
        {TEXT("connection"), TEXT("Upgrade"), HTTP_FIELD_CONNECTION},
        {TEXT("Other"), TEXT("foo"), HTTP_FIELD_OTHER},
    };
    const struct http_fields fields = {at, 3};

    assert_true(http_connection_names(&fields, TEXT("x-secret")));
    assert_true(http_connection_names(&fields, TEXT("upgrade")));
    assert_false(http_connection_names(&fields, TEXT("foo")));
    assert_false(http_connection_names(&fields, TEXT("clos")));
    assert_false(http_connection_names(&fields, TEXT("")));
}

TEST(http_is_value, refuses_controls_wherever_they_stand)
{
    char bytes[40];

    for (size_t at = 0; at < sizeof(bytes); at++) {
        for (int c = 0; c < 256; c++) {
            memset(bytes, 'a', sizeof(bytes));
            bytes[at] = (char)c;
            assert_int_equal(http_is_value((struct text){bytes, sizeof(bytes)}),
                             !((c < 0x20 && c != '\t') || c == 0x7f));
        }
    }
    assert_true(http_is_value(TEXT("")));
}

TEST(http_is_token, takes_exactly_the_tchars)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";

    for (int c = 0; c < 256; c++) {
        const char byte = (char)c;
        const bool expected = c < 0x80 && (isalnum(c) || (c && strchr(marks, c)));

        assert_int_equal(http_is_token((struct text){&byte, 1}), expected);
    }
    assert_false(http_is_token(TEXT("")));
}

TEST(http_is_grpc, wants_an_http2_post_of_the_type)
{
    struct http_field type = {TEXT_INIT("content-type"), TEXT_INIT("application/grpc+proto"),
                              HTTP_FIELD_CONTENT_TYPE};
    struct http_request request = {.version = HTTP_2, .method_id = HTTP_POST, .fields = {&type, 1}};

    assert_true(http_is_grpc(&request));
    request.version = HTTP_1_1;
    assert_false(http_is_grpc(&request));
    request.version = HTTP_2;
    request.method_id = HTTP_GET;
    assert_false(http_is_grpc(&request));
    request.method_id = HTTP_POST;
    type.value = TEXT("application/json");
    assert_false(http_is_grpc(&request));
    request.fields.count = 0;
    assert_false(http_is_grpc(&request));
}

TESTS({
    CASE(http_field_id__finds_each_name_in_any_letter_case),
    CASE(http_field_id__knows_no_near_misses),
    CASE(http_method_id__minds_the_letter_case),
    CASE(http_connection_names__looks_into_every_list),
    CASE(http_is_value__refuses_controls_wherever_they_stand),
    CASE(http_is_token__takes_exactly_the_tchars),
    CASE(http_is_grpc__wants_an_http2_post_of_the_type),
})
