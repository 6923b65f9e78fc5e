/* SPDX-License-Identifier: Apache-2.0 */
#include "host.h"

#include "certs.h"
#include "tls/stream.h"

#include <openssl/ssl.h>

struct secured {
    struct host *host;
    struct made_cert cert;
    struct tls_server *context;
    int not_secured;
};

static void on_request(void *arg, struct server_req *req)
{
    const struct secured *secured = arg;

    host_on_request(secured->host, req);
}

static void on_closed(void *arg)
{
    const struct secured *secured = arg;

    host_on_closed(secured->host);
}

static void on_not_secured(void *arg, const struct stream *stream)
{
    struct secured *secured = arg;

    assert_true(tls_stream_is(stream));
    secured->not_secured++;
}

static const struct server_user user = {
    .request = on_request, .not_secured = on_not_secured, .closed = on_closed};

static struct secured secured_open(struct host *host)
{
    struct secured secured = {.host = host, .cert = made_cert_new("a.test", true)};
    const struct tls_certificate certificate = {TEXT_INIT("arn:a"), secured.cert.chain_pem,
                                                secured.cert.key_pem};
    const struct tls_server_config config = {.policy = tls_policy_find(TLS_POLICY_DEFAULT),
                                             .certificates = &certificate,
                                             .certificate_count = 1};
    char why[256];

    server_free(host->server);
    host->server = server_new(host->wire.loop, &user);
    assert_int_equal(tls_server_new(&config, &secured.context, why, sizeof(why)), RC_OK);
    host->wire.stream = tls_stream_server(secured.context, host->wire.stream);
    return secured;
}

static void secured_start(struct secured *secured)
{
    assert_int_equal(server_accept(secured->host->server, secured->host->wire.stream,
                                   &secured->host->config, secured),
                     RC_OK);
}

static void secured_done(struct secured *secured)
{
    tls_server_free(secured->context);
    made_cert_done(&secured->cert);
}

TEST(server_shake, serves_requests_behind_the_handshake)
{
    struct host *host = *state_;
    struct secured secured = secured_open(host);
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(ctx);
    char answer[4096];

    secured_start(&secured);
    SSL_set_fd(ssl, host->wire.far);
    for (int i = 0; i < 20 && SSL_connect(ssl) != 1; i++) {
        wire_turn(&host->wire);
    }
    assert_true(SSL_is_init_finished(ssl));
    assert_int_equal(SSL_write(ssl, "GET /x HTTP/1.1\r\nHost: a\r\n\r\n", 28), 28);
    wire_turn(&host->wire);
    assert_int_equal(host->requests, 1);
    assert_text_equal(server_req_head(host->req)->path, TEXT("/x"));
    host_respond(host, 200, HTTP_LENGTH, 2);
    host_write_all(host, TEXT("ok"));
    host_end(host);
    server_req_finish(host->req);
    host->req = NULL;
    wire_turn(&host->wire);
    const int len = SSL_read(ssl, answer, sizeof(answer));
    assert_true(len > 0);
    assert_true(text_ends((struct text){answer, (size_t)len}, TEXT("\r\n\r\nok")));
    assert_int_equal(secured.not_secured, 0);
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    server_free(host->server);
    host->server = NULL;
    secured_done(&secured);
}

TEST(server_shake, answers_clear_text_with_400_in_clear_text)
{
    struct host *host = *state_;
    struct secured secured = secured_open(host);

    secured_start(&secured);
    wire_say(&host->wire, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    const struct text answer = host_hear(host);
    assert_true(text_starts(answer, TEXT("HTTP/1.1 400 Bad Request\r\nServer: awselb/2.0\r\n")));
    assert_true(host_contains(answer, "Connection: close"));
    assert_true(host_contains(answer, "<center><h1>400 Bad Request</h1></center>"));
    assert_true(host->wire.is_ended || host->wire.is_reset);
    assert_int_equal(host->requests, 0);
    assert_int_equal(host->closed, 1);
    assert_int_equal(secured.not_secured, 1);
    server_free(host->server);
    host->server = NULL;
    secured_done(&secured);
}

TEST(server_shake, gives_up_on_garbage)
{
    struct host *host = *state_;
    struct secured secured = secured_open(host);

    secured_start(&secured);
    wire_say(&host->wire, "SSH-2.0-OpenSSH_9.2\r\n");
    assert_int_equal(host->closed, 1);
    assert_int_equal(secured.not_secured, 1);
    server_free(host->server);
    host->server = NULL;
    secured_done(&secured);
}

#define HOST(name) cmocka_unit_test_setup_teardown(name, host_set_up, host_tear_down)
TESTS({
    HOST(server_shake__serves_requests_behind_the_handshake),
    HOST(server_shake__answers_clear_text_with_400_in_clear_text),
    HOST(server_shake__gives_up_on_garbage),
})
