/* SPDX-License-Identifier: Apache-2.0 */
/* Connections over TLS that nobody uses are packed, and go on where they were. */
#include "host.h"

#include "certs.h"
#include "tls/memory.h"
#include "tls/stream.h"

#include <openssl/ssl.h>

/* As in a node: before OpenSSL is used in any way. */
__attribute__((constructor)) static void own_memory(void)
{
    tls_memory_init();
}

struct secured {
    struct host *host;
    struct made_cert cert;
    struct tls_server *context;
    SSL_CTX *client_ctx;
    SSL *client;
};

static void secured_open(struct secured *secured, struct host *host)
{
    *secured = (struct secured){.host = host, .cert = made_cert_new("a.test", true)};
    const struct tls_certificate certificate = {TEXT_INIT("arn:a"), secured->cert.chain_pem,
                                                secured->cert.key_pem};
    const struct tls_server_config config = {.policy = tls_policy_find(TLS_POLICY_DEFAULT),
                                             .certificates = &certificate,
                                             .certificate_count = 1};
    char why[256];

    assert_int_equal(tls_server_new(&config, &secured->context, why, sizeof(why)), RC_OK);
    host->wire.stream = tls_stream_server(secured->context, host->wire.stream);
    secured->client_ctx = SSL_CTX_new(TLS_client_method());
    secured->client = SSL_new(secured->client_ctx);
    SSL_set_fd(secured->client, host->wire.far);
    host_start(host);
    for (int i = 0; i < 20 && SSL_connect(secured->client) != 1; i++) {
        wire_turn(&host->wire);
    }
    assert_true(SSL_is_init_finished(secured->client));
}

static void secured_done(struct secured *secured)
{
    SSL_free(secured->client);
    SSL_CTX_free(secured->client_ctx);
    server_free(secured->host->server);
    secured->host->server = NULL;
    tls_server_free(secured->context);
    made_cert_done(&secured->cert);
    tls_memory_done();
}

static void ask(struct secured *secured)
{
    struct host *host = secured->host;

    assert_int_equal(SSL_write(secured->client, "GET /x HTTP/1.1\r\nHost: a\r\n\r\n", 28), 28);
    wire_turn(&host->wire);
    assert_non_null(host->req);
    assert_text_equal(server_req_head(host->req)->path, TEXT("/x"));
}

static void answer(struct secured *secured)
{
    char bytes[4096];

    host_answer(secured->host, "ok");
    wire_turn(&secured->host->wire);
    const int len = SSL_read(secured->client, bytes, sizeof(bytes));
    assert_true(len > 0);
    assert_true(text_ends((struct text){bytes, (size_t)len}, TEXT("\r\n\r\nok")));
}

/* The timer is coarse. */
static void wait_for_rest(struct secured *secured, int64_t ms)
{
    wire_wait(&secured->host->wire, ms + 100);
    assert_false(tls_stream_can_rest(secured->host->wire.stream));
}

TEST(server, a_connection_rests_between_requests_and_while_one_waits)
{
    struct secured secured;

    secured_open(&secured, *state_);
    assert_true(tls_stream_can_rest(secured.host->wire.stream));
    wait_for_rest(&secured, LIMIT_REST_MS);
    ask(&secured);
    assert_true(tls_stream_can_rest(secured.host->wire.stream));
    wait_for_rest(&secured, 2 * LIMIT_REST_MS);
    answer(&secured);
    wait_for_rest(&secured, 4 * LIMIT_REST_MS);
    ask(&secured);
    answer(&secured);
    assert_int_equal(secured.host->closed, 0);
    secured_done(&secured);
}

TEST(server, a_connection_that_is_woken_soon_is_left_alone_for_longer)
{
    struct secured secured;

    secured_open(&secured, *state_);
    wait_for_rest(&secured, LIMIT_REST_MS);
    for (int i = 0; i < 3; i++) {
        ask(&secured);
        answer(&secured);
        wire_wait(&secured.host->wire, LIMIT_REST_MS + 150);
        assert_true(tls_stream_can_rest(secured.host->wire.stream));
    }
    wire_wait(&secured.host->wire, LIMIT_REST_MS);
    assert_false(tls_stream_can_rest(secured.host->wire.stream));
    secured_done(&secured);
}

TEST(server, a_connection_in_use_does_not_rest)
{
    struct secured secured;

    secured_open(&secured, *state_);
    for (int i = 0; i < 10; i++) {
        ask(&secured);
        answer(&secured);
        wire_wait(&secured.host->wire, LIMIT_REST_MS / 5);
        assert_true(tls_stream_can_rest(secured.host->wire.stream));
    }
    secured_done(&secured);
}

TEST(server, what_is_no_request_wakes_a_connection_and_it_rests_again)
{
    struct secured secured;

    secured_open(&secured, *state_);
    wait_for_rest(&secured, LIMIT_REST_MS);
    assert_int_equal(write(secured.host->wire.far, "\x17\x03\x03", 3), 3); /* of a record's head */
    wire_turn(&secured.host->wire);
    assert_true(tls_stream_can_rest(secured.host->wire.stream));
    wait_for_rest(&secured, LIMIT_REST_MS);
    secured_done(&secured);
}

TEST(server, rest_does_not_put_off_the_idle_timeout)
{
    struct host *host = *state_;
    struct secured secured;
    char byte;

    host->config.idle_timeout_ms = 4 * LIMIT_REST_MS;
    secured_open(&secured, host);
    ask(&secured);
    answer(&secured);
    wait_for_rest(&secured, LIMIT_REST_MS);
    assert_int_equal(host->closed, 0);
    wire_wait(&host->wire, 4 * LIMIT_REST_MS);
    assert_int_equal(host->closed, 1);
    assert_int_equal(SSL_read(secured.client, &byte, 1), 0);
    assert_int_equal(SSL_get_error(secured.client, 0), SSL_ERROR_ZERO_RETURN);
    secured_done(&secured);
}

TEST(server, draining_closes_a_resting_connection_in_order)
{
    struct host *host = *state_;
    struct secured secured;
    char byte;

    secured_open(&secured, host);
    wait_for_rest(&secured, LIMIT_REST_MS);
    server_drain(host->server);
    assert_int_equal(host->closed, 1);
    assert_int_equal(SSL_read(secured.client, &byte, 1), 0);
    assert_int_equal(SSL_get_error(secured.client, 0), SSL_ERROR_ZERO_RETURN);
    secured_done(&secured);
}

TESTS({
    CASE_HOST(a_connection_rests_between_requests_and_while_one_waits),
    CASE_HOST(a_connection_that_is_woken_soon_is_left_alone_for_longer),
    CASE_HOST(a_connection_in_use_does_not_rest),
    CASE_HOST(what_is_no_request_wakes_a_connection_and_it_rests_again),
    CASE_HOST(rest_does_not_put_off_the_idle_timeout),
    CASE_HOST(draining_closes_a_resting_connection_in_order),
})
