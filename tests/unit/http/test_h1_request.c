/* SPDX-License-Identifier: Apache-2.0 */
#include "http/h1.h"

#include "base/limits.h"
#include "base/mem.h"
#include "test.h"

#include <stdio.h>

struct result {
    enum rc rc;
    struct http_request head;
    struct h1_refusal refusal;
    size_t consumed;
};

static struct arena *arena;

/* In one piece, from an exact heap copy so that ASan sees every byte read behind it. */
static struct result read_whole(struct text in)
{
    struct result result = {0};
    struct h1_reader reader = {0};
    char *copy = mem_take(in.len);

    memcpy(copy, in.at, in.len);
    result.rc = h1_request_read(&reader, (struct text){copy, in.len}, arena, &result.head,
                                &result.consumed, &result.refusal);
    mem_give(copy);
    return result;
}

/* One byte at a time, each time in another buffer, poisoned when the next one comes. */
static struct result read_split(struct text in, char **last)
{
    struct result result = {.rc = RC_AGAIN};
    struct h1_reader reader = {0};
    char *old = NULL;

    for (size_t len = 0; len <= in.len && result.rc == RC_AGAIN; len++) {
        char *copy = mem_take(in.len + 1);

        memcpy(copy, in.at, len);
        result.rc = h1_request_read(&reader, (struct text){copy, len}, arena, &result.head,
                                    &result.consumed, &result.refusal);
        if (old) {
            memset(old, '#', in.len);
        }
        mem_give(old);
        old = copy;
    }
    *last = old;
    return result;
}

static void check_same_fields(const struct http_fields *a, const struct http_fields *b)
{
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        assert_int_equal(a->at[i].id, b->at[i].id);
        assert_int_equal(a->at[i].name.len, b->at[i].name.len);
        assert_int_equal(a->at[i].value.len, b->at[i].value.len);
    }
}

/* Reads it whole and byte by byte; both must agree. The texts of the answer live until the next
 * call. */
static struct result read_request(struct text in)
{
    static char *last;
    struct result split;
    struct result whole;

    mem_give(last);
    last = NULL;
    arena_free(arena);
    arena = arena_new(4096, LIMIT_REQUEST_ARENA_BYTES);
    whole = read_whole(in);
    split = read_split(in, &last);
    assert_int_equal(whole.rc, split.rc);
    assert_int_equal(whole.head.desync, split.head.desync);
    assert_ptr_equal(whole.head.desync_reason, split.head.desync_reason);
    if (whole.rc == RC_OK) {
        assert_int_equal(whole.consumed, split.consumed);
        assert_int_equal(whole.head.framing, split.head.framing);
        check_same_fields(&whole.head.fields, &split.head.fields);
    } else if (whole.rc != RC_AGAIN) {
        assert_int_equal(whole.refusal.status, split.refusal.status);
        assert_string_equal(whole.refusal.fault.why, split.refusal.fault.why);
        assert_int_equal(whole.refusal.fault.rc, whole.rc);
        assert_int_equal(whole.refusal.fault.side, FAULT_CLIENT);
    }
    return split;
}

static void refused_bytes(struct text in, int status, enum http_desync class, const char *reason)
{
    const struct result result = read_request(in);

    if ((result.rc != RC_BAD && result.rc != RC_LIMIT) || result.refusal.status != status ||
        result.head.desync != class) {
        print_error("%.*s: rc %s status %d class %d %s\n", TEXT_ARG(in), rc_name(result.rc),
                    result.refusal.status, (int)result.head.desync,
                    result.head.desync_reason ? result.head.desync_reason : "-");
    }
    assert_true(result.rc == RC_BAD || result.rc == RC_LIMIT);
    assert_int_equal(result.refusal.status, status);
    assert_int_equal(result.head.desync, class);
    assert_text_equal(text_of(result.head.desync_reason), text_of(reason));
}

static void refused(const char *in, int status, enum http_desync class, const char *reason)
{
    refused_bytes(text_of(in), status, class, reason);
}

/* With Host and the empty line. */
static struct result accepted(const char *line, const char *fields)
{
    char in[1024];
    struct result result;

    (void)snprintf(in, sizeof(in), "%s\r\nHost: h\r\n%s\r\n", line, fields);
    result = read_request(text_of(in));
    if (result.rc != RC_OK) {
        print_error("%s: %s\n", in, result.refusal.fault.why);
    }
    assert_int_equal(result.rc, RC_OK);
    assert_int_equal(result.consumed, strlen(in));
    return result;
}

static void classed(const char *line, const char *fields, enum http_desync class,
                    const char *reason)
{
    const struct result result = accepted(line, fields);

    assert_text_equal(text_of(result.head.desync_reason), text_of(reason));
    assert_int_equal(result.head.desync, class);
}

TEST(h1_request, reads_a_plain_one)
{
    const struct result result =
        accepted("GET /a/b?c=d?e HTTP/1.1", "User-Agent: curl/8\r\nX-Odd:\r\nACCEPT:\t */* \t\r\n");

    assert_text_equal(result.head.method, TEXT("GET"));
    assert_int_equal(result.head.method_id, HTTP_GET);
    assert_text_equal(result.head.target, TEXT("/a/b?c=d?e"));
    assert_text_equal(result.head.path, TEXT("/a/b"));
    assert_text_equal(result.head.query, TEXT("c=d?e"));
    assert_text_equal(result.head.authority, TEXT("h"));
    assert_int_equal(result.head.version, HTTP_1_1);
    assert_int_equal(result.head.framing, HTTP_NO_BODY);
    assert_int_equal(result.head.desync, HTTP_COMPLIANT);
    assert_null(result.head.desync_reason);
    assert_false(result.head.wants_close);
    assert_int_equal(result.head.fields.count, 4);
    assert_int_equal(result.head.fields.at[1].id, HTTP_FIELD_USER_AGENT);
    assert_text_equal(result.head.fields.at[2].value, TEXT(""));
    assert_text_equal(result.head.fields.at[3].name, TEXT("ACCEPT"));
    assert_text_equal(result.head.fields.at[3].value, TEXT("*/*"));
}

TEST(h1_request, leaves_what_follows_the_head)
{
    const struct result result =
        read_request(TEXT("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcGET"));

    assert_int_equal(result.rc, RC_OK);
    assert_int_equal(result.consumed, 47);
    assert_int_equal(result.head.framing, HTTP_LENGTH);
    assert_int_equal(result.head.content_length, 3);
}

TEST(h1_request, tells_an_empty_query_from_none)
{
    assert_non_null(accepted("GET /? HTTP/1.1", "").head.query.at);
    assert_null(accepted("GET / HTTP/1.1", "").head.query.at);
}

TEST(h1_request, skips_one_empty_line_in_front)
{
    assert_int_equal(read_request(TEXT("\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n")).rc, RC_OK);
    refused("\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", 400, HTTP_COMPLIANT, NULL);
}

TEST(h1_request, waits_for_the_rest)
{
    assert_int_equal(read_request(TEXT("")).rc, RC_AGAIN);
    assert_int_equal(read_request(TEXT("GET / HTTP/1.1\r\nHost: h\r\n")).rc, RC_AGAIN);
    assert_int_equal(read_request(TEXT("GET / HTTP/1.1\r\nHost: h\r\n\r")).rc, RC_AGAIN);
}

TEST(h1_request, knows_whether_it_started)
{
    struct h1_reader reader = {0};
    struct http_request head;
    struct h1_refusal refusal;
    size_t consumed;

    assert_false(h1_reader_is_started(&reader));
    assert_int_equal(h1_request_read(&reader, TEXT("\r\n"), arena, &head, &consumed, &refusal),
                     RC_AGAIN);
    assert_false(h1_reader_is_started(&reader));
    assert_int_equal(h1_request_read(&reader, TEXT("\r\nG"), arena, &head, &consumed, &refusal),
                     RC_AGAIN);
    assert_true(h1_reader_is_started(&reader));
}

TEST(h1_request, keeps_obs_text)
{
    const struct result result = accepted("GET /\xc3\xa4 HTTP/1.1", "X: caf\xe9\r\n");

    assert_text_equal(result.head.fields.at[1].value, TEXT("caf\xe9"));
    assert_text_equal(result.head.path, TEXT("/\xc3\xa4"));
    assert_int_equal(result.head.desync, HTTP_COMPLIANT);
}

TEST(h1_request, reads_the_absolute_form)
{
    struct result result = accepted("GET HTTP://Other:81/p?q HTTP/1.1", "");

    assert_true(result.head.is_absolute);
    assert_text_equal(result.head.authority, TEXT("Other:81"));
    assert_text_equal(result.head.path, TEXT("/p"));
    assert_text_equal(result.head.query, TEXT("q"));
    result = accepted("GET https://other HTTP/1.1", "");
    assert_text_equal(result.head.path, TEXT("/"));
    result = accepted("GET https://other?q HTTP/1.1", "");
    assert_text_equal(result.head.path, TEXT("/"));
    assert_text_equal(result.head.query, TEXT("q"));
    result = accepted("OPTIONS http://other HTTP/1.1", "");
    assert_text_equal(result.head.path, TEXT("*"));
    result = accepted("GET http://[::1]:80/ HTTP/1.1", "");
    assert_text_equal(result.head.authority, TEXT("[::1]:80"));
}

TEST(h1_request, refuses_targets_of_no_form)
{
    refused("GET foo HTTP/1.1\r\nHost: h\r\n\r\n", 400, HTTP_COMPLIANT, NULL);
    refused("GET * HTTP/1.1\r\nHost: h\r\n\r\n", 400, HTTP_COMPLIANT, NULL);
    refused("GET ftp://h/ HTTP/1.1\r\nHost: h\r\n\r\n", 400, HTTP_COMPLIANT, NULL);
    refused("GET http:// HTTP/1.1\r\nHost: h\r\n\r\n", 400, HTTP_COMPLIANT, NULL);
    refused("GET http:///x HTTP/1.1\r\nHost: h\r\n\r\n", 400, HTTP_COMPLIANT, NULL);
    refused("GET http://u@h/ HTTP/1.1\r\nHost: h\r\n\r\n", 400, HTTP_COMPLIANT, NULL);
    refused("GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n", 400, HTTP_COMPLIANT, NULL);
    refused("CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n", 405, HTTP_COMPLIANT, NULL);
    assert_text_equal(accepted("OPTIONS * HTTP/1.1", "").head.path, TEXT("*"));
}

TEST(h1_request, needs_exactly_one_good_host)
{
    static const char *const good[] = {"",         "a",      "A.b-c_d:8080", "1.2.3.4",
                                       "[::1]:80", "[1::2]", "a:",           "x%41"};
    static const char *const bad[] = {"a b", "a/b",    "u@h",   "a:b", "a:123456", ":80", "[::1",
                                      "[]x", "[::1]x", "a,b\"", "a<b", "h?",       "h#x", "[g]"};
    char in[128];

    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        (void)snprintf(in, sizeof(in), "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", good[i]);
        assert_int_equal(read_request(text_of(in)).rc, RC_OK);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        (void)snprintf(in, sizeof(in), "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", bad[i]);
        refused(in, 400, HTTP_COMPLIANT, NULL);
    }
    refused("GET / HTTP/1.1\r\n\r\n", 400, HTTP_COMPLIANT, NULL);
    refused("GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", 400, HTTP_COMPLIANT, NULL);
    refused("GET http://a/ HTTP/1.1\r\n\r\n", 400, HTTP_COMPLIANT, NULL);
}

TEST(h1_request, knows_the_rules_of_http_1_0)
{
    struct result result = read_request(TEXT("GET / HTTP/1.0\r\n\r\n"));

    assert_int_equal(result.rc, RC_OK);
    assert_int_equal(result.head.version, HTTP_1_0);
    assert_true(result.head.wants_close);
    assert_int_equal(result.head.desync, HTTP_COMPLIANT);
    result = read_request(TEXT("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
    assert_false(result.head.wants_close);
    result = read_request(TEXT("POST / HTTP/1.0\r\nExpect: 100-continue\r\nConnection: upgrade\r\n"
                               "Upgrade: websocket\r\n\r\n"));
    assert_false(result.head.expects_continue);
    assert_true(text_is_empty(result.head.upgrade));
}

TEST(h1_request, reads_http_0_9_for_get_alone)
{
    const struct result result = read_request(TEXT("GET /x\r\n"));

    assert_int_equal(result.rc, RC_OK);
    assert_int_equal(result.head.version, HTTP_0_9);
    assert_text_equal(result.head.path, TEXT("/x"));
    assert_true(result.head.wants_close);
    assert_int_equal(result.head.desync, HTTP_ACCEPTABLE);
    refused("POST /x\r\n", 400, HTTP_ACCEPTABLE, "NonCompliantVersion");
    refused("GET\r\n", 400, HTTP_AMBIGUOUS, "MissingUri");
}

/* A reader that splits at any white space sees HTTP/1.1 here, and would take the content of our
 * answer for its head. */
TEST(h1_request, takes_no_control_for_the_space_before_a_version)
{
    refused("GET /\tHTTP/1.1\r\nHost: h\r\n\r\n", 400, HTTP_AMBIGUOUS, "AmbiguousUri");
    refused("GET /\x0bHTTP/1.1\r\nHost: h\r\n\r\n", 400, HTTP_AMBIGUOUS, "AmbiguousUri");
    refused("GET /x\x7f\r\n", 400, HTTP_AMBIGUOUS, "AmbiguousUri");
    refused("GET\t/\tHTTP/1.1\r\nHost: h\r\n\r\n", 400, HTTP_SEVERE, "BadMethod");
}

TEST(h1_request, judges_versions)
{
    classed("GET / HTTP/1.2", "", HTTP_ACCEPTABLE, "NonCompliantVersion");
    classed("GET / HTTP/1.1 ", "", HTTP_ACCEPTABLE, "NonCompliantVersion");
    refused("GET / HTTP/2.0\r\n\r\n", 505, HTTP_COMPLIANT, NULL);
    refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, HTTP_COMPLIANT, NULL);
    refused("GET / HTTP/0.9\r\nHost: h\r\n\r\n", 505, HTTP_ACCEPTABLE, "NonCompliantVersion");
    refused("GET / HTTP/1.10\r\nHost: h\r\n\r\n", 400, HTTP_SEVERE, "BadVersion");
    refused("GET / http/1.1\r\nHost: h\r\n\r\n", 400, HTTP_SEVERE, "BadVersion");
    refused("GET / HTTP/1.x\r\nHost: h\r\n\r\n", 400, HTTP_SEVERE, "BadVersion");
    refused("GET / FTP/1.1\r\nHost: h\r\n\r\n", 400, HTTP_SEVERE, "BadVersion");
    refused("GET HTTP/1.1\r\nHost: h\r\n\r\n", 400, HTTP_AMBIGUOUS, "MissingUri");
    refused("GET  HTTP/1.1\r\nHost: h\r\n\r\n", 400, HTTP_AMBIGUOUS, "MissingUri");
}

TEST(h1_request, cleans_odd_targets)
{
    struct result result = accepted("GET /a b\x01 HTTP/1.1", "");

    assert_text_equal(result.head.target, TEXT("/a%20b%01"));
    assert_text_equal(result.head.path, TEXT("/a%20b%01"));
    assert_int_equal(result.head.desync, HTTP_AMBIGUOUS);
    assert_string_equal(result.head.desync_reason, "AmbiguousUri");
    classed("GET /a b?c d HTTP/1.1", "", HTTP_ACCEPTABLE, "SpaceInUri");
    classed("GET   /a HTTP/1.1", "", HTTP_ACCEPTABLE, "SpaceInUri");
    refused_bytes(TEXT("GET /\0 HTTP/1.1\r\n"), 400, HTTP_SEVERE, "BadUri");
    refused("GET /\r HTTP/1.1\r\n", 400, HTTP_SEVERE, "BadUri");
}

TEST(h1_request, refuses_bad_methods)
{
    refused("G@T / HTTP/1.1\r\nHost: h\r\n\r\n", 400, HTTP_SEVERE, "BadMethod");
    refused("GET\t/ HTTP/1.1\r\nHost: h\r\n\r\n", 400, HTTP_SEVERE, "BadMethod");
    refused("\x16\x03\x01", 400, HTTP_COMPLIANT, NULL);
    refused(" GET / HTTP/1.1\r\nHost: h\r\n\r\n", 400, HTTP_COMPLIANT, NULL);
    assert_text_equal(accepted("PURGE / HTTP/1.1", "").head.method, TEXT("PURGE"));
}

TEST(h1_request, refuses_what_no_strict_parser_reads)
{
    refused("GET / HTTP/1.1\nHost: h\r\n\r\n", 400, HTTP_ACCEPTABLE, "NonCrLfLineTermination");
    refused("GET / HTTP/1.1\r\nHost: h\n\r\n", 400, HTTP_ACCEPTABLE, "NonCrLfLineTermination");
    refused("GET / HTTP/1.1\r\nHost: h\r\n\n", 400, HTTP_ACCEPTABLE, "NonCrLfLineTermination");
    refused("GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n c\r\n\r\n", 400, HTTP_AMBIGUOUS,
            "MultilineHeader");
    refused("GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400, HTTP_AMBIGUOUS, "MultilineHeader");
    refused("GET / HTTP/1.1\r\nHost\r\n\r\n", 400, HTTP_AMBIGUOUS, "MissingHeaderColon");
    refused("GET / HTTP/1.1\r\n: h\r\n\r\n", 400, HTTP_AMBIGUOUS, "EmptyHeader");
    refused("GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400, HTTP_ACCEPTABLE, "NonCompliantHeader");
    refused("GET / HTTP/1.1\r\nH(: h\r\n\r\n", 400, HTTP_ACCEPTABLE, "NonCompliantHeader");
    refused("GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", 400, HTTP_SEVERE, "BadHeader");
    refused("GET / HTTP/1.1\r\nA: b\r\r\n\r\n", 400, HTTP_SEVERE, "BadHeader");
    refused_bytes(TEXT("GET / HTTP/1.1\r\nA: \0\r\n"), 400, HTTP_SEVERE, "BadHeader");
    refused_bytes(TEXT("GET / HTTP/1.1\r\nA\0: b\r\n"), 400, HTTP_SEVERE, "BadHeader");
    refused("GET / HTTP/1.1\r\nTransfer-Encoding : chunked\r\n\r\n", 400, HTTP_AMBIGUOUS,
            "SuspiciousHeader");
}

TEST(h1_request, cleans_controls_in_values)
{
    const struct result result = accepted("GET / HTTP/1.1", "X: \x01 a\x0b"
                                                            "b \x7f\r\n");

    assert_text_equal(result.head.fields.at[1].value, TEXT("a b"));
    assert_int_equal(result.head.desync, HTTP_ACCEPTABLE);
    assert_string_equal(result.head.desync_reason, "NonCompliantHeader");
}

TEST(h1_request, does_not_clean_framing_fields)
{
    refused("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\x01\r\n\r\n", 400, HTTP_SEVERE,
            "BadContentLength");
    refused("POST / HTTP/1.1\r\nHost: h\r\nConnection: close\x01\r\n\r\n", 400, HTTP_ACCEPTABLE,
            "NonCompliantHeader");
    refused("POST / HTTP/1.1\r\nHost: h\x01\r\n\r\n", 400, HTTP_ACCEPTABLE, "NonCompliantHeader");
}

TEST(h1_request, frames_by_checked_lengths)
{
    assert_int_equal(accepted("POST / HTTP/1.1", "Content-Length: 007\r\n").head.content_length, 7);
    assert_true(accepted("POST / HTTP/1.1", "Content-Length: 18446744073709551615\r\n")
                    .head.content_length == UINT64_MAX);
    static const char *const bad[] = {
        "18446744073709551616",   "-1", "+1", "1 2", "0x10", "1,1", "", "1.0",
        "99999999999999999999999"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        char in[128];

        (void)snprintf(in, sizeof(in), "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: %s\r\n\r\n",
                       bad[i]);
        refused(in, 400, HTTP_SEVERE, "BadContentLength");
    }
    refused("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400,
            HTTP_SEVERE, "MultipleContentLength");
    classed("POST / HTTP/1.1", "Content-Length: 1\r\ncontent-length: 01\r\n", HTTP_AMBIGUOUS,
            "DuplicateContentLength");
}

TEST(h1_request, takes_chunked_and_nothing_else)
{
    assert_int_equal(accepted("POST / HTTP/1.1", "Transfer-Encoding: CHUNKED\r\n").head.framing,
                     HTTP_CHUNKED);
    assert_int_equal(accepted("POST / HTTP/1.1", "Transfer-Encoding: identity\r\n").head.framing,
                     HTTP_NO_BODY);
    refused("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501,
            HTTP_COMPLIANT, NULL);
    refused("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked;a=b\r\n\r\n", 501,
            HTTP_COMPLIANT, NULL);
    refused("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n", 400, HTTP_SEVERE,
            "BadTransferEncoding");
    refused("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: \r\n\r\n", 400, HTTP_SEVERE,
            "BadTransferEncoding");
    refused("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: \x0b"
            "chunked\r\n\r\n",
            400, HTTP_SEVERE, "BadTransferEncoding");
    refused("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", 400,
            HTTP_SEVERE, "MultipleTransferEncodingChunked");
    refused("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
            "Transfer-Encoding: chunked\r\n\r\n",
            400, HTTP_SEVERE, "MultipleTransferEncodingChunked");
    refused("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity\r\n"
            "Transfer-Encoding: chunked\r\n\r\n",
            501, HTTP_COMPLIANT, NULL);
    refused("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity\r\n"
            "Content-Length: 1\r\n\r\n",
            400, HTTP_AMBIGUOUS, "BothTeClPresent");
}

TEST(h1_request, classifies_what_it_can_still_serve)
{
    struct result result =
        accepted("POST / HTTP/1.1", "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n");

    assert_int_equal(result.head.framing, HTTP_CHUNKED);
    assert_true(result.head.wants_close);
    assert_string_equal(result.head.desync_reason, "BothTeClPresent");
    classed("GET / HTTP/1.1", "Content-Length: 0\r\n", HTTP_ACCEPTABLE, "GetHeadZeroContentLength");
    classed("HEAD / HTTP/1.1", "Content-Length: 5\r\n", HTTP_AMBIGUOUS,
            "UndefinedContentLengthSemantics");
    classed("GET / HTTP/1.1", "Transfer-Encoding: chunked\r\n", HTTP_AMBIGUOUS,
            "UndefinedTransferEncodingSemantics");
    classed("POST / HTTP/1.0", "Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n",
            HTTP_AMBIGUOUS, "UndefinedTransferEncodingSemantics");
    result = accepted("POST / HTTP/1.1", "Content_Length: 3\r\n");
    assert_int_equal(result.head.fields.at[1].id, HTTP_FIELD_SUSPICIOUS);
    assert_string_equal(result.head.desync_reason, "SuspiciousHeader");
    classed("POST / HTTP/1.1", "Content-Length: 3\r\nTransfer_Encoding: chunked\r\n", HTTP_SEVERE,
            "SuspiciousTeClPresent");
}

TEST(h1_request, reads_connection_upgrade_and_expect)
{
    const struct result result =
        accepted("GET / HTTP/1.1", "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
                                   "Expect: 100-Continue\r\n");

    assert_text_equal(result.head.upgrade, TEXT("websocket"));
    assert_true(result.head.expects_continue);
    assert_false(result.head.wants_close);
    assert_true(accepted("GET / HTTP/1.1", "Connection: x, CLOSE\r\n").head.wants_close);
    assert_true(text_is_empty(accepted("GET / HTTP/1.1", "Upgrade: websocket\r\n").head.upgrade));
}

/* In one piece and, without moving, byte by byte: both must agree. */
static struct result read_long(struct text in)
{
    struct result split = {.rc = RC_AGAIN};
    struct h1_reader reader = {0};

    arena_free(arena);
    arena = arena_new(4096, LIMIT_REQUEST_ARENA_BYTES);
    const struct result whole = read_whole(in);
    for (size_t len = 1; len <= in.len && split.rc == RC_AGAIN; len++) {
        split.rc = h1_request_read(&reader, text_slice(in, 0, len), arena, &split.head,
                                   &split.consumed, &split.refusal);
    }
    assert_int_equal(split.rc, whole.rc);
    assert_int_equal(split.consumed, whole.consumed);
    if (whole.rc == RC_BAD || whole.rc == RC_LIMIT) {
        assert_int_equal(split.refusal.status, whole.refusal.status);
        assert_string_equal(split.refusal.fault.why, whole.refusal.fault.why);
    }
    return whole;
}

/* `head`, then `fill` bytes of 'a', then `tail`. */
static struct result filled(const char *head, size_t fill, const char *tail)
{
    const size_t head_len = strlen(head);
    const size_t tail_len = strlen(tail);
    char *in = mem_take(head_len + fill + tail_len);
    struct result result;

    memcpy(in, head, head_len);
    memset(in + head_len, 'a', fill);
    memcpy(in + head_len + fill, tail, tail_len);
    result = read_long((struct text){in, head_len + fill + tail_len});
    mem_give(in);
    return result;
}

TEST(h1_request, limits_the_request_line)
{
    /* "GET /" and " HTTP/1.1" are 14 */
    struct result result = filled("GET /", 16383 - 14, " HTTP/1.1\r\nHost: h\r\n\r\n");

    assert_int_equal(result.rc, RC_OK);
    result = filled("GET /", 16384 - 14, " HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_int_equal(result.rc, RC_LIMIT);
    assert_int_equal(result.refusal.status, 414);
    result = filled("GET /", 16384 - 5, ""); /* CRLF may still follow in time? No: too long */
    assert_int_equal(result.rc, RC_AGAIN);
    result = filled("GET /", 16385 - 5, "");
    assert_int_equal(result.refusal.status, 414);
    result = filled("", 16385, "");
    assert_int_equal(result.rc, RC_LIMIT);
    assert_int_equal(result.refusal.status, 400);
}

TEST(h1_request, limits_a_field)
{
    struct result result = filled("GET / HTTP/1.1\r\nHost: h\r\nA: ", 16383 - 3, "\r\n\r\n");

    assert_int_equal(result.rc, RC_OK);
    result = filled("GET / HTTP/1.1\r\nHost: h\r\nA: ", 16384 - 3, "\r\n\r\n");
    assert_int_equal(result.rc, RC_LIMIT);
    assert_int_equal(result.refusal.status, 400);
    result = filled("GET / HTTP/1.1\r\nHost: h\r\nA: ", 16384 - 2, "");
    assert_int_equal(result.rc, RC_LIMIT);
}

TEST(h1_request, calls_a_line_too_long_before_it_calls_it_wrong)
{
    /* Else the answer would depend on how the bytes were split. */
    assert_int_equal(filled("GET /", 17000, " HTTP/1.x\r\n\r\n").refusal.status, 414);
    assert_int_equal(filled("GET /", 16368, " HTTP/1.x\r\n\r\n").refusal.status, 400);
    assert_int_equal(filled("GET / HTTP/1.1\r\nHost: h\r\n@ ", 17000, "\r\n\r\n").rc, RC_LIMIT);
    assert_int_equal(filled("GET / HTTP/1.1\r\nHost: h\r\n@ ", 16380, "\n\r\n").rc, RC_BAD);
    assert_int_equal(filled("GET / HTTP/1.1\r\nHost: h\r\nA: \x01", 17000, "\r\n\r\n").rc,
                     RC_LIMIT);
}

/* A head of exactly `len` bytes. */
static struct result sized(size_t len)
{
    static const char start[] = "GET / HTTP/1.1\r\nHost: h\r\n";
    char *in = mem_take(len);
    size_t at = sizeof(start) - 1;
    struct result result;

    memcpy(in, start, at);
    while (at < len - 2) {
        size_t line = len - 2 - at;

        line = line > 9000 ? 8000 : line;
        memset(in + at, 'a', line);
        in[at + 1] = ':';
        memcpy(in + at + line - 2, "\r\n", 2);
        at += line;
    }
    memcpy(in + at, "\r\n", 2);
    result = read_long((struct text){in, len});
    mem_give(in);
    return result;
}

TEST(h1_request, limits_the_head)
{
    assert_int_equal(sized(65536).rc, RC_OK);
    assert_int_equal(sized(65537).rc, RC_LIMIT);
    assert_int_equal(sized(90000).rc, RC_LIMIT);
}

TEST(h1_request, limits_the_number_of_fields)
{
    char in[2048] = "GET / HTTP/1.1\r\nHost: h\r\n";
    size_t len = strlen(in);

    for (int i = 1; i < LIMIT_FIELDS; i++, len += 4) {
        memcpy(in + len, "a:\r\n", 4);
    }
    memcpy(in + len, "\r\n", 2);
    assert_int_equal(read_request((struct text){in, len + 2}).rc, RC_OK);
    memcpy(in + len, "a:\r\n\r\n", 6);
    assert_int_equal(read_request((struct text){in, len + 6}).rc, RC_LIMIT);
}

TEST(h1_request, stops_at_the_ceiling_of_the_arena)
{
    struct h1_reader reader = {0};
    struct http_request head;
    struct h1_refusal refusal;
    size_t consumed;

    arena_free(arena);
    arena = arena_new(64, 64);
    assert_int_equal(h1_request_read(&reader, TEXT("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), arena,
                                     &head, &consumed, &refusal),
                     RC_LIMIT);
    assert_int_equal(refusal.status, 400);
}

TESTS({
    CASE(h1_request__reads_a_plain_one),
    CASE(h1_request__leaves_what_follows_the_head),
    CASE(h1_request__tells_an_empty_query_from_none),
    CASE(h1_request__skips_one_empty_line_in_front),
    CASE(h1_request__waits_for_the_rest),
    CASE(h1_request__knows_whether_it_started),
    CASE(h1_request__keeps_obs_text),
    CASE(h1_request__reads_the_absolute_form),
    CASE(h1_request__refuses_targets_of_no_form),
    CASE(h1_request__needs_exactly_one_good_host),
    CASE(h1_request__knows_the_rules_of_http_1_0),
    CASE(h1_request__reads_http_0_9_for_get_alone),
    CASE(h1_request__takes_no_control_for_the_space_before_a_version),
    CASE(h1_request__judges_versions),
    CASE(h1_request__cleans_odd_targets),
    CASE(h1_request__refuses_bad_methods),
    CASE(h1_request__refuses_what_no_strict_parser_reads),
    CASE(h1_request__cleans_controls_in_values),
    CASE(h1_request__does_not_clean_framing_fields),
    CASE(h1_request__frames_by_checked_lengths),
    CASE(h1_request__takes_chunked_and_nothing_else),
    CASE(h1_request__classifies_what_it_can_still_serve),
    CASE(h1_request__reads_connection_upgrade_and_expect),
    CASE(h1_request__limits_the_request_line),
    CASE(h1_request__limits_a_field),
    CASE(h1_request__calls_a_line_too_long_before_it_calls_it_wrong),
    CASE(h1_request__limits_the_head),
    CASE(h1_request__limits_the_number_of_fields),
    CASE(h1_request__stops_at_the_ceiling_of_the_arena),
})
