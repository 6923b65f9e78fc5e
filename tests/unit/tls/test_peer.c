/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/mem.h"
#include "certs.h"
#include "pair.h"
#include "tls/peer.h"

#include <openssl/pem.h>

struct world {
    struct made_cert server, ca, client, old, stranger;
    struct text crl;
    struct tls_trust *trust, *revoking;
};

static struct tls_trust *trust_of(const struct world *world, struct text crl)
{
    struct tls_trust *trust = NULL;
    char why[256];

    assert_int_equal(tls_trust_new(world->ca.chain_pem, crl, &trust, why, sizeof(why)), RC_OK);
    return trust;
}

static int set_up(void **state)
{
    struct world *world = MEM_NEW(struct world);

    world->server = made_cert_new("a.test", true);
    world->ca = made_ca_new();
    world->client = made_cert_issued(&world->ca, "client", 10);
    world->old = made_cert_issued(&world->ca, "old client", -1);
    world->stranger = made_cert_new("stranger", true);
    world->crl = made_crl_new(&world->ca, &world->client);
    world->trust = trust_of(world, TEXT(""));
    world->revoking = trust_of(world, world->crl);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;

    made_cert_done(&world->server);
    made_cert_done(&world->ca);
    made_cert_done(&world->client);
    made_cert_done(&world->old);
    made_cert_done(&world->stranger);
    mem_give((void *)(uintptr_t)world->crl.at);
    tls_trust_free(world->trust);
    tls_trust_free(world->revoking);
    mem_give(world);
    return 0;
}

static struct tls_server *context_of(const struct world *world, struct tls_server_config config)
{
    const struct tls_certificate certificate = {TEXT_INIT("arn:a"), world->server.chain_pem,
                                                world->server.key_pem};
    struct tls_server *context = NULL;
    char why[256];

    config.policy = tls_policy_find(TLS_POLICY_DEFAULT);
    config.certificates = &certificate;
    config.certificate_count = 1;
    assert_int_equal(tls_server_new(&config, &context, why, sizeof(why)), RC_OK);
    return context;
}

static void show(struct pair *pair, const struct made_cert *cert)
{
    BIO *pem = BIO_new_mem_buf(cert->chain_pem.at, (int)cert->chain_pem.len);
    X509 *leaf = PEM_read_bio_X509(pem, NULL, NULL, NULL);
    BIO_free(pem);
    pem = BIO_new_mem_buf(cert->key_pem.at, (int)cert->key_pem.len);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(pem, NULL, NULL, NULL);
    BIO_free(pem);

    assert_int_equal(SSL_use_certificate(pair->client, leaf), 1);
    assert_int_equal(SSL_use_PrivateKey(pair->client, key), 1);
    X509_free(leaf);
    EVP_PKEY_free(key);
}

/* Shakes hands with a client that shows `cert` (NULL: none); `refusal` NULL means it is welcome. */
static void assert_verdict(const struct world *world, struct tls_server_config config,
                           const struct made_cert *cert, const char *refusal)
{
    struct tls_server *context = context_of(world, config);
    struct pair pair;

    pair_open(&pair, context);
    if (cert) {
        show(&pair, cert);
    }
    assert_int_equal(shake(&pair), refusal ? RC_BAD : RC_OK);
    if (refusal) {
        assert_int_equal(tls_stream_trouble(pair.server), TLS_CLIENT_CERT);
        assert_string_equal(tls_peer_refusal(pair.server), refusal);
    }
    pair_close(&pair);
    tls_server_free(context);
}

TEST(tls_peer, is_verified_against_the_trust_store)
{
    const struct world *world = *state_;
    const struct tls_server_config verify = {.client_auth = TLS_AUTH_VERIFY, .trust = world->trust};
    struct tls_server_config forgiving = verify;
    struct tls_server_config revoking = verify;

    forgiving.ignores_expiry = true;
    revoking.trust = world->revoking;
    assert_verdict(world, verify, &world->client, NULL);
    assert_verdict(world, verify, &world->stranger, "ClientCertUntrusted");
    assert_verdict(world, verify, &world->old, "ClientCertExpired");
    assert_verdict(world, forgiving, &world->old, NULL);
    assert_verdict(world, revoking, &world->client, "ClientCertCrlHit");
    assert_verdict(world, verify, NULL, "UnmappedConnectionError");
}

TEST(tls_peer, passes_through_whoever_shows_up)
{
    const struct world *world = *state_;
    const struct tls_server_config passthrough = {.client_auth = TLS_AUTH_PASSTHROUGH};

    assert_verdict(world, passthrough, &world->stranger, NULL);
    assert_verdict(world, passthrough, NULL, NULL);
}

TEST(tls_peer, is_told_in_the_forms_of_alb)
{
    const struct world *world = *state_;
    struct tls_server *context = context_of(
        world, (struct tls_server_config){.client_auth = TLS_AUTH_VERIFY, .trust = world->trust});
    struct arena *arena = arena_new(4096, 1 << 20);
    struct pair pair;
    struct tls_peer peer;

    pair_open(&pair, context);
    show(&pair, &world->client);
    assert_int_equal(shake(&pair), RC_OK);
    assert_int_equal(tls_peer_read(pair.server, arena, &peer), RC_OK);
    assert_text_equal(peer.serial, TEXT("03A5B1"));
    assert_text_equal(peer.subject, TEXT("CN=client"));
    assert_text_equal(peer.issuer, TEXT("CN=test ca"));
    assert_true(text_starts(peer.validity, TEXT("NotBefore=20")));
    assert_true(text_starts(peer.leaf, TEXT("-----BEGIN%20CERTIFICATE-----%0AMI")));
    assert_text_equal(peer.chain, peer.leaf);
    assert_true(text_find(peer.leaf, '\n') == peer.leaf.len);
    pair_close(&pair);
    arena_free(arena);
    tls_server_free(context);
}

TEST(tls_trust, names_what_cannot_be_read)
{
    const struct world *world = *state_;
    struct tls_trust *trust = NULL;
    char why[256] = "";

    assert_int_equal(tls_trust_new(TEXT("nothing"), TEXT(""), &trust, why, sizeof(why)), RC_BAD);
    assert_string_equal(why, "the trust store's bundle holds no certificate");
    assert_int_equal(tls_trust_new(world->ca.chain_pem, TEXT("nothing"), &trust, why, sizeof(why)),
                     RC_BAD);
    assert_string_equal(why, "a revocation list of the trust store cannot be read");
}

#define WORLD(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
TESTS({
    WORLD(tls_peer__is_verified_against_the_trust_store),
    WORLD(tls_peer__passes_through_whoever_shows_up),
    WORLD(tls_peer__is_told_in_the_forms_of_alb),
    WORLD(tls_trust__names_what_cannot_be_read),
})
