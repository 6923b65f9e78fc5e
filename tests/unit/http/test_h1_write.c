/* SPDX-License-Identifier: Apache-2.0 */
#include "http/h1_write.h"

#include "test.h"

#include <stdio.h>

static char wire[4096];

static struct http_fields fields_of(struct http_field *at, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        at[i].id = http_field_id(at[i].name);
    }
    return (struct http_fields){at, count};
}

static struct text written_response(const struct http_response *response, enum http_version version,
                                    enum http_method asked, bool closes)
{
    const struct h1_plan plan = h1_plan_response(response, version, asked, closes);
    size_t len = 0;

    assert_int_equal(h1_write_response(response, plan, version, wire, sizeof(wire), &len), RC_OK);
    return (struct text){wire, len};
}

static struct text written_request(const struct http_request *request, bool closes)
{
    size_t len = 0;

    assert_int_equal(
        h1_write_request(request, h1_plan_request(request, closes), wire, sizeof(wire), &len),
        RC_OK);
    return (struct text){wire, len};
}

static struct http_request request_of(struct http_field *at, size_t count)
{
    return (struct http_request){.method = TEXT("POST"),
                                 .method_id = HTTP_POST,
                                 .target = TEXT("/x"),
                                 .authority = TEXT("h"),
                                 .fields = fields_of(at, count),
                                 .version = HTTP_1_1};
}

TEST(h1_write_request, writes_never_both_lengths)
{
    struct http_field at[] = {{TEXT("Content-Length"), TEXT("99"), 0},
                              {TEXT("Host"), TEXT("h"), 0},
                              {TEXT("transfer-encoding"), TEXT("chunked"), 0},
                              {TEXT("content-length"), TEXT("98"), 0}};
    struct http_request request = request_of(at, 4);

    request.framing = HTTP_LENGTH;
    request.content_length = 18446744073709551615u;
    assert_text_equal(written_request(&request, false),
                      TEXT("POST /x HTTP/1.1\r\nContent-Length: 18446744073709551615\r\n"
                           "Host: h\r\n\r\n"));
    request.framing = HTTP_CHUNKED;
    assert_text_equal(written_request(&request, false),
                      TEXT("POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: h\r\n\r\n"));
    request.framing = HTTP_UNTIL_END;
    assert_text_equal(
        written_request(&request, true),
        TEXT("POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: h\r\nConnection: "
             "close\r\n\r\n"));
    request.framing = HTTP_NO_BODY;
    assert_text_equal(written_request(&request, false),
                      TEXT("POST /x HTTP/1.1\r\nContent-Length: 0\r\nHost: h\r\n\r\n"));
    request.method = TEXT("GET");
    request.method_id = HTTP_GET;
    assert_text_equal(written_request(&request, false), TEXT("GET /x HTTP/1.1\r\nHost: h\r\n\r\n"));
}

TEST(h1_write_request, drops_hops_and_what_connection_names)
{
    struct http_field at[] = {{TEXT("Connection"), TEXT("x-a, Close, HOST"), 0},
                              {TEXT("X-A"), TEXT("1"), 0},
                              {TEXT("Keep-Alive"), TEXT("1"), 0},
                              {TEXT("Proxy-Connection"), TEXT("1"), 0},
                              {TEXT("TE"), TEXT("trailers"), 0},
                              {TEXT("Trailer"), TEXT("x"), 0},
                              {TEXT("Upgrade"), TEXT("x"), 0},
                              {TEXT("X-B"), TEXT("2"), 0}};
    struct http_request request = request_of(at, 8);

    request.method_id = HTTP_METHOD_OTHER;
    request.method = TEXT("PURGE");
    assert_text_equal(written_request(&request, false),
                      TEXT("PURGE /x HTTP/1.1\r\nHost: h\r\nX-B: 2\r\n\r\n"));
    request.upgrade = TEXT("websocket");
    assert_text_equal(written_request(&request, false),
                      TEXT("PURGE /x HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nX-B: 2\r\n"
                           "Upgrade: websocket\r\n\r\n"));
}

TEST(h1_write_request, refuses_what_no_message_may_hold)
{
    static const struct text bad[] = {TEXT_INIT("a\rb"), TEXT_INIT("a\nb"), TEXT_INIT("a\0b"),
                                      TEXT_INIT("a\x7f"
                                                "b"),
                                      TEXT_INIT("a b\x01")};
    size_t len = 7;

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct http_field at[] = {{TEXT("A"), bad[i], 0}};
        struct http_request request = request_of(at, 1);
        const struct h1_plan plan = h1_plan_request(&request, false);

        assert_int_equal(h1_write_request(&request, plan, wire, sizeof(wire), &len), RC_BAD);
        at[0] = (struct http_field){bad[i], TEXT("v"), 0};
        assert_int_equal(h1_write_request(&request, plan, wire, sizeof(wire), &len), RC_BAD);
        at[0] = (struct http_field){TEXT("A"), TEXT("v"), 0};
        request.target = bad[i];
        assert_int_equal(h1_write_request(&request, plan, wire, sizeof(wire), &len), RC_BAD);
        request.target = TEXT("/a b");
        assert_int_equal(h1_write_request(&request, plan, wire, sizeof(wire), &len), RC_BAD);
        request.target = TEXT("/");
        request.method = bad[i];
        assert_int_equal(h1_write_request(&request, plan, wire, sizeof(wire), &len), RC_BAD);
        request.method = TEXT("GET");
        request.upgrade = bad[i];
        assert_int_equal(h1_write_request(&request, plan, wire, sizeof(wire), &len), RC_BAD);
    }
    assert_int_equal(len, 7);
}

/* Lines that were read are copied; a field whose name or value is another one by now is not. */
TEST(h1_write_request, copies_lines_only_while_they_say_the_same)
{
    const char read[] = "A: one\r\nHost: h\r\nB: two\r\n";
    struct http_field at[] = {{{read, 1}, {read + 3, 3}, 0, true},
                              {{read + 8, 4}, {read + 14, 1}, 0, true},
                              {{read + 17, 1}, {read + 20, 3}, 0, true}};
    struct http_request request = request_of(at, 3);

    assert_text_equal(written_request(&request, false),
                      TEXT("POST /x HTTP/1.1\r\nA: one\r\nHost: h\r\nB: two\r\n"
                           "Content-Length: 0\r\n\r\n"));
    at[0].value.len = 2;        /* shorter than what stands there */
    at[1].value = TEXT("else"); /* somewhere else */
    at[2].name.len = 0;         /* no name at all */
    request.fields.count = 2;
    assert_text_equal(written_request(&request, false),
                      TEXT("POST /x HTTP/1.1\r\nA: on\r\nHost: else\r\n"
                           "Content-Length: 0\r\n\r\n"));
    request.fields.count = 3;
    size_t len;
    assert_int_equal(
        h1_write_request(&request, h1_plan_request(&request, false), wire, sizeof(wire), &len),
        RC_BAD);
}

TEST(h1_write_request, says_when_it_does_not_fit)
{
    struct http_field at[] = {{TEXT("Host"), TEXT("h"), 0}};
    const struct http_request request = request_of(at, 1);
    const struct h1_plan plan = h1_plan_request(&request, false);
    const size_t needed = written_request(&request, false).len;
    size_t len = 0;

    for (size_t size = 0; size < needed; size++) {
        assert_int_equal(h1_write_request(&request, plan, wire, size, &len), RC_LIMIT);
    }
    assert_int_equal(h1_write_request(&request, plan, wire, needed, &len), RC_OK);
}

TEST(h1_write_response, frames_for_the_client)
{
    struct http_field at[] = {{TEXT("X"), TEXT("y"), 0}};
    struct http_response response = {
        .status = 200, .reason = TEXT("OK"), .fields = fields_of(at, 1)};

    response.framing = HTTP_UNTIL_CLOSE;
    assert_text_equal(written_response(&response, HTTP_1_1, HTTP_GET, false),
                      TEXT("HTTP/1.1 200 OK\r\nX: y\r\nTransfer-Encoding: chunked\r\n"
                           "Connection: keep-alive\r\n\r\n"));
    assert_text_equal(written_response(&response, HTTP_1_0, HTTP_GET, false),
                      TEXT("HTTP/1.1 200 OK\r\nX: y\r\nConnection: close\r\n\r\n"));
    assert_text_equal(written_response(&response, HTTP_0_9, HTTP_GET, false), TEXT(""));
    response.framing = HTTP_LENGTH;
    response.content_length = 3;
    assert_text_equal(written_response(&response, HTTP_1_0, HTTP_GET, false),
                      TEXT("HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 3\r\n"
                           "Connection: keep-alive\r\n\r\n"));
    response.framing = HTTP_NO_BODY;
    assert_text_equal(written_response(&response, HTTP_1_1, HTTP_GET, true),
                      TEXT("HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 0\r\n"
                           "Connection: close\r\n\r\n"));
}

TEST(h1_write_response, tells_lengths_of_what_does_not_follow)
{
    struct http_response response = {.status = 200, .framing = HTTP_LENGTH, .content_length = 9};

    assert_text_equal(written_response(&response, HTTP_1_1, HTTP_HEAD, false),
                      TEXT("HTTP/1.1 200 \r\nContent-Length: 9\r\nConnection: keep-alive\r\n\r\n"));
    assert_int_equal(h1_plan_response(&response, HTTP_1_1, HTTP_HEAD, false).framing, HTTP_NO_BODY);
    response.framing = HTTP_CHUNKED;
    assert_text_equal(written_response(&response, HTTP_1_1, HTTP_HEAD, false),
                      TEXT("HTTP/1.1 200 \r\nConnection: keep-alive\r\n\r\n"));
    response.framing = HTTP_NO_BODY;
    assert_text_equal(written_response(&response, HTTP_1_1, HTTP_HEAD, false),
                      TEXT("HTTP/1.1 200 \r\nConnection: keep-alive\r\n\r\n"));
    response.tells_length = true;
    assert_text_equal(written_response(&response, HTTP_1_1, HTTP_HEAD, false),
                      TEXT("HTTP/1.1 200 \r\nContent-Length: 9\r\nConnection: keep-alive\r\n\r\n"));
    response = (struct http_response){.status = 304};
    assert_text_equal(written_response(&response, HTTP_1_1, HTTP_GET, false),
                      TEXT("HTTP/1.1 304 \r\nConnection: keep-alive\r\n\r\n"));
    response = (struct http_response){.status = 204, .framing = HTTP_LENGTH, .content_length = 5};
    assert_text_equal(written_response(&response, HTTP_1_1, HTTP_GET, false),
                      TEXT("HTTP/1.1 204 \r\nConnection: keep-alive\r\n\r\n"));
}

TEST(h1_write_response, writes_interim_ones_bare)
{
    struct http_field at[] = {{TEXT("Link"), TEXT("a"), 0}};
    struct http_response response = {
        .status = 103, .reason = TEXT("Early Hints"), .fields = fields_of(at, 1)};

    assert_text_equal(written_response(&response, HTTP_1_1, HTTP_GET, true),
                      TEXT("HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"));
    response.status = 101;
    response.upgrade = TEXT("websocket");
    assert_text_equal(written_response(&response, HTTP_1_1, HTTP_GET, false),
                      TEXT("HTTP/1.1 101 Early Hints\r\nLink: a\r\nConnection: upgrade\r\n"
                           "Upgrade: websocket\r\n\r\n"));
}

TEST(h1_write_response, refuses_a_bad_reason)
{
    struct http_response response = {.status = 200, .reason = TEXT("a\r\nb")};
    const struct h1_plan plan = h1_plan_response(&response, HTTP_1_1, HTTP_GET, false);
    size_t len;

    assert_int_equal(h1_write_response(&response, plan, HTTP_1_1, wire, sizeof(wire), &len),
                     RC_BAD);
    response = (struct http_response){.status = 99};
    assert_int_equal(h1_write_response(&response, plan, HTTP_1_1, wire, sizeof(wire), &len),
                     RC_BAD);
}

TEST(h1_write_chunk_head, counts_in_hex)
{
    static const struct {
        uint64_t bytes;
        const char *head;
    } cases[] = {{1, "1\r\n"},
                 {15, "f\r\n"},
                 {16, "10\r\n"},
                 {255, "ff\r\n"},
                 {256, "100\r\n"},
                 {65536, "10000\r\n"},
                 {UINT64_MAX, "ffffffffffffffff\r\n"}};
    char head[H1_CHUNK_HEAD_BYTES];

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const size_t len = h1_write_chunk_head(cases[i].bytes, head);

        assert_text_equal(((struct text){head, len}), text_of(cases[i].head));
    }
}

TEST(h1_write_last_chunk, filters_trailers)
{
    struct http_field at[] = {{TEXT("X-Sum"), TEXT("1"), 0}, {TEXT("Host"), TEXT("h"), 0}};
    const struct http_fields trailers = fields_of(at, 2);
    size_t len = 0;

    assert_int_equal(h1_write_last_chunk(&trailers, wire, sizeof(wire), &len), RC_OK);
    assert_text_equal(((struct text){wire, len}), TEXT("0\r\nX-Sum: 1\r\n\r\n"));
    assert_int_equal(h1_write_last_chunk(NULL, wire, sizeof(wire), &len), RC_OK);
    assert_text_equal(((struct text){wire, len}), TEXT("0\r\n\r\n"));
}

TESTS({
    CASE(h1_write_request__writes_never_both_lengths),
    CASE(h1_write_request__drops_hops_and_what_connection_names),
    CASE(h1_write_request__refuses_what_no_message_may_hold),
    CASE(h1_write_request__copies_lines_only_while_they_say_the_same),
    CASE(h1_write_request__says_when_it_does_not_fit),
    CASE(h1_write_response__frames_for_the_client),
    CASE(h1_write_response__tells_lengths_of_what_does_not_follow),
    CASE(h1_write_response__writes_interim_ones_bare),
    CASE(h1_write_response__refuses_a_bad_reason),
    CASE(h1_write_chunk_head__counts_in_hex),
    CASE(h1_write_last_chunk__filters_trailers),
})
