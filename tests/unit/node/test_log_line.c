/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/limits.h"
#include "base/mem.h"
#include "node/log_line.h"

enum { CEILING = 1 << 20 };

static const int priority = 7;

/* A request with everything in it. */
static struct access_line whole(void)
{
    return (struct access_line){
        .type = TEXT("https"),
        .ended_unix_us = INT64_C(1530570180186641),
        .created_unix_us = INT64_C(1530570168364000),
        .balancer = TEXT("app/my-loadbalancer/50dc6c495c0c9188"),
        .client = net_addr_ip4(0xc0a88327, 2817),
        .target = net_addr_ip4(0x0a000001, 80),
        .request_us = 999,
        .target_us = 1999,
        .response_us = 61234567,
        .status = 200,
        .target_status = 201,
        .received_bytes = 0,
        .sent_bytes = UINT64_MAX,
        .method = TEXT("GET"),
        .host = TEXT("www.example.com"),
        .uri = TEXT("/a?b=c"),
        .version = TEXT("HTTP/1.1"),
        .is_tls = true,
        .port = 443,
        .user_agent = TEXT("curl/7.46.0"),
        .tls_cipher = TEXT("ECDHE-RSA-AES128-GCM-SHA256"),
        .tls_version = TEXT("TLSv1.2"),
        .group_arn = TEXT("arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/t/73e2"),
        .trace_id = TEXT("Root=1-58337281-1d84f3d73c47ec4e58577259"),
        .sni = TEXT("www.example.com"),
        .certificate_arn = TEXT("arn:aws:acm:us-east-2:123456789012:certificate/12345678"),
        .rule_priority = &priority,
        .actions = TEXT("authenticate,forward"),
        .redirect_url = TEXT("https://a:443/"),
        .error_reason = TEXT("AuthInvalidCookie"),
        .class = TEXT("Acceptable"),
        .class_reason = TEXT("SpaceInUri"),
        .conn_trace_id = TEXT("TID_1234abcd5678ef90"),
        .address = net_addr_ip4(0x0a000002, 443),
        .target_reset_code = 0xb,
        .reset_code = 2,
    };
}

static struct text written(const struct access_line *line, struct buf *out)
{
    buf_init(out, CEILING);
    access_line_write(line, out);
    assert_int_equal(buf_result(out), RC_OK);
    return buf_text(out);
}

static bool holds(struct text text, const char *words)
{
    return memmem(text.at, text.len, words, strlen(words)) != NULL;
}

TEST(access_line, has_all_fields_in_the_order_of_aws)
{
    const struct access_line line = whole();
    struct buf out;

    assert_text_equal(
        written(&line, &out),
        TEXT("https 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 "
             "192.168.131.39:2817 10.0.0.1:80 0.000 0.001 61.234 200 201 0 18446744073709551615 "
             "\"GET https://www.example.com:443/a?b=c HTTP/1.1\" \"curl/7.46.0\" "
             "ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 "
             "arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/t/73e2 "
             "\"Root=1-58337281-1d84f3d73c47ec4e58577259\" \"www.example.com\" "
             "\"arn:aws:acm:us-east-2:123456789012:certificate/12345678\" 7 "
             "2018-07-02T22:22:48.364000Z \"authenticate,forward\" \"https://a:443/\" "
             "\"AuthInvalidCookie\" \"10.0.0.1:80\" \"201\" \"Acceptable\" \"SpaceInUri\" "
             "TID_1234abcd5678ef90 \"-\" \"-\" \"-\" 10.0.0.2 0xb 0x2\n"));
    buf_done(&out);
}

TEST(access_line, says_what_is_missing_with_dashes)
{
    const struct access_line line = {.request_us = LOG_LINE_NO_TIME,
                                     .target_us = LOG_LINE_NO_TIME,
                                     .response_us = LOG_LINE_NO_TIME};
    struct buf out;

    assert_text_equal(written(&line, &out),
                      TEXT("- 1970-01-01T00:00:00.000000Z - - - -1 -1 -1 000 - 0 0 "
                           "\"- http://:0- -\" \"-\" - - - \"-\" \"-\" \"-\" - "
                           "1970-01-01T00:00:00.000000Z \"-\" \"-\" \"-\" \"-\" \"-\" \"-\" \"-\" "
                           "- \"-\" \"-\" \"-\" - - -\n"));
    buf_done(&out);
}

/* Spaces outside of quotes: what a reader splits a line at. */
static size_t count_fields(struct text line)
{
    size_t count = 1;
    bool is_quoted = false;

    for (size_t i = 0; i < line.len; i++) {
        is_quoted ^= line.at[i] == '"';
        count += line.at[i] == ' ' && !is_quoted;
    }
    return count;
}

TEST(access_line, stays_one_line_of_36_fields_whatever_a_client_sent)
{
    char every[256];
    struct access_line line = whole();
    struct buf out;

    for (size_t i = 0; i < sizeof(every); i++) {
        every[i] = (char)i;
    }
    const struct text all = {every, sizeof(every)};
    line.method = line.host = line.uri = line.version = line.user_agent = line.trace_id = all;
    line.sni = line.certificate_arn = line.redirect_url = line.class_reason = all;
    line.group_arn = line.tls_cipher = line.type = line.balancer = all;
    const struct text got = written(&line, &out);
    assert_int_equal(text_find(got, '\n'), got.len - 1);
    assert_int_equal(count_fields(got), 36);
    for (size_t i = 0; i + 1 < got.len; i++) {
        assert_true(got.at[i] >= ' ' && got.at[i] < 0x7f);
    }
    buf_done(&out);
}

TEST(access_line, escapes_quotes_backslashes_and_controls_as_hex)
{
    struct access_line line = whole();
    struct buf out;

    line.user_agent = TEXT("a\"b\\c\nd\x7f\xc3\xa4 e");
    line.tls_cipher = TEXT("x y");
    const struct text got = written(&line, &out);
    assert_true(holds(got, "\"a\\x22b\\x5Cc\\x0Ad\\x7F\\xC3\\xA4 e\" x\\x20y "));
    buf_done(&out);
}

TEST(access_line, names_the_host_without_its_port_and_the_listener_s)
{
    static const struct {
        const char *host, *told;
    } cases[] = {
        {"a:8080", "http://a:443/x "},    {"[::1]:80", "http://[::1]:443/x "},
        {"[::1]", "http://[::1]:443/x "}, {"a", "http://a:443/x "},
        {"", "http://:443/x "},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct access_line line = whole();
        struct buf out;

        line.is_tls = false;
        line.host = text_of(cases[i].host);
        line.uri = TEXT("/x");
        const struct text got = written(&line, &out);
        assert_true(holds(got, cases[i].told));
        buf_done(&out);
    }
}

TEST(access_line, tells_of_rule_evaluation_that_failed_and_of_odd_targets)
{
    static const int failed = -1;
    struct access_line line = whole();
    struct buf out;

    line.rule_priority = &failed;
    line.method = TEXT("OPTIONS");
    line.uri = TEXT("*");
    const struct text got = written(&line, &out);
    assert_true(holds(got, "12345678\" -1 2018"));
    assert_true(holds(got, "\"OPTIONS https://www.example.com:443/* HTTP/1.1\""));
    buf_done(&out);
}

TEST(access_line, keeps_8_kb_of_a_user_agent_and_fits_its_limit)
{
    char *bytes = mem_take(LIMIT_REQUEST_HEAD_BYTES);
    struct access_line line = whole();
    struct buf out;

    memset(bytes, '"', LIMIT_REQUEST_HEAD_BYTES);
    line.user_agent = (struct text){bytes, LIMIT_FIELD_BYTES};
    const size_t cut_len = written(&line, &out).len;
    buf_done(&out);
    line.user_agent.len = LIMIT_LOG_USER_AGENT_BYTES;
    assert_int_equal(written(&line, &out).len, cut_len);
    buf_done(&out);
    line.user_agent.len--;
    assert_int_equal(written(&line, &out).len, cut_len - 4);
    buf_done(&out);
    /* The largest that a head can hold: each field at its own limit. */
    line.uri = line.host = line.trace_id = line.method = (struct text){bytes, LIMIT_FIELD_BYTES};
    line.redirect_url = (struct text){bytes, LIMIT_LOCATION_BYTES};
    assert_true(written(&line, &out).len < LIMIT_LOG_LINE_BYTES);
    buf_done(&out);
    mem_give(bytes);
}

TEST(connection_line, has_all_fields_in_the_order_of_aws)
{
    const struct connection_line line = {
        .unix_us = INT64_C(1530570180186641),
        .client = net_addr_ip4(0xc0a88327, 36280),
        .port = 443,
        .tls_version = TEXT("TLSv1.2"),
        .tls_cipher = TEXT("ECDHE-RSA-AES128-GCM-SHA256"),
        .key_exchange = TEXT("x25519"),
        .handshake_us = 4036999,
        .subject = TEXT("CN=a\" b,O=c"),
        .validity = TEXT("NotBefore=2023-09-21T22:43:21Z;NotAfter=2026-06-17T22:43:21Z"),
        .serial = TEXT("FEF257372D5C14D4"),
        .verify_status = TEXT("Success"),
        .conn_trace_id = TEXT("TID_1"),
        .balancer = TEXT("app/a/1"),
        .address = net_addr_ip4(0x0a000002, 443),
    };
    struct buf out;

    buf_init(&out, CEILING);
    connection_line_write(&line, &out);
    assert_text_equal(
        buf_text(&out),
        TEXT("2018-07-02T22:23:00.186641Z 192.168.131.39 36280 443 TLSv1.2 "
             "ECDHE-RSA-AES128-GCM-SHA256 4.036 \"CN=a\\x22 b,O=c\" "
             "NotBefore=2023-09-21T22:43:21Z;NotAfter=2026-06-17T22:43:21Z FEF257372D5C14D4 "
             "Success TID_1 x25519 app/a/1 10.0.0.2\n"));
    buf_done(&out);
}

TEST(connection_line, of_clear_text_has_dashes)
{
    const struct connection_line line = {
        .client = net_addr_ip4(0x7f000001, 1), .port = 80, .handshake_us = LOG_LINE_NO_TIME};
    struct buf out;

    buf_init(&out, CEILING);
    connection_line_write(&line, &out);
    assert_text_equal(
        buf_text(&out),
        TEXT("1970-01-01T00:00:00.000000Z 127.0.0.1 1 80 - - - \"-\" - - - - - - -\n"));
    buf_done(&out);
}

TEST(check_line, has_all_fields_in_the_order_of_aws)
{
    struct check_line line = {
        .type = TEXT("http"),
        .unix_us = INT64_C(1530570180186641),
        .took_us = 19584,
        .target = net_addr_ip4(0xac1f1461, 80),
        .group = TEXT("HCLogsTestIPs"),
        .has_passed = true,
        .has_status = true,
        .status = 200,
        .balancer = TEXT("app/a/1"),
        .address = net_addr_ip4(0x0a000002, 0),
    };
    struct buf out;

    buf_init(&out, CEILING);
    check_line_write(&line, &out);
    assert_text_equal(buf_text(&out),
                      TEXT("http 2018-07-02T22:23:00.186641Z 0.019584000 172.31.20.97:80 "
                           "HCLogsTestIPs PASS 200 - app/a/1 10.0.0.2\n"));
    buf_clear(&out);
    line.has_passed = line.has_status = false;
    line.took_us = 5000001;
    line.reason = TEXT("TimedOut");
    check_line_write(&line, &out);
    assert_text_equal(buf_text(&out),
                      TEXT("http 2018-07-02T22:23:00.186641Z 5.000001000 172.31.20.97:80 "
                           "HCLogsTestIPs FAIL - TimedOut app/a/1 10.0.0.2\n"));
    buf_done(&out);
}

TESTS({
    CASE(check_line__has_all_fields_in_the_order_of_aws),
    CASE(access_line__has_all_fields_in_the_order_of_aws),
    CASE(access_line__says_what_is_missing_with_dashes),
    CASE(access_line__stays_one_line_of_36_fields_whatever_a_client_sent),
    CASE(access_line__escapes_quotes_backslashes_and_controls_as_hex),
    CASE(access_line__names_the_host_without_its_port_and_the_listener_s),
    CASE(access_line__tells_of_rule_evaluation_that_failed_and_of_odd_targets),
    CASE(access_line__keeps_8_kb_of_a_user_agent_and_fits_its_limit),
    CASE(connection_line__has_all_fields_in_the_order_of_aws),
    CASE(connection_line__of_clear_text_has_dashes),
})
