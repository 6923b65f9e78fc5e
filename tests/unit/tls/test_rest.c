/* SPDX-License-Identifier: Apache-2.0 */
/* Streams at rest: whatever wakes them finds everything as it was. */
#include "test.h"

#include "certs.h"
#include "pair.h"

#include "base/limits.h"

struct rest {
    struct made_cert cert;
    struct tls_server *context;
    struct pair pair;
};

static void rest_open(struct rest *rest, int version)
{
    char why[256];

    rest->cert = made_cert_new("a.test", true);
    const struct tls_certificate certificate = {TEXT_INIT("arn:a"), rest->cert.chain_pem,
                                                rest->cert.key_pem};
    const struct text policy = TEXT_INIT("ELBSecurityPolicy-TLS13-1-2-2021-06");
    const struct tls_server_config config = {.policy = tls_policy_find(policy),
                                             .certificates = &certificate,
                                             .certificate_count = 1,
                                             .is_http2_offered = true};
    assert_int_equal(tls_server_new(&config, &rest->context, why, sizeof(why)), RC_OK);
    pair_open(&rest->pair, rest->context);
    assert_int_equal(SSL_set_max_proto_version(rest->pair.client, version), 1);
    assert_int_equal(SSL_set_alpn_protos(rest->pair.client, (const unsigned char *)"\x02h2", 3), 0);
}

static void rest_shake(struct rest *rest, int version)
{
    rest_open(rest, version);
    assert_int_equal(shake(&rest->pair), RC_OK);
}

static void rest_close(struct rest *rest)
{
    pair_close(&rest->pair);
    tls_server_free(rest->context);
    made_cert_done(&rest->cert);
}

static void lie_down(struct rest *rest)
{
    struct stream *stream = rest->pair.server;

    assert_true(tls_stream_can_rest(stream));
    tls_stream_rest(stream);
    assert_false(tls_stream_can_rest(stream));
}

/* Both ways: what the client says wakes the stream, and so does what is written to it at rest. */
static void assert_talks(struct rest *rest)
{
    struct pair *pair = &rest->pair;
    struct iovec part = {(void *)(uintptr_t) "pong", 4};
    char bytes[16];
    size_t len;

    assert_int_equal(SSL_write(pair->client, "ping", 4), 4);
    loop_turn(pair->loop, 0);
    assert_int_equal(stream_read(pair->server, bytes, sizeof(bytes), &len), RC_OK);
    assert_text_equal(((struct text){bytes, len}), TEXT("ping"));
    lie_down(rest);
    assert_int_equal(stream_write(pair->server, &part, 1, &len), RC_OK);
    assert_int_equal(len, 4);
    assert_int_equal(SSL_read(pair->client, bytes, sizeof(bytes)), 4);
    assert_memory_equal(bytes, "pong", 4);
}

TEST(tls_stream_rest, is_woken_by_bytes_either_way)
{
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

    for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
        struct rest rest;

        rest_shake(&rest, versions[i]);
        for (int round = 0; round < 50; round++) {
            lie_down(&rest);
            assert_talks(&rest);
        }
        rest_close(&rest);
    }
}

TEST(tls_stream_rest, survives_new_keys)
{
    struct rest rest;

    rest_shake(&rest, TLS1_3_VERSION);
    for (int round = 0; round < 5; round++) {
        lie_down(&rest);
        assert_int_equal(SSL_key_update(rest.pair.client, SSL_KEY_UPDATE_REQUESTED), 1);
        assert_talks(&rest);
    }
    rest_close(&rest);
}

/* The client's next record, as bytes. */
static int record_of(struct pair *pair, const char *words, unsigned char *into, int size)
{
    BIO *wire = SSL_get_wbio(pair->client);
    BIO *memory = BIO_new(BIO_s_mem());

    (void)BIO_up_ref(wire);
    SSL_set0_wbio(pair->client, memory);
    assert_int_equal(SSL_write(pair->client, words, (int)strlen(words)), (int)strlen(words));
    const int len = BIO_read(memory, into, size);
    SSL_set0_wbio(pair->client, wire);
    return len;
}

TEST(tls_stream_rest, keeps_a_record_that_came_in_part)
{
    struct rest rest;
    struct pair *pair = &rest.pair;
    unsigned char record[256];
    char bytes[64];
    size_t got;

    rest_shake(&rest, TLS1_3_VERSION);
    for (int cut = 1; cut < 30; cut++) {
        const int len = record_of(pair, "in two pieces", record, sizeof(record));
        assert_true(len > cut);
        assert_int_equal(write(pair->client_fd, record, (size_t)cut), cut);
        loop_turn(pair->loop, 0);
        assert_int_equal(stream_read(pair->server, bytes, sizeof(bytes), &got), RC_AGAIN);
        lie_down(&rest);
        assert_int_equal(write(pair->client_fd, record + cut, (size_t)(len - cut)), len - cut);
        loop_turn(pair->loop, 0);
        assert_int_equal(stream_read(pair->server, bytes, sizeof(bytes), &got), RC_OK);
        assert_text_equal(((struct text){bytes, got}), TEXT("in two pieces"));
    }
    rest_close(&rest);
}

TEST(tls_stream_rest, keeps_bytes_that_nobody_read_yet)
{
    struct rest rest;
    struct pair *pair = &rest.pair;
    char bytes[64];
    size_t got;

    rest_shake(&rest, TLS1_3_VERSION);
    assert_int_equal(SSL_write(pair->client, "first and second", 16), 16);
    loop_turn(pair->loop, 0);
    assert_int_equal(stream_read(pair->server, bytes, 5, &got), RC_OK);
    lie_down(&rest);
    assert_true(pair->server->is_readable);
    assert_int_equal(stream_read(pair->server, bytes, sizeof(bytes), &got), RC_OK);
    assert_text_equal(((struct text){bytes, got}), TEXT(" and second"));
    rest_close(&rest);
}

static void assert_ends(struct pair *pair)
{
    char bytes[16];

    assert_int_equal(SSL_read(pair->client, bytes, sizeof(bytes)), 0);
    assert_int_equal(SSL_get_error(pair->client, 0), SSL_ERROR_ZERO_RETURN); /* close_notify came */
}

TEST(tls_stream_rest, says_goodbye_when_it_is_closed_or_shut_down)
{
    struct rest rest;

    rest_shake(&rest, TLS1_3_VERSION);
    lie_down(&rest);
    stream_close(MOVE(rest.pair.server));
    assert_ends(&rest.pair);
    rest_close(&rest);

    rest_shake(&rest, TLS1_2_VERSION);
    lie_down(&rest);
    assert_int_equal(stream_shutdown(rest.pair.server), RC_OK);
    assert_ends(&rest.pair);
    rest_close(&rest);
}

TEST(tls_stream_rest, hears_the_client_leave)
{
    struct rest rest;
    char bytes[16];
    size_t len;

    rest_shake(&rest, TLS1_3_VERSION);
    lie_down(&rest);
    assert_true(SSL_shutdown(rest.pair.client) >= 0);
    loop_turn(rest.pair.loop, 0);
    assert_int_equal(stream_read(rest.pair.server, bytes, sizeof(bytes), &len), RC_END);
    rest_close(&rest);

    rest_shake(&rest, TLS1_3_VERSION);
    lie_down(&rest);
    assert_int_equal(shutdown(rest.pair.client_fd, SHUT_WR), 0); /* without a word */
    loop_turn(rest.pair.loop, 0);
    assert_int_equal(stream_read(rest.pair.server, bytes, sizeof(bytes), &len), RC_IO);
    tls_stream_rest(rest.pair.server); /* at most to be freed */
    rest_close(&rest);
}

TEST(tls_stream_rest, can_be_asked_about)
{
    struct rest rest;

    rest_shake(&rest, TLS1_3_VERSION);
    lie_down(&rest);
    assert_text_equal(tls_stream_version(rest.pair.server), TEXT("TLSv1.3"));
    lie_down(&rest);
    assert_true(tls_stream_is_http2(rest.pair.server));
    lie_down(&rest);
    assert_int_equal(tls_stream_handshake(rest.pair.server), RC_OK);
    assert_text_equal(tls_stream_cert_arn(rest.pair.server), TEXT("arn:a"));
    rest_close(&rest);
}

TEST(tls_stream_rest, is_not_for_handshakes_nor_for_bytes_that_wait_for_room)
{
    static char block[64 * 1024];
    struct iovec part = {block, sizeof(block)};
    struct rest rest;
    struct pair *pair = &rest.pair;
    size_t len;
    enum rc rc;

    rest_open(&rest, TLS1_3_VERSION);
    (void)SSL_do_handshake(pair->client);
    loop_turn(pair->loop, 0);
    assert_int_equal(tls_stream_handshake(pair->server), RC_AGAIN);
    tls_stream_rest(pair->server);
    assert_true(tls_stream_can_rest(pair->server)); /* it did not, and may later */
    assert_int_equal(shake(pair), RC_OK);
    do {
        rc = stream_write(pair->server, &part, 1, &len);
    } while (rc == RC_OK);
    assert_int_equal(rc, RC_AGAIN);
    tls_stream_rest(pair->server);
    assert_true(tls_stream_can_rest(pair->server));
    rest_close(&rest);
}

/* More of them than crates are kept for, at once and one after the other. */
TEST(tls_stream_rest, comes_and_goes_with_its_connection)
{
    enum { COUNT = 40 };
    struct rest rest;
    static struct pair pairs[COUNT];

    rest_shake(&rest, TLS1_3_VERSION);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < COUNT; i++) {
            pair_open(&pairs[i], rest.context);
            assert_int_equal(shake(&pairs[i]), RC_OK);
            tls_stream_rest(pairs[i].server);
            assert_false(tls_stream_can_rest(pairs[i].server));
        }
        for (int i = 0; i < COUNT; i++) {
            pair_close(&pairs[i]);
        }
    }
    assert_talks(&rest);
    rest_close(&rest);
    tls_memory_done();
}

TESTS({
    CASE(tls_stream_rest__is_woken_by_bytes_either_way),
    CASE(tls_stream_rest__survives_new_keys),
    CASE(tls_stream_rest__keeps_a_record_that_came_in_part),
    CASE(tls_stream_rest__keeps_bytes_that_nobody_read_yet),
    CASE(tls_stream_rest__says_goodbye_when_it_is_closed_or_shut_down),
    CASE(tls_stream_rest__hears_the_client_leave),
    CASE(tls_stream_rest__can_be_asked_about),
    CASE(tls_stream_rest__is_not_for_handshakes_nor_for_bytes_that_wait_for_room),
    CASE(tls_stream_rest__comes_and_goes_with_its_connection),
})
