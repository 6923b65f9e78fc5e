/* SPDX-License-Identifier: Apache-2.0 */
/* A server stream of ours against OpenSSL itself as the client, over a socket pair. */
#include "test.h"

#include "certs.h"
#include "pair.h"

static const unsigned char ticket_keys[2][TLS_TICKET_KEY_BYTES] = {"new key 16 bytes",
                                                                   "old key 16 bytes"};

static struct tls_server *make_context(const struct made_cert *certs, const char *const *arns,
                                       size_t count, const char *policy, size_t first_key)
{
    struct tls_certificate list[4];
    struct tls_server *context = NULL;
    char why[256];

    for (size_t i = 0; i < count; i++) {
        list[i] = (struct tls_certificate){text_of(arns[i]), certs[i].chain_pem, certs[i].key_pem};
    }
    const struct tls_server_config config = {
        .policy = tls_policy_find(text_of(policy)),
        .certificates = list,
        .certificate_count = count,
        .ticket_keys = ticket_keys + first_key,
        .ticket_key_count = 2 - first_key,
        .is_http2_offered = true,
    };
    assert_int_equal(tls_server_new(&config, &context, why, sizeof(why)), RC_OK);
    return context;
}

TEST(tls_stream, carries_bytes_both_ways_and_ends_in_order)
{
    const struct made_cert cert = made_cert_new("a.test", true);
    const char *arn = "arn:a";
    struct tls_server *context = make_context(&cert, &arn, 1, "ELBSecurityPolicy-2016-08", 0);
    struct pair pair;
    char bytes[64];
    size_t len = 0;

    pair_open(&pair, context);
    assert_int_equal(shake(&pair), RC_OK);
    assert_int_equal(SSL_write(pair.client, "ping", 4), 4);
    loop_turn(pair.loop, 0);
    assert_int_equal(stream_read(pair.server, bytes, sizeof(bytes), &len), RC_OK);
    assert_text_equal(((struct text){bytes, len}), TEXT("ping"));
    assert_int_equal(stream_read(pair.server, bytes, sizeof(bytes), &len), RC_AGAIN);

    struct iovec parts[] = {{(void *)(uintptr_t) "po", 2}, {(void *)(uintptr_t) "ng", 2}};
    assert_int_equal(stream_write(pair.server, parts, 2, &len), RC_OK);
    assert_int_equal(len, 4);
    assert_int_equal(SSL_read(pair.client, bytes, sizeof(bytes)), 4); /* one record */
    assert_memory_equal(bytes, "pong", 4);

    assert_true(SSL_shutdown(pair.client) >= 0);
    loop_turn(pair.loop, 0);
    assert_int_equal(stream_read(pair.server, bytes, sizeof(bytes), &len), RC_END);
    pair_close(&pair);
    tls_server_free(context);
    struct made_cert done = cert;
    made_cert_done(&done);
}

TEST(tls_stream, holds_back_a_client_that_does_not_read)
{
    struct made_cert cert = made_cert_new("a.test", true);
    const char *arn = "arn:a";
    struct tls_server *context = make_context(&cert, &arn, 1, "ELBSecurityPolicy-2016-08", 0);
    struct pair pair;
    static char block[256 * 1024];
    struct iovec part = {block, sizeof(block)};
    size_t sent = 0;
    size_t len;
    enum rc rc = RC_OK;

    pair_open(&pair, context);
    assert_int_equal(shake(&pair), RC_OK);
    memset(block, 'x', sizeof(block));
    for (int i = 0; i < 1000 && rc == RC_OK; i++) {
        rc = stream_write(pair.server, &part, 1, &len);
        sent += rc == RC_OK ? len : 0;
    }
    assert_int_equal(rc, RC_AGAIN);
    assert_false(pair.server->is_writable);

    size_t received = 0;
    for (int i = 0; i < 100000 && received < sent; i++) {
        static char into[65536];
        const int got = SSL_read(pair.client, into, sizeof(into));
        received += got > 0 ? (size_t)got : 0;
        loop_turn(pair.loop, 0); /* an edge flushes what waits */
    }
    assert_int_equal(received, sent);
    assert_true(pair.server->is_writable);
    pair_close(&pair);
    tls_server_free(context);
    made_cert_done(&cert);
}

/* A record that is alone leaves at once, and what the socket does not take of it waits. */
TEST(tls_stream, small_records_keep_their_order_when_the_socket_is_full)
{
    struct made_cert cert = made_cert_new("a.test", true);
    const char *arn = "arn:a";
    struct tls_server *context = make_context(&cert, &arn, 1, "ELBSecurityPolicy-2016-08", 0);
    struct pair pair;
    uint32_t block[250];
    struct iovec part = {block, sizeof(block)};
    uint32_t sent = 0, received = 0;
    int fills = 0;
    size_t len;

    pair_open(&pair, context);
    assert_int_equal(shake(&pair), RC_OK);
    for (int turn = 0; turn < 100000 && (fills < 5 || received < sent); turn++) {
        block[0] = sent;
        if (fills < 5 && stream_write(pair.server, &part, 1, &len) == RC_OK) {
            assert_int_equal(len, sizeof(block));
            sent++;
            continue;
        }
        fills++;
        while (SSL_read(pair.client, block, sizeof(block)) == sizeof(block)) {
            assert_int_equal(block[0], received++);
        }
        loop_turn(pair.loop, 0);
    }
    assert_true(sent > 100);
    assert_int_equal(received, sent);
    pair_close(&pair);
    tls_server_free(context);
    made_cert_done(&cert);
}

static void assert_chosen(struct tls_server *context, const char *sni, const char *sigalgs,
                          const char *arn)
{
    struct pair pair;

    pair_open(&pair, context);
    if (sni) {
        assert_int_equal(SSL_set_tlsext_host_name(pair.client, sni), 1);
    }
    if (sigalgs) {
        assert_int_equal(SSL_set1_sigalgs_list(pair.client, sigalgs), 1);
    }
    assert_int_equal(shake(&pair), RC_OK);
    assert_text_equal(tls_stream_cert_arn(pair.server), text_of(arn));
    pair_close(&pair);
}

TEST(tls_stream, chooses_the_certificate_as_alb_does)
{
    struct made_cert certs[] = {
        made_cert_new("standard.test", false), made_cert_new("www.a.test,*.b.test", false),
        made_cert_new("www.a.test", true), made_cert_new("x.b.test", false)};
    const char *arns[] = {"arn:standard", "arn:rsa", "arn:ecdsa", "arn:exact"};
    struct tls_server *context = make_context(certs, arns, 4, "ELBSecurityPolicy-2016-08", 0);

    assert_chosen(context, NULL, NULL, "arn:standard");
    assert_chosen(context, "unknown.test", NULL, "arn:standard");
    assert_chosen(context, "www.a.test", NULL, "arn:ecdsa");
    assert_chosen(context, "WWW.A.test", "RSA-PSS+SHA256:RSA+SHA256", "arn:rsa");
    assert_chosen(context, "any.b.test", NULL, "arn:rsa");
    assert_chosen(context, "x.b.test", NULL, "arn:exact");
    assert_chosen(context, "two.labels.b.test", NULL, "arn:standard");
    tls_server_free(context);
    for (size_t i = 0; i < ARRAY_LEN(certs); i++) {
        made_cert_done(&certs[i]);
    }
}

TEST(tls_stream, chooses_an_unexpired_certificate_before_a_better_one)
{
    struct made_cert ca = made_ca_new();
    struct made_cert certs[] = {made_cert_new("standard.test", false),
                                made_cert_issued(&ca, "a.test", -1),
                                made_cert_issued(&ca, "a.test", 10)};
    const char *arns[] = {"arn:standard", "arn:expired", "arn:short"};
    struct tls_server *context = make_context(certs, arns, 3, "ELBSecurityPolicy-2016-08", 0);

    assert_chosen(context, "a.test", NULL, "arn:short");
    tls_server_free(context);
    context = make_context(certs, arns, 2, "ELBSecurityPolicy-2016-08", 0);
    assert_chosen(context, "a.test", NULL, "arn:expired");
    tls_server_free(context);
    for (size_t i = 0; i < ARRAY_LEN(certs); i++) {
        made_cert_done(&certs[i]);
    }
    made_cert_done(&ca);
}

TEST(tls_stream, agrees_on_http2_only_with_who_offers_it)
{
    struct made_cert cert = made_cert_new("a.test", true);
    const char *arn = "arn:a";
    struct tls_server *context = make_context(&cert, &arn, 1, "ELBSecurityPolicy-2016-08", 0);
    struct pair pair;

    pair_open(&pair, context);
    (void)SSL_set_alpn_protos(pair.client, (const unsigned char *)"\x02h2\x08http/1.1", 12);
    assert_int_equal(shake(&pair), RC_OK);
    assert_true(tls_stream_is_http2(pair.server));
    pair_close(&pair);

    pair_open(&pair, context);
    (void)SSL_set_alpn_protos(pair.client, (const unsigned char *)"\x08http/1.1", 9);
    assert_int_equal(shake(&pair), RC_OK);
    assert_false(tls_stream_is_http2(pair.server));
    pair_close(&pair);
    tls_server_free(context);
    made_cert_done(&cert);
}

/* A byte from the server; tickets come along. */
static void hear(struct pair *pair)
{
    struct iovec part = {(void *)(uintptr_t) "x", 1};
    size_t len;
    char byte;

    assert_int_equal(stream_write(pair->server, &part, 1, &len), RC_OK);
    assert_int_equal(SSL_read(pair->client, &byte, 1), 1);
}

/* Handshakes once, keeps the session, handshakes again with another context. */
static bool resumes(struct tls_server *first, struct tls_server *second, int version)
{
    struct pair pair;

    pair_open(&pair, first);
    (void)SSL_set_max_proto_version(pair.client, version);
    assert_int_equal(shake(&pair), RC_OK);
    hear(&pair);
    SSL_SESSION *session = SSL_get1_session(pair.client);
    (void)SSL_shutdown(pair.client);
    pair_close(&pair);

    pair_open(&pair, second);
    (void)SSL_set_max_proto_version(pair.client, version);
    assert_int_equal(SSL_set_session(pair.client, session), 1);
    assert_int_equal(shake(&pair), RC_OK);
    const bool resumed = tls_stream_is_resumed(pair.server);
    assert_int_equal(SSL_session_reused(pair.client), resumed);
    pair_close(&pair);
    SSL_SESSION_free(session);
    return resumed;
}

TEST(tls_stream, resumes_sessions_of_another_node_and_of_an_older_key)
{
    struct made_cert cert = made_cert_new("a.test", true);
    const char *arn = "arn:a";
    const char *policy = "ELBSecurityPolicy-TLS13-1-2-2021-06";
    struct tls_server *here = make_context(&cert, &arn, 1, policy, 0);
    struct tls_server *there = make_context(&cert, &arn, 1, policy, 0);
    struct tls_server *before = make_context(&cert, &arn, 1, policy, 1); /* has the old key only */

    assert_true(resumes(here, there, TLS1_3_VERSION));
    assert_true(resumes(here, there, TLS1_2_VERSION));
    assert_true(resumes(before, here, TLS1_3_VERSION));
    assert_false(resumes(here, before, TLS1_3_VERSION));
    tls_server_free(here);
    tls_server_free(there);
    tls_server_free(before);
    made_cert_done(&cert);
}

static bool is_same_ticket(const SSL_SESSION *a, const SSL_SESSION *b)
{
    const unsigned char *bytes[2];
    size_t lens[2];

    SSL_SESSION_get0_ticket(a, &bytes[0], &lens[0]);
    SSL_SESSION_get0_ticket(b, &bytes[1], &lens[1]);
    return lens[0] == lens[1] && memcmp(bytes[0], bytes[1], lens[0]) == 0;
}

/* RFC 8446 §C.4: clients use a ticket once. */
TEST(tls_stream, a_resumed_session_gets_a_ticket_for_the_next_time)
{
    struct made_cert cert = made_cert_new("a.test", true);
    const char *arn = "arn:a";
    struct tls_server *context =
        make_context(&cert, &arn, 1, "ELBSecurityPolicy-TLS13-1-2-2021-06", 0);
    struct pair pair;
    SSL_SESSION *session = NULL;

    for (int i = 0; i < 3; i++) {
        pair_open(&pair, context);
        if (session) {
            assert_int_equal(SSL_set_session(pair.client, session), 1);
        }
        assert_int_equal(shake(&pair), RC_OK);
        assert_int_equal(tls_stream_is_resumed(pair.server), i > 0);
        hear(&pair);
        SSL_SESSION *next = SSL_get1_session(pair.client);
        assert_false(session && is_same_ticket(session, next));
        SSL_SESSION_free(session);
        session = next;
        (void)SSL_shutdown(pair.client);
        pair_close(&pair);
    }
    SSL_SESSION_free(session);
    tls_server_free(context);
    made_cert_done(&cert);
}

/* Who takes no tickets has nothing to resume: there is no cache behind session ids. */
TEST(tls_stream, tells_no_session_id_to_a_client_without_tickets)
{
    struct made_cert cert = made_cert_new("a.test", true);
    const char *arn = "arn:a";
    struct tls_server *context = make_context(&cert, &arn, 1, "ELBSecurityPolicy-2016-08", 0);
    struct pair pair;
    unsigned len = 1;

    pair_open(&pair, context);
    (void)SSL_set_options(pair.client, SSL_OP_NO_TICKET);
    assert_int_equal(shake(&pair), RC_OK);
    (void)SSL_SESSION_get_id(SSL_get_session(pair.client), &len);
    assert_int_equal(len, 0);
    assert_int_equal(SSL_SESSION_is_resumable(SSL_get_session(pair.client)), 0);
    pair_close(&pair);
    tls_server_free(context);
    made_cert_done(&cert);
}

static bool is_silent(const struct pair *pair)
{
    char byte;

    return recv(pair->client_fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0;
}

/* The client's Finished, with or without a request behind it. */
static void finish_handshake(struct pair *pair, bool asks)
{
    assert_int_equal(SSL_do_handshake(pair->client), -1);
    assert_int_equal(tls_stream_handshake(pair->server), RC_AGAIN);
    assert_int_equal(SSL_do_handshake(pair->client), 1);
    if (asks) {
        assert_int_equal(SSL_write(pair->client, "ask", 3), 3);
    }
    loop_turn(pair->loop, 0);
    assert_int_equal(tls_stream_handshake(pair->server), RC_OK);
}

TEST(tls_stream, sends_tickets_with_the_answer_to_a_request_that_came_along)
{
    struct made_cert cert = made_cert_new("a.test", true);
    const char *arn = "arn:a";
    struct tls_server *context =
        make_context(&cert, &arn, 1, "ELBSecurityPolicy-TLS13-1-2-2021-06", 0);
    struct pair pair;
    char bytes[8];
    size_t len = 0;

    pair_open(&pair, context);
    finish_handshake(&pair, true);
    assert_true(pair.server->is_writable);
    assert_int_equal(stream_read(pair.server, bytes, sizeof(bytes), &len), RC_OK);
    assert_int_equal(len, 3);
    assert_true(is_silent(&pair));
    hear(&pair);
    assert_true(SSL_SESSION_has_ticket(SSL_get0_session(pair.client)));
    pair_close(&pair);

    pair_open(&pair, context); /* without one, nothing is worth waiting for */
    finish_handshake(&pair, false);
    assert_false(is_silent(&pair));
    pair_close(&pair);

    tls_server_free(context);
    made_cert_done(&cert);
}

TEST(tls_stream, says_its_last_words_together)
{
    struct made_cert cert = made_cert_new("a.test", true);
    const char *arn = "arn:a";
    struct tls_server *context = make_context(&cert, &arn, 1, "ELBSecurityPolicy-2016-08", 0);

    for (int i = 0; i < 2; i++) {
        struct iovec part = {(void *)(uintptr_t) "last", 4};
        struct pair pair;
        char bytes[8];
        size_t len;

        pair_open(&pair, context);
        assert_int_equal(shake(&pair), RC_OK);
        hear(&pair);
        pair.server->is_closing = true;
        assert_int_equal(stream_write(pair.server, &part, 1, &len), RC_OK);
        assert_int_equal(len, 4);
        assert_true(is_silent(&pair));
        if (i == 0) {
            stream_close(MOVE(pair.server));
        } else {
            assert_int_equal(stream_shutdown(pair.server), RC_OK);
        }
        assert_int_equal(SSL_read(pair.client, bytes, sizeof(bytes)), 4);
        assert_memory_equal(bytes, "last", 4);
        assert_int_equal(SSL_read(pair.client, bytes, sizeof(bytes)), 0);
        assert_int_equal(SSL_get_shutdown(pair.client), SSL_RECEIVED_SHUTDOWN); /* close_notify */
        pair_close(&pair);
    }
    tls_server_free(context);
    made_cert_done(&cert);
}

TEST(tls_stream, a_connection_that_is_cut_off_is_told_from_a_failed_handshake)
{
    struct made_cert cert = made_cert_new("a.test", true);
    const char *arn = "arn:a";
    struct tls_server *context =
        make_context(&cert, &arn, 1, "ELBSecurityPolicy-TLS13-1-2-2021-06", 0);
    struct pair pair;
    char bytes[64];
    size_t len;

    for (int is_garbled = 0; is_garbled < 2; is_garbled++) {
        pair_open(&pair, context);
        assert_int_equal(shake(&pair), RC_OK);
        if (is_garbled) {
            assert_int_equal(write(pair.client_fd, "\x17\x03\x03\x00\x12not what was sealed", 24),
                             24);
        }
        assert_int_equal(shutdown(pair.client_fd, SHUT_WR), 0); /* without close_notify */
        loop_turn(pair.loop, 0);
        assert_int_equal(stream_read(pair.server, bytes, sizeof(bytes), &len), RC_IO);
        assert_int_equal(tls_stream_trouble(pair.server), TLS_CUT);
        assert_int_equal(stream_read(pair.server, bytes, sizeof(bytes), &len), RC_IO);
        pair_close(&pair);
    }
    tls_server_free(context);
    made_cert_done(&cert);
}

TEST(tls_stream, knows_clear_text_http_when_it_sees_it)
{
    struct made_cert cert = made_cert_new("a.test", true);
    const char *arn = "arn:a";
    struct tls_server *context = make_context(&cert, &arn, 1, "ELBSecurityPolicy-2016-08", 0);
    struct pair pair;
    char bytes[64];
    size_t len;

    pair_open(&pair, context);
    assert_int_equal(write(pair.client_fd, "GET / HTTP/1.1\r\n\r\n", 18), 18);
    loop_turn(pair.loop, 0);
    assert_int_equal(stream_read(pair.server, bytes, sizeof(bytes), &len), RC_BAD);
    assert_int_equal(tls_stream_trouble(pair.server), TLS_SPOKE_HTTP);
    pair_close(&pair);
    tls_server_free(context);
    made_cert_done(&cert);
}

TEST(tls_stream, refuses_versions_that_the_policy_does_not_have)
{
    struct made_cert cert = made_cert_new("a.test", true);
    const char *arn = "arn:a";
    struct tls_server *context =
        make_context(&cert, &arn, 1, "ELBSecurityPolicy-TLS13-1-3-2021-06", 0);
    struct pair pair;

    pair_open(&pair, context);
    (void)SSL_set_max_proto_version(pair.client, TLS1_2_VERSION);
    assert_int_equal(shake(&pair), RC_BAD);
    assert_int_equal(tls_stream_trouble(pair.server), TLS_HANDSHAKE);
    pair_close(&pair);
    tls_server_free(context);
    made_cert_done(&cert);
}

TEST(tls_server, names_a_key_that_does_not_fit)
{
    struct made_cert cert = made_cert_new("a.test", true);
    struct made_cert other = made_cert_new("a.test", true);
    const struct tls_certificate wrong = {TEXT("arn:x"), cert.chain_pem, other.key_pem};
    const struct tls_server_config config = {.policy = tls_policy_find(TLS_POLICY_DEFAULT),
                                             .certificates = &wrong,
                                             .certificate_count = 1};
    struct tls_server *context = NULL;
    char why[256] = "";

    assert_int_equal(tls_server_new(&config, &context, why, sizeof(why)), RC_BAD);
    assert_non_null(strstr(why, "arn:x"));
    assert_non_null(strstr(why, "does not belong"));
    made_cert_done(&cert);
    made_cert_done(&other);
}

TESTS({
    CASE(tls_stream__carries_bytes_both_ways_and_ends_in_order),
    CASE(tls_stream__holds_back_a_client_that_does_not_read),
    CASE(tls_stream__small_records_keep_their_order_when_the_socket_is_full),
    CASE(tls_stream__chooses_the_certificate_as_alb_does),
    CASE(tls_stream__chooses_an_unexpired_certificate_before_a_better_one),
    CASE(tls_stream__agrees_on_http2_only_with_who_offers_it),
    CASE(tls_stream__resumes_sessions_of_another_node_and_of_an_older_key),
    CASE(tls_stream__a_resumed_session_gets_a_ticket_for_the_next_time),
    CASE(tls_stream__tells_no_session_id_to_a_client_without_tickets),
    CASE(tls_stream__sends_tickets_with_the_answer_to_a_request_that_came_along),
    CASE(tls_stream__says_its_last_words_together),
    CASE(tls_stream__a_connection_that_is_cut_off_is_told_from_a_failed_handshake),
    CASE(tls_stream__knows_clear_text_http_when_it_sees_it),
    CASE(tls_stream__refuses_versions_that_the_policy_does_not_have),
    CASE(tls_server__names_a_key_that_does_not_fit),
})
