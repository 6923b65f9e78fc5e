/* SPDX-License-Identifier: Apache-2.0 */
#include "http/h1_body.h"

#include "base/limits.h"
#include "base/mem.h"
#include "test.h"

#include <stdio.h>

struct result {
    enum rc rc;
    char data[512];
    size_t len;
    size_t used; /* bytes of the input */
};

static struct arena *arena;
static struct h1_body body;

/* Shows at most `step` new bytes at a time, takes at most `bite` of what comes. */
static struct result read_in_steps(struct text in, enum http_framing framing, uint64_t length,
                                   size_t step, size_t bite)
{
    struct result result = {.rc = RC_AGAIN};
    size_t shown = 0;

    arena_free(arena);
    arena = arena_new(4096, 65536);
    h1_body_init(&body, framing, length, arena);
    while (result.rc == RC_OK || (result.rc == RC_AGAIN && shown < in.len)) {
        struct text data = {0};
        struct fault fault = {0};
        size_t skip = 0;
        char *copy;

        if (result.rc == RC_AGAIN) {
            shown = shown + step < in.len ? shown + step : in.len;
        }
        copy = mem_take(shown - result.used);
        memcpy(copy, in.at + result.used, shown - result.used);
        result.rc =
            h1_body_read(&body, (struct text){copy, shown - result.used}, &skip, &data, &fault);
        result.used += skip;
        if (result.rc == RC_OK) {
            data.len = data.len < bite ? data.len : bite;
            memcpy(result.data + result.len, data.at, data.len);
            result.len += data.len;
            result.used += data.len;
            h1_body_consume(&body, data.len);
        }
        mem_give(copy);
    }
    return result;
}

static struct result read_body(struct text in, enum http_framing framing, uint64_t length)
{
    const struct result whole = read_in_steps(in, framing, length, in.len, SIZE_MAX);
    const struct result bites = read_in_steps(in, framing, length, in.len, 1);
    const struct result split = read_in_steps(in, framing, length, 1, SIZE_MAX);

    assert_int_equal(split.rc, whole.rc);
    assert_int_equal(bites.rc, whole.rc);
    if (whole.rc == RC_END || whole.rc == RC_AGAIN) {
        assert_int_equal(split.used, whole.used);
        assert_int_equal(bites.used, whole.used);
        assert_text_equal(((struct text){split.data, split.len}),
                          ((struct text){whole.data, whole.len}));
        assert_text_equal(((struct text){bites.data, bites.len}),
                          ((struct text){whole.data, whole.len}));
    }
    return split;
}

static void chunked_gives(const char *in, const char *expected, size_t left)
{
    const struct result result = read_body(text_of(in), HTTP_CHUNKED, 0);

    assert_int_equal(result.rc, RC_END);
    assert_text_equal(((struct text){result.data, result.len}), text_of(expected));
    assert_int_equal(result.used, strlen(in) - left);
}

static void chunked_fails(const char *in, enum rc rc)
{
    const struct result result = read_body(text_of(in), HTTP_CHUNKED, 0);

    if (result.rc != rc) {
        print_error("%s\n", in);
    }
    assert_int_equal(result.rc, rc);
}

TEST(h1_body, without_content_is_over_at_once)
{
    struct text data;
    struct fault fault;
    size_t skip = 9;

    h1_body_init(&body, HTTP_NO_BODY, 0, NULL);
    assert_int_equal(h1_body_read(&body, TEXT("GET"), &skip, &data, &fault), RC_END);
    assert_int_equal(skip, 0);
    h1_body_init(&body, HTTP_LENGTH, 0, NULL);
    assert_int_equal(h1_body_read(&body, TEXT(""), &skip, &data, &fault), RC_END);
    assert_int_equal(h1_body_close(&body), RC_END);
}

TEST(h1_body, of_a_length_ends_there)
{
    struct result result = read_body(TEXT("hello, next"), HTTP_LENGTH, 5);

    assert_int_equal(result.rc, RC_END);
    assert_text_equal(((struct text){result.data, result.len}), TEXT("hello"));
    result = read_body(TEXT("hell"), HTTP_LENGTH, 5);
    assert_int_equal(result.rc, RC_AGAIN);
    assert_int_equal(h1_body_run(&body), 1);
    assert_int_equal(h1_body_close(&body), RC_BAD);
}

TEST(h1_body, until_close_ends_with_the_connection)
{
    const struct result result = read_body(TEXT("hello"), HTTP_UNTIL_CLOSE, 0);

    assert_int_equal(result.rc, RC_AGAIN);
    assert_int_equal(result.len, 5);
    assert_int_equal(h1_body_close(&body), RC_END);
}

TEST(h1_body, decodes_chunks)
{
    chunked_gives("0\r\n\r\n", "", 0);
    chunked_gives("5\r\nhello\r\n0\r\n\r\nGET", "hello", 3);
    chunked_gives("5\r\nhello\r\n6\r\n world\r\n0000\r\n\r\n", "hello world", 0);
    chunked_gives("00000000000000000000005\r\nhello\r\n0\r\n\r\n", "hello", 0);
    chunked_gives("A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789", 0);
    chunked_gives("2;a=b;c=\"d;\xe4\"\r\nab\r\n0 ;x\r\n\r\n", "ab", 0);
    chunked_gives("2 \t\r\nab\r\n0\r\n\r\n", "ab", 0);
    chunked_gives("2 \t; a 1 \r\nab\r\n0\r\n\r\n", "ab", 0);
}

TEST(h1_body, refuses_broken_chunks)
{
    chunked_fails("\r\n", RC_BAD);
    chunked_fails("x\r\n", RC_BAD);
    chunked_fails("-1\r\n", RC_BAD);
    chunked_fails("+1\r\n", RC_BAD);
    chunked_fails(" 1\r\n", RC_BAD);
    chunked_fails(";\r\n", RC_BAD);
    chunked_fails("0x1\r\na", RC_BAD);
    chunked_fails("1\na\r\n0\r\n\r\n", RC_BAD);
    chunked_fails("1\r\rna", RC_BAD);
    chunked_fails("1;a\nb\r\na", RC_BAD);
    chunked_fails("1;a\x01\r\na", RC_BAD);
    chunked_fails("1\r\nab\r\n", RC_BAD);
    chunked_fails("1\r\na\n0\r\n\r\n", RC_BAD);
    chunked_fails("1\r\na\rb", RC_BAD);
    chunked_fails("1,\r\na", RC_BAD);
    chunked_fails("1 0\r\na", RC_BAD);
    chunked_fails("1\t0\r\na", RC_BAD);
    chunked_fails("1 a\r\na", RC_BAD);
    chunked_fails("1 \t,;a\r\na", RC_BAD);
    chunked_fails("10000000000000000\r\n", RC_BAD);
    chunked_fails("0\r\n\n", RC_BAD);
    chunked_fails("0\r\nA : b\r\n\r\n", RC_BAD);
    chunked_fails("0\r\nA: b\x01\r\n\r\n", RC_BAD);
    chunked_fails("0\r\nA: b\r\n c\r\n\r\n", RC_BAD);
    chunked_fails("0\r\n\rX\r\n", RC_BAD);
    chunked_fails("5\r\nhel", RC_AGAIN);
    assert_int_equal(h1_body_close(&body), RC_BAD);
}

/* Whoever asks once more whether the rest is short must not find an end behind the defect. */
TEST(h1_body, stays_broken)
{
    static const char *const broken[] = {" 0\r\n\r\n", "1\r\na\r0\r\n\r\n", "x0\r\n\r\n",
                                         "0\r\nA : b\r\n\r\n", "0\n\r\n\r\n"};

    for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
        struct text rest = text_of(broken[i]);
        enum rc rc = RC_OK;

        h1_body_init(&body, HTTP_CHUNKED, 0, NULL);
        while (rc == RC_OK || (rc == RC_BAD && rest.len > 0)) {
            struct text data = {0};
            struct fault fault;
            size_t skip = 0;

            rc = h1_body_read(&body, rest, &skip, &data, &fault);
            if (rc == RC_OK) {
                h1_body_consume(&body, data.len);
            }
            rest = text_slice(rest, skip + data.len, rest.len);
            rest = rc == RC_BAD && skip == 0 ? text_slice(rest, 1, rest.len) : rest;
        }
        assert_int_equal(rc, RC_BAD);
    }
}

TEST(h1_body, takes_the_largest_chunk_size)
{
    const struct result result = read_body(TEXT("ffffffffffffffff\r\nab"), HTTP_CHUNKED, 0);

    assert_int_equal(result.rc, RC_AGAIN);
    assert_int_equal(result.len, 2);
    assert_true(h1_body_run(&body) == UINT64_MAX - 2);
}

TEST(h1_body, keeps_trailers_and_filters_them)
{
    chunked_gives("1\r\na\r\n0\r\nX-Sum: 1\r\nContent-Length: 5\r\nHost: x\r\n"
                  "Transfer-Encoding: chunked\r\nTrailer: x\r\ngrpc-status: 0\r\n\r\n",
                  "a", 0);
    assert_int_equal(body.trailers.count, 2);
    assert_text_equal(body.trailers.at[0].name, TEXT("X-Sum"));
    assert_text_equal(body.trailers.at[0].value, TEXT("1"));
    assert_int_equal(body.trailers.at[1].id, HTTP_FIELD_GRPC_STATUS);
}

TEST(h1_body, limits_trailers)
{
    static char in[LIMIT_TRAILER_BYTES + 64] = "0\r\n";
    size_t len = 3;

    for (size_t i = 0; i < LIMIT_FIELDS + 1; i++, len += 6) {
        memcpy(in + len, "a: b\r\n", 6);
    }
    memcpy(in + len, "\r\n", 2);
    assert_int_equal(read_body((struct text){in, len + 2}, HTTP_CHUNKED, 0).rc, RC_LIMIT);
    memset(in + 3, 'a', LIMIT_TRAILER_BYTES);
    assert_int_equal(read_body((struct text){in, 3 + LIMIT_TRAILER_BYTES}, HTTP_CHUNKED, 0).rc,
                     RC_LIMIT);
}

TEST(h1_body, limits_a_chunk_line)
{
    static char in[LIMIT_CHUNK_LINE_BYTES + 16];

    memset(in, 'x', sizeof(in));
    memcpy(in, "1;", 2);
    assert_int_equal(read_in_steps((struct text){in, sizeof(in)}, HTTP_CHUNKED, 0, 1, 1).rc,
                     RC_LIMIT);
}

TEST(h1_body, limits_extensions_that_outweigh_the_data)
{
    /* Each chunk brings one byte and 64 of extension. */
    static const char chunk[] =
        "1;aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\nx\r\n";
    struct text data;
    struct fault fault;
    enum rc rc = RC_OK;
    size_t skip;
    int chunks = 0;

    h1_body_init(&body, HTTP_CHUNKED, 0, NULL);
    while (rc != RC_LIMIT && chunks < 10000) {
        rc = h1_body_read(&body, text_of(chunk), &skip, &data, &fault);
        if (rc == RC_OK) {
            h1_body_consume(&body, 1);
            rc = h1_body_read(&body, TEXT("\r\n"), &skip, &data, &fault);
            assert_int_equal(rc, RC_AGAIN);
        }
        chunks++;
    }
    assert_in_range(chunks, 200, 1000);
}

TEST(h1_body, lets_many_small_chunks_pass)
{
    struct text data;
    struct fault fault;
    size_t skip;

    h1_body_init(&body, HTTP_CHUNKED, 0, NULL);
    for (int i = 0; i < 100000; i++) {
        assert_int_equal(h1_body_read(&body, TEXT("1\r\nx"), &skip, &data, &fault), RC_OK);
        h1_body_consume(&body, 1);
        assert_int_equal(h1_body_read(&body, TEXT("\r\n"), &skip, &data, &fault), RC_AGAIN);
    }
}

TESTS({
    CASE(h1_body__without_content_is_over_at_once),
    CASE(h1_body__of_a_length_ends_there),
    CASE(h1_body__until_close_ends_with_the_connection),
    CASE(h1_body__decodes_chunks),
    CASE(h1_body__refuses_broken_chunks),
    CASE(h1_body__stays_broken),
    CASE(h1_body__takes_the_largest_chunk_size),
    CASE(h1_body__keeps_trailers_and_filters_them),
    CASE(h1_body__limits_trailers),
    CASE(h1_body__limits_a_chunk_line),
    CASE(h1_body__limits_extensions_that_outweigh_the_data),
    CASE(h1_body__lets_many_small_chunks_pass),
})
