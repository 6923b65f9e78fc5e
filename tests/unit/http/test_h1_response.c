/* SPDX-License-Identifier: Apache-2.0 */
#include "http/h1.h"

#include "base/limits.h"
#include "base/mem.h"
#include "test.h"

#include <stdio.h>

static struct arena *arena;

/* Whole and one byte at a time: both must agree. */
static enum rc read_response(struct text in, enum http_method asked, struct http_response *out,
                             size_t *consumed)
{
    static char *kept;
    struct http_response split_out;
    struct h1_reader whole = {0};
    struct h1_reader split = {0};
    struct h1_refusal refusal;
    struct h1_refusal split_refusal;
    size_t split_consumed = 0;
    enum rc split_rc = RC_AGAIN;
    enum rc rc;

    arena_free(arena);
    arena = arena_new(4096, LIMIT_REQUEST_ARENA_BYTES);
    mem_give(kept);
    kept = mem_take(in.len + 1);
    memcpy(kept, in.at, in.len);
    rc = h1_response_read(&whole, (struct text){kept, in.len}, arena, asked, out, consumed,
                          &refusal);
    for (size_t len = 1; len <= in.len && split_rc == RC_AGAIN; len++) {
        char *copy = mem_take(len);

        memcpy(copy, in.at, len);
        split_rc = h1_response_read(&split, (struct text){copy, len}, arena, asked, &split_out,
                                    &split_consumed, &split_refusal);
        mem_give(copy);
    }
    assert_int_equal(split_rc, rc);
    if (rc == RC_OK) {
        assert_int_equal(split_consumed, *consumed);
        assert_int_equal(split_out.framing, out->framing);
        assert_int_equal(split_out.fields.count, out->fields.count);
    } else if (rc != RC_AGAIN) {
        assert_string_equal(split_refusal.fault.why, refusal.fault.why);
        assert_int_equal(refusal.status, 502);
        assert_int_equal(refusal.fault.side, FAULT_TARGET);
    }
    return rc;
}

static struct http_response accepted(const char *in, enum http_method asked)
{
    struct http_response out;
    size_t consumed = 0;

    assert_int_equal(read_response(text_of(in), asked, &out, &consumed), RC_OK);
    assert_int_equal(consumed, strlen(in));
    return out;
}

static void refused(const char *in)
{
    struct http_response out;
    size_t consumed;

    assert_int_equal(read_response(text_of(in), HTTP_GET, &out, &consumed), RC_BAD);
}

TEST(h1_response, reads_a_plain_one)
{
    const struct http_response out =
        accepted("HTTP/1.1 404 Not  Found\xe4\r\nContent-Length: 5\r\nX-A: b\r\n\r\n", HTTP_GET);

    assert_int_equal(out.status, 404);
    assert_text_equal(out.reason, TEXT("Not  Found\xe4"));
    assert_int_equal(out.framing, HTTP_LENGTH);
    assert_int_equal(out.content_length, 5);
    assert_false(out.wants_close);
    assert_int_equal(out.version, HTTP_1_1);
}

TEST(h1_response, does_without_a_reason)
{
    assert_int_equal(accepted("HTTP/1.1 200\r\n\r\n", HTTP_GET).status, 200);
    assert_int_equal(accepted("HTTP/1.1 200 \r\n\r\n", HTTP_GET).reason.len, 0);
}

TEST(h1_response, refuses_other_status_lines)
{
    refused("HTTP/2 200 OK\r\n\r\n");
    refused("http/1.1 200 OK\r\n\r\n");
    refused("HTTP/1.1  200 OK\r\n\r\n");
    refused("HTTP/1.1 20 OK\r\n\r\n");
    refused("HTTP/1.1 2000 OK\r\n\r\n");
    refused("HTTP/1.1 099 OK\r\n\r\n");
    refused("HTTP/1.1 2x0 OK\r\n\r\n");
    refused("HTTP/1.1 200OK\r\n\r\n");
    refused("HTTP/1.x 200 OK\r\n\r\n");
    refused("HTTP/1.1 200 OK\n\r\n");
    refused("HTTP/1.1 200 O\x01K\r\n\r\n");
    refused("HTTP/1.1 200 O\rK\r\n\r\n");
    refused("SSH-2.0-OpenSSH\r\n");
    refused("\r\nHTTP/1.1 200 OK\r\n\r\n");
}

TEST(h1_response, refuses_bad_fields)
{
    refused("HTTP/1.1 200 OK\r\nA : b\r\n\r\n");
    refused("HTTP/1.1 200 OK\r\nA\r\n\r\n");
    refused("HTTP/1.1 200 OK\r\n: b\r\n\r\n");
    refused("HTTP/1.1 200 OK\r\nA: b\nB: c\r\n\r\n");
    refused("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n");
    refused("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n");
    refused("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n");
    refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n");
    refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n");
}

TEST(h1_response, frames_by_rfc_9112)
{
    struct http_response out =
        accepted("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", HTTP_GET);

    assert_int_equal(out.framing, HTTP_CHUNKED);
    assert_false(out.wants_close);
    out = accepted("HTTP/1.1 200 OK\r\n\r\n", HTTP_GET);
    assert_int_equal(out.framing, HTTP_UNTIL_CLOSE);
    assert_true(out.wants_close);
    out = accepted("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
                   HTTP_GET);
    assert_int_equal(out.framing, HTTP_CHUNKED);
    assert_true(out.wants_close);
    out = accepted("HTTP/1.1 200 OK\r\nContent-Length: 5\r\ncontent-length: 5\r\n\r\n", HTTP_GET);
    assert_int_equal(out.content_length, 5);
    out = accepted("HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 5\r\n\r\n",
                   HTTP_GET);
    assert_int_equal(out.framing, HTTP_LENGTH);
    assert_true(out.wants_close); /* others read on until the end */
    out = accepted("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", HTTP_GET);
    assert_true(out.wants_close);
    out = accepted("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n",
                   HTTP_GET);
    assert_false(out.wants_close);
}

TEST(h1_response, has_no_body_where_there_can_be_none)
{
    struct http_response out = accepted("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", HTTP_HEAD);

    assert_int_equal(out.framing, HTTP_NO_BODY);
    assert_true(out.tells_length);
    assert_int_equal(out.content_length, 5);
    out = accepted("HTTP/1.1 200 OK\r\n\r\n", HTTP_HEAD);
    assert_int_equal(out.framing, HTTP_NO_BODY);
    assert_false(out.tells_length);
    assert_false(out.wants_close);
    out = accepted("HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", HTTP_GET);
    assert_int_equal(out.framing, HTTP_NO_BODY);
    assert_true(out.tells_length);
    out = accepted("HTTP/1.1 204 No Content\r\nContent-Length: 7\r\n\r\n", HTTP_GET);
    assert_int_equal(out.framing, HTTP_NO_BODY);
    assert_false(out.tells_length);
    out = accepted("HTTP/1.1 100 Continue\r\nTransfer-Encoding: chunked\r\n\r\n", HTTP_POST);
    assert_int_equal(out.framing, HTTP_NO_BODY);
}

TEST(h1_response, tells_an_upgrade)
{
    const struct http_response out = accepted(
        "HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", HTTP_GET);

    assert_text_equal(out.upgrade, TEXT("websocket"));
    assert_int_equal(out.framing, HTTP_NO_BODY);
}

TEST(h1_response, leaves_what_follows_an_interim_one)
{
    const struct text in =
        TEXT("HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\n\r\n");
    struct http_response out;
    size_t consumed = 0;

    assert_int_equal(read_response(in, HTTP_GET, &out, &consumed), RC_OK);
    assert_int_equal(out.status, 103);
    assert_int_equal(consumed, 37);
}

static enum rc read_sized(size_t len)
{
    char *in = mem_take(len);
    struct h1_reader reader = {0};
    struct http_response out;
    struct h1_refusal refusal;
    size_t consumed = 0;
    enum rc rc;

    memset(in, 'a', len);
    memcpy(in, "HTTP/1.1 200 OK\r\na:", 19);
    memcpy(in + len - 4, "\r\n\r\n", 4);
    arena_free(arena);
    arena = arena_new(4096, LIMIT_REQUEST_ARENA_BYTES);
    rc = h1_response_read(&reader, (struct text){in, len}, arena, HTTP_GET, &out, &consumed,
                          &refusal);
    mem_give(in);
    return rc;
}

TEST(h1_response, limits_the_head)
{
    assert_int_equal(read_sized(LIMIT_RESPONSE_HEAD_BYTES), RC_OK);
    assert_int_equal(read_sized(LIMIT_RESPONSE_HEAD_BYTES + 1), RC_LIMIT);
}

TESTS({
    CASE(h1_response__reads_a_plain_one),
    CASE(h1_response__does_without_a_reason),
    CASE(h1_response__refuses_other_status_lines),
    CASE(h1_response__refuses_bad_fields),
    CASE(h1_response__frames_by_rfc_9112),
    CASE(h1_response__has_no_body_where_there_can_be_none),
    CASE(h1_response__tells_an_upgrade),
    CASE(h1_response__leaves_what_follows_an_interim_one),
    CASE(h1_response__limits_the_head),
})
