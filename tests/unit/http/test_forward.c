/* SPDX-License-Identifier: Apache-2.0 */
#include "http/forward.h"

#include "base/limits.h"
#include "http/h1.h"
#include "http/h1_write.h"
#include "test.h"

#include <stdio.h>

static struct arena *arena;

static struct forward plain(void)
{
    return (struct forward){.client_address = TEXT("203.0.113.7"),
                            .client_port = 4321,
                            .listener_port = 80,
                            .default_host = TEXT("my-lb.elb.internal"),
                            .now_unix_s = 0x5f000000,
                            .trace = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0xab}};
}

/* Reads `in`, forwards it, and gives the head that a target would read. */
static struct text forwarded(const char *in, const struct forward *how,
                             struct forward_counts *counts)
{
    struct h1_reader reader = {0};
    struct http_request head;
    struct http_request out;
    struct h1_refusal refusal;
    struct forward_counts unused;
    size_t consumed;
    size_t len = 0;
    char *wire;

    arena_free(arena);
    arena = arena_new(4096, LIMIT_REQUEST_ARENA_BYTES);
    wire = arena_take(arena, 80 * 1024);
    assert_int_equal(h1_request_read(&reader, text_of(in), arena, &head, &consumed, &refusal),
                     RC_OK);
    assert_int_equal(forward_request(&head, how, arena, &out, counts ? counts : &unused), RC_OK);
    assert_int_equal(h1_write_request(&out, h1_plan_request(&out, false), wire, 80 * 1024, &len),
                     RC_OK);
    return (struct text){wire, len};
}

/* The value of a field of a head, or a text that says there is none. */
static struct text value_of(struct text wire, const char *name)
{
    char key[80];
    char *at;

    (void)snprintf(key, sizeof(key), "\r\n%s: ", name);
    at = memmem(wire.at, wire.len, key, strlen(key));
    if (!at) {
        return TEXT("(none)");
    }
    at += strlen(key);
    return (struct text){at, (size_t)(strchr(at, '\r') - at)};
}

TEST(forward_request, writes_albs_fields_first_and_the_clients_in_order)
{
    const struct forward how = plain();

    assert_text_equal(
        forwarded("POST /x HTTP/1.1\r\nHost: Example.COM\r\nuser-AGENT: a\r\nContent-Length: 3\r\n"
                  "Connection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nAccept: */*\r\n"
                  "Expect: 100-continue\r\nTE: trailers\r\nProxy-Authorization: x\r\n\r\n",
                  &how, NULL),
        TEXT("POST /x HTTP/1.1\r\nX-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: http\r\n"
             "X-Forwarded-Port: 80\r\nHost: example.com\r\n"
             "X-Amzn-Trace-Id: Root=1-5f000000-0102030405060708090a0bab\r\n"
             "user-AGENT: a\r\nContent-Length: 3\r\nAccept: */*\r\n\r\n"));
}

TEST(forward_request, treats_x_forwarded_for_by_mode)
{
    const char *in = "GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 1.1.1.1\r\n"
                     "x-forwarded-for: 2.2.2.2, 3.3.3.3\r\n\r\n";
    struct forward how = plain();

    assert_text_equal(value_of(forwarded(in, &how, NULL), "X-Forwarded-For"),
                      TEXT("1.1.1.1, 2.2.2.2, 3.3.3.3, 203.0.113.7"));
    how.is_xff_client_port = true;
    assert_text_equal(value_of(forwarded(in, &how, NULL), "X-Forwarded-For"),
                      TEXT("1.1.1.1, 2.2.2.2, 3.3.3.3, 203.0.113.7:4321"));
    how.client_address = TEXT("2001:db8::1");
    assert_text_equal(value_of(forwarded(in, &how, NULL), "X-Forwarded-For"),
                      TEXT("1.1.1.1, 2.2.2.2, 3.3.3.3, [2001:db8::1]:4321"));
    how.is_xff_client_port = false;
    assert_text_equal(value_of(forwarded(in, &how, NULL), "X-Forwarded-For"),
                      TEXT("1.1.1.1, 2.2.2.2, 3.3.3.3, 2001:db8::1"));
    how.xff = FORWARD_XFF_PRESERVE;
    assert_text_equal(value_of(forwarded(in, &how, NULL), "X-Forwarded-For"), TEXT("1.1.1.1"));
    assert_text_equal(value_of(forwarded(in, &how, NULL), "x-forwarded-for"),
                      TEXT("2.2.2.2, 3.3.3.3"));
    how.xff = FORWARD_XFF_REMOVE;
    assert_text_equal(value_of(forwarded(in, &how, NULL), "X-Forwarded-For"), TEXT("(none)"));
    assert_text_equal(value_of(forwarded(in, &how, NULL), "x-forwarded-for"), TEXT("(none)"));
}

TEST(forward_request, overwrites_what_a_client_could_forge)
{
    struct forward how = plain();
    struct text wire;

    how.is_tls = true;
    how.listener_port = 8443;
    how.tls_version = TEXT("TLSv1.3");
    how.tls_cipher = TEXT("TLS_AES_128_GCM_SHA256");
    wire = forwarded("GET / HTTP/1.1\r\nHost: h\r\nx-forwarded-proto: ftp\r\n"
                     "x-forwarded-port: 1\r\nx-amzn-tls-version: no\r\n"
                     "X-Amzn-Mtls-Clientcert: forged\r\nX-AMZN-OIDC-Data: forged\r\n"
                     "Content_Length: 5\r\n\r\n",
                     &how, NULL);
    assert_text_equal(value_of(wire, "X-Forwarded-Proto"), TEXT("https"));
    assert_text_equal(value_of(wire, "X-Forwarded-Port"), TEXT("8443"));
    assert_text_equal(value_of(wire, "X-Amzn-Tls-Version"), TEXT("TLSv1.3"));
    assert_text_equal(value_of(wire, "X-Amzn-Tls-Cipher-Suite"), TEXT("TLS_AES_128_GCM_SHA256"));
    assert_null(memmem(wire.at, wire.len, "x-forwarded", 11));
    assert_null(memmem(wire.at, wire.len, "forged", 6));
    assert_null(memmem(wire.at, wire.len, "Content_Length", 14));
}

TEST(forward_request, lets_connection_name_none_of_ours)
{
    const struct forward how = plain();
    const struct text wire =
        forwarded("GET / HTTP/1.1\r\nHost: h\r\nConnection: close, X-Forwarded-For, Host\r\n\r\n",
                  &how, NULL);

    assert_text_equal(value_of(wire, "X-Forwarded-For"), TEXT("203.0.113.7"));
    assert_text_equal(value_of(wire, "Host"), TEXT("h"));
    assert_text_equal(value_of(wire, "Connection"), TEXT("(none)"));
}

TEST(forward_request, rewrites_host_by_port_and_mode)
{
    static const struct {
        const char *line;
        const char *host;
        uint16_t port;
        const char *rewritten;
        const char *preserved;
    } cases[] = {
        {"GET / HTTP/1.1", "example.com", 80, "example.com", "example.com"},
        {"GET / HTTP/1.1", "Example.com:80", 80, "example.com", "Example.com:80"},
        {"GET / HTTP/1.1", "example.com:8080", 443, "example.com", "example.com:8080"},
        {"GET https://lb.dns/x HTTP/1.1", "example.com", 443, "lb.dns", "example.com"},
        {"GET / HTTP/1.1", "example.com", 8080, "example.com:8080", "example.com"},
        {"GET / HTTP/1.1", "example.com:8080", 8080, "example.com:8080", "example.com:8080"},
        {"GET / HTTP/1.1", "example.com:", 8080, "example.com:8080", "example.com:"},
        {"GET / HTTP/1.1", "[2001:DB8::1]", 8080, "[2001:db8::1]:8080", "[2001:DB8::1]"},
        {"GET / HTTP/1.1", "[2001:db8::1]:81", 80, "[2001:db8::1]", "[2001:db8::1]:81"},
        {"GET / HTTP/1.1", "", 80, "my-lb.elb.internal", ""},
    };
    char in[256];

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct forward how = plain();

        how.listener_port = cases[i].port;
        (void)snprintf(in, sizeof(in), "%s\r\nHost: %s\r\n\r\n", cases[i].line, cases[i].host);
        assert_text_equal(value_of(forwarded(in, &how, NULL), "Host"), text_of(cases[i].rewritten));
        how.preserves_host = true;
        assert_text_equal(value_of(forwarded(in, &how, NULL), "Host"), text_of(cases[i].preserved));
    }
}

TEST(forward_request, gives_http_1_0_a_host)
{
    struct forward how = plain();

    how.preserves_host = true;
    assert_text_equal(value_of(forwarded("GET / HTTP/1.0\r\n\r\n", &how, NULL), "Host"),
                      TEXT("my-lb.elb.internal"));
    assert_text_equal(value_of(forwarded("GET /\r\n", &how, NULL), "Host"),
                      TEXT("my-lb.elb.internal"));
}

TEST(forward_request, sends_the_origin_form)
{
    struct forward how = plain();

    assert_true(text_starts(forwarded("GET http://a/b?c HTTP/1.1\r\nHost: h\r\n\r\n", &how, NULL),
                            TEXT("GET /b?c HTTP/1.1\r\n")));
    assert_true(text_starts(forwarded("GET http://a?c HTTP/1.1\r\nHost: h\r\n\r\n", &how, NULL),
                            TEXT("GET /?c HTTP/1.1\r\n")));
    assert_true(text_starts(forwarded("OPTIONS http://a HTTP/1.1\r\nHost: h\r\n\r\n", &how, NULL),
                            TEXT("OPTIONS * HTTP/1.1\r\n")));
    how.new_target = TEXT("/new?x");
    how.new_host = TEXT("New");
    assert_true(text_starts(forwarded("GET /old HTTP/1.1\r\nHost: h\r\n\r\n", &how, NULL),
                            TEXT("GET /new?x HTTP/1.1\r\n")));
    assert_text_equal(value_of(forwarded("GET / HTTP/1.1\r\nHost: h\r\n\r\n", &how, NULL), "Host"),
                      TEXT("New"));
}

TEST(forward_request, follows_the_rules_of_the_trace_id)
{
    static const struct {
        const char *in;
        const char *out;
    } cases[] = {
        {"Root=1-2-3", "Self=1-5f000000-0102030405060708090a0bab;Root=1-2-3"},
        {"Root=1-2-3;CalledFrom=app",
         "Self=1-5f000000-0102030405060708090a0bab;Root=1-2-3;CalledFrom=app"},
        {"Self=1-9-9; Root=1-2-3;A=b", "Self=1-5f000000-0102030405060708090a0bab;Root=1-2-3;A=b"},
        {"A=b", "Root=1-5f000000-0102030405060708090a0bab;A=b"},
        {"Self=1-9-9", "Root=1-5f000000-0102030405060708090a0bab"},
        {"", "Root=1-5f000000-0102030405060708090a0bab"},
    };
    const struct forward how = plain();
    static char in[16 * 1024];

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        (void)snprintf(in, sizeof(in), "GET / HTTP/1.1\r\nHost: h\r\nx-amzn-trace-id: %s\r\n\r\n",
                       cases[i].in);
        assert_text_equal(value_of(forwarded(in, &how, NULL), "X-Amzn-Trace-Id"),
                          text_of(cases[i].out));
    }
    (void)snprintf(in, sizeof(in),
                   "GET / HTTP/1.1\r\nHost: h\r\nx-amzn-trace-id: Root=1-2-3\r\nX: %07168d\r\n\r\n",
                   0);
    assert_text_equal(value_of(forwarded(in, &how, NULL), "X-Amzn-Trace-Id"),
                      TEXT("Root=1-5f000000-0102030405060708090a0bab"));
}

TEST(forward_request, counts_and_drops_invalid_names)
{
    const char *in = "GET / HTTP/1.1\r\nHost: h\r\nX_Y: 1\r\nX.Y: 2\r\nX-Y: 3\r\n\r\n";
    struct forward_counts counts;
    struct forward how = plain();

    assert_text_equal(value_of(forwarded(in, &how, &counts), "X_Y"), TEXT("1"));
    assert_int_equal(counts.invalid_forwarded, 2);
    assert_int_equal(counts.invalid_dropped, 0);
    how.drops_invalid_fields = true;
    assert_text_equal(value_of(forwarded(in, &how, &counts), "X_Y"), TEXT("(none)"));
    assert_int_equal(counts.invalid_dropped, 2);
    assert_text_equal(value_of(forwarded(in, &how, &counts), "X-Y"), TEXT("3"));
}

TEST(forward_request, passes_an_upgrade_on_but_not_h2c)
{
    const struct forward how = plain();
    struct text wire = forwarded("GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\n"
                                 "Upgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\n",
                                 &how, NULL);

    assert_text_equal(value_of(wire, "Upgrade"), TEXT("websocket"));
    assert_text_equal(value_of(wire, "Connection"), TEXT("Upgrade"));
    assert_text_equal(value_of(wire, "Sec-WebSocket-Key"), TEXT("k"));
    wire = forwarded("GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\n"
                     "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
                     &how, NULL);
    assert_text_equal(value_of(wire, "Upgrade"), TEXT("(none)"));
    assert_text_equal(value_of(wire, "HTTP2-Settings"), TEXT("(none)"));
}

TEST(forward_request, replaces_the_clients_fields_of_added_names)
{
    struct http_field at[] = {{TEXT("X-Cert"), TEXT("ours"), HTTP_FIELD_OTHER}};
    const struct http_fields added = {at, 1};
    struct forward how = plain();
    struct text wire;

    how.added = &added;
    wire = forwarded("GET / HTTP/1.1\r\nHost: h\r\nx-cert: forged\r\n\r\n", &how, NULL);
    assert_text_equal(value_of(wire, "X-Cert"), TEXT("ours"));
    assert_text_equal(value_of(wire, "x-cert"), TEXT("(none)"));
}

TEST(forward_refusal, counts_addresses_over_all_lines)
{
    struct http_field at[] = {
        {TEXT("X-Forwarded-For"), TEXT("1,1,1,1,1,1,1,1,1,1,1,1,1,1,1"),
         HTTP_FIELD_X_FORWARDED_FOR},
        {TEXT("X-Forwarded-For"), TEXT("1,1,1,1,1,1,1,1,1,1,1,1,1,1,1"),
         HTTP_FIELD_X_FORWARDED_FOR},
        {TEXT("X-Forwarded-For"), TEXT("1"), HTTP_FIELD_X_FORWARDED_FOR},
    };
    struct http_request request = {.method_id = HTTP_GET, .fields = {at, 2}};

    assert_int_equal(forward_refusal(&request), 0);
    request.fields.count = 3;
    assert_int_equal(forward_refusal(&request), 463);
    request.method_id = HTTP_TRACE;
    assert_int_equal(forward_refusal(&request), 405);
}

TEST(forward_response, drops_hops_and_lets_added_fields_win)
{
    struct http_field at[] = {
        {TEXT("Connection"), TEXT("close, X-Hop"), HTTP_FIELD_CONNECTION},
        {TEXT("X-Hop"), TEXT("1"), HTTP_FIELD_OTHER},
        {TEXT("Set-Cookie"), TEXT("a=b"), HTTP_FIELD_SET_COOKIE},
        {TEXT("server"), TEXT("nginx"), HTTP_FIELD_SERVER},
        {TEXT("x-frame-options"), TEXT("no"), HTTP_FIELD_OTHER},
    };
    struct http_field more[] = {
        {TEXT("Set-Cookie"), TEXT("AWSALB=1"), HTTP_FIELD_SET_COOKIE},
        {TEXT("X-Frame-Options"), TEXT("DENY"), HTTP_FIELD_OTHER},
    };
    const struct http_fields added = {more, 2};
    const struct http_response in = {.status = 200, .fields = {at, 5}};
    AUTO(arena) struct arena *own = arena_new(4096, 8192);
    struct http_response out;

    assert_int_equal(forward_response(&in, &added, own, &out), RC_OK);
    assert_int_equal(out.fields.count, 4);
    assert_text_equal(out.fields.at[0].value, TEXT("a=b"));
    assert_text_equal(out.fields.at[1].value, TEXT("nginx"));
    assert_text_equal(out.fields.at[2].value, TEXT("AWSALB=1"));
    assert_text_equal(out.fields.at[3].value, TEXT("DENY"));
}

TEST(forward_set_fields, replaces_by_name_and_leaves_the_rest)
{
    struct http_field at[] = {
        {TEXT("Connection"), TEXT("close"), HTTP_FIELD_CONNECTION},
        {TEXT("x-frame-options"), TEXT("no"), HTTP_FIELD_OTHER},
        {TEXT("server"), TEXT("nginx"), HTTP_FIELD_SERVER},
        {TEXT("X-FRAME-OPTIONS"), TEXT("never"), HTTP_FIELD_OTHER},
    };
    struct http_field deny = {TEXT("X-Frame-Options"), TEXT("DENY"), HTTP_FIELD_OTHER};
    const struct http_fields set = {&deny, 1};
    const struct http_response in = {.status = 404, .content_length = 7, .fields = {at, 4}};
    AUTO(arena) struct arena *own = arena_new(4096, 8192);
    struct http_response out;

    assert_int_equal(forward_set_fields(&in, &set, own, &out), RC_OK);
    assert_int_equal(out.status, 404);
    assert_int_equal(out.content_length, 7);
    assert_int_equal(out.fields.count, 3);
    assert_text_equal(out.fields.at[0].value, TEXT("close"));
    assert_text_equal(out.fields.at[1].value, TEXT("nginx"));
    assert_text_equal(out.fields.at[2].value, TEXT("DENY"));
}

TEST(forward_request, drops_the_clients_fields_of_names_that_are_ours)
{
    struct http_field names[] = {{.name = TEXT("X-Who")}, {.name = TEXT("User-Agent")}};
    const struct http_fields dropped = {names, 2};
    struct forward how = plain();

    how.dropped = &dropped;
    const struct text wire = forwarded("GET / HTTP/1.1\r\nHost: a\r\nx-who: forged\r\n"
                                       "user-agent: b\r\nX-Whose: c\r\n\r\n",
                                       &how, NULL);
    assert_text_equal(value_of(wire, "x-who"), TEXT("(none)"));
    assert_text_equal(value_of(wire, "user-agent"), TEXT("(none)"));
    assert_text_equal(value_of(wire, "X-Whose"), TEXT("c"));
}

TESTS({
    CASE(forward_set_fields__replaces_by_name_and_leaves_the_rest),
    CASE(forward_request__drops_the_clients_fields_of_names_that_are_ours),
    CASE(forward_request__writes_albs_fields_first_and_the_clients_in_order),
    CASE(forward_request__treats_x_forwarded_for_by_mode),
    CASE(forward_request__overwrites_what_a_client_could_forge),
    CASE(forward_request__lets_connection_name_none_of_ours),
    CASE(forward_request__rewrites_host_by_port_and_mode),
    CASE(forward_request__gives_http_1_0_a_host),
    CASE(forward_request__sends_the_origin_form),
    CASE(forward_request__follows_the_rules_of_the_trace_id),
    CASE(forward_request__counts_and_drops_invalid_names),
    CASE(forward_request__passes_an_upgrade_on_but_not_h2c),
    CASE(forward_request__replaces_the_clients_fields_of_added_names),
    CASE(forward_refusal__counts_addresses_over_all_lines),
    CASE(forward_response__drops_hops_and_lets_added_fields_win),
})
