/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/context.h"

#include "base/mem.h"
#include "tls/choose.h"
#include "tls/client_auth.h"
#include "tls/internal.h"
#include "tls/provider.h"
#include "tls/ticket.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>

struct tls_server {
    unsigned refs; /* of one thread: no atomics */
    SSL_CTX *first;
    struct tls_chooser *chooser; /* own */
    struct tls_tickets *tickets; /* own; NULL: no resumption */
    BIO_METHOD *bio_method;      /* own */
    struct tls_crates crates;    /* own: for its streams' SSL objects */
    bool is_http2_offered;
};

struct tls_client {
    SSL_CTX *ctx;           /* own */
    BIO_METHOD *bio_method; /* own */
};

static enum rc say(char *why, size_t why_size, const char *what, struct text arn)
{
    char detail[160] = "";
    const unsigned long code = ERR_peek_last_error();

    if (code) {
        ERR_error_string_n(code, detail, sizeof(detail));
        ERR_clear_error();
    }
    (void)snprintf(why, why_size, "certificate '%.*s': %s%s%s", TEXT_ARG(arn), what,
                   detail[0] ? ": " : "", detail);
    return RC_BAD;
}

/* ---- settings that every context of ours has ------------------------------------------------ */

static void set_ciphers(SSL_CTX *ctx, const struct tls_policy *policy)
{
    const char *names[TLS_CIPHERS_MAX];
    const size_t count = tls_policy_ciphers(policy, names);
    char tls13[512] = "";
    char older[1024] = "";

    for (size_t i = 0; i < count; i++) {
        char *list = strncmp(names[i], "TLS_", 4) == 0 ? tls13 : older;
        const size_t size = list == tls13 ? sizeof(tls13) : sizeof(older);
        const size_t used = strlen(list);
        (void)snprintf(list + used, size - used, "%s%s", used ? ":" : "", names[i]);
    }
    /* TLS 1.0 and 1.1 sign with SHA-1, which OpenSSL 3 takes only at level 0. AWS's older policies
     * are just that old; newer ones keep the library's own floor. */
    const size_t used = strlen(older);
    (void)snprintf(older + used, sizeof(older) - used, "%s",
                   policy->oldest < 2 ? ":@SECLEVEL=0" : ":@SECLEVEL=1");
    (void)SSL_CTX_set_ciphersuites(ctx, tls13);
    (void)SSL_CTX_set_cipher_list(ctx, older); /* suites that the library lacks are left out */
}

static SSL_CTX *new_ctx(const SSL_METHOD *method, const struct tls_policy *policy)
{
    static const int versions[] = {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION};
    SSL_CTX *ctx = SSL_CTX_new_ex(NULL, TLS_PROPERTIES, method);

    ASSERT(ctx != NULL);
    (void)SSL_CTX_set_min_proto_version(ctx, versions[policy->oldest]);
    (void)SSL_CTX_set_max_proto_version(ctx, versions[policy->newest]);
    SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    /* Memory by need: an idle connection holds no record buffer. */
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                              SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(ctx, 1); /* a record's head and body in one read */
    set_ciphers(ctx, policy);
    (void)SSL_CTX_set1_groups_list(ctx, tls_policy_is_pq(policy)
                                            ? "X25519MLKEM768:SecP256r1MLKEM768:"
                                              "SecP384r1MLKEM1024:X25519:P-256:P-384:P-521"
                                            : "X25519:P-256:P-384:P-521");
    return ctx;
}

/* ---- certificates --------------------------------------------------------------------------- */

static enum rc use_key(SSL_CTX *ctx, const struct tls_certificate *cert, char *why, size_t why_size)
{
    BIO *pem = BIO_new_mem_buf(cert->key_pem.at, (int)cert->key_pem.len);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(pem, NULL, NULL, NULL);

    BIO_free(pem);
    if (!key) {
        return say(why, why_size, "the private key cannot be read", cert->arn);
    }
    const int ok = SSL_CTX_use_PrivateKey(ctx, key);
    EVP_PKEY_free(key);
    if (ok != 1) {
        return say(why, why_size, "the private key does not belong to it", cert->arn);
    }
    return RC_OK;
}

static enum rc use_chain(SSL_CTX *ctx, const struct tls_certificate *cert, char *why,
                         size_t why_size)
{
    BIO *pem = BIO_new_mem_buf(cert->chain_pem.at, (int)cert->chain_pem.len);
    X509 *leaf = PEM_read_bio_X509(pem, NULL, NULL, NULL);
    const int ok = leaf && SSL_CTX_use_certificate(ctx, leaf) == 1;

    X509_free(leaf);
    if (!ok) {
        BIO_free(pem);
        return say(why, why_size, "it cannot be read", cert->arn);
    }
    for (X509 *next; (next = PEM_read_bio_X509(pem, NULL, NULL, NULL)) != NULL;) {
        if (SSL_CTX_add0_chain_cert(ctx, next) != 1) {
            X509_free(next);
            break;
        }
    }
    ERR_clear_error(); /* the end of the bundle is told as an error */
    BIO_free(pem);
    return RC_OK;
}

/* RFC 9113 §9.2: TLS 1.2 at least, an ephemeral key exchange and an AEAD suite. For the others
 * clients may end the connection. */
static bool suits_http2(SSL *ssl)
{
    const SSL_CIPHER *suite = SSL_get_pending_cipher(ssl);

    return SSL_version(ssl) >= TLS1_2_VERSION && suite && SSL_CIPHER_is_aead(suite) &&
           SSL_CIPHER_get_kx_nid(suite) != NID_kx_rsa;
}

static bool select_from(const unsigned char *ours, unsigned ours_len, const unsigned char *in,
                        unsigned in_len, const unsigned char **out, unsigned char *out_len)
{
    return SSL_select_next_proto((unsigned char **)(uintptr_t)out, out_len, ours, ours_len, in,
                                 in_len) == OPENSSL_NPN_NEGOTIATED;
}

static int choose_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                       const unsigned char *in, unsigned in_len, void *arg)
{
    static const unsigned char http2[] = {2, 'h', '2'};
    static const unsigned char http1[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    const struct tls_server *server = arg;
    struct tls_choice *choice = SSL_get_app_data(ssl);
    const bool is_http2 = server->is_http2_offered && suits_http2(ssl);

    if (!(is_http2 && select_from(http2, sizeof(http2), in, in_len, out, out_len)) &&
        !select_from(http1, sizeof(http1), in, in_len, out, out_len)) {
        return SSL_TLSEXT_ERR_NOACK; /* a client of neither gets HTTP/1.1, as from ALB */
    }
    choice->is_http2 = *out_len == 2;
    return SSL_TLSEXT_ERR_OK;
}

static int on_client_hello(SSL *ssl, int *alert, void *arg)
{
    const struct tls_server *server = arg;
    struct tls_choice *choice = SSL_get_app_data(ssl);

    (void)alert;
    const struct tls_chosen chosen = tls_choose(server->chooser, ssl);
    choice->arn = chosen.arn;
    choice->is_by_name = chosen.is_by_name;
    if (chosen.ctx != SSL_get_SSL_CTX(ssl)) {
        (void)SSL_set_SSL_CTX(ssl, chosen.ctx);
    }
    return SSL_CLIENT_HELLO_SUCCESS;
}

static enum rc add_certificate(struct tls_server *server, const struct tls_server_config *config,
                               const struct tls_certificate *cert, char *why, size_t why_size)
{
    SSL_CTX *ctx = new_ctx(TLS_server_method(), config->policy);
    enum rc rc = use_chain(ctx, cert, why, why_size);

    if (rc == RC_OK) {
        rc = use_key(ctx, cert, why, why_size);
    }
    if (rc != RC_OK) {
        SSL_CTX_free(ctx);
        return rc;
    }
    tls_client_auth_use(config, ctx);
    /* AWS ALB, "HTTPS listeners": from clients no renegotiation, from targets it is supported. */
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_client_hello_cb(ctx, on_client_hello, server);
    SSL_CTX_set_alpn_select_cb(ctx, choose_alpn, server);
    tls_tickets_use(server->tickets, config->session_scope, ctx);
    if (!server->first) {
        server->first = ctx;
    }
    tls_chooser_add(server->chooser, ctx, cert->arn); /* takes ctx */
    return RC_OK;
}

enum rc tls_server_new(const struct tls_server_config *config, struct tls_server **out, char *why,
                       size_t why_size)
{
    AUTO(tls_server) struct tls_server *server = MEM_NEW(struct tls_server);

    ASSERT(config->certificate_count > 0);
    ASSERT(config->client_auth != TLS_AUTH_VERIFY || config->trust);
    server->refs = 1;
    server->is_http2_offered = config->is_http2_offered;
    server->bio_method = tls_bio_method_new();
    server->chooser = tls_chooser_new();
    /* AWS ALB, "Mutual authentication": no resumption with it. */
    server->tickets = tls_tickets_new(
        config->ticket_keys, config->client_auth == TLS_AUTH_OFF ? config->ticket_key_count : 0);
    for (size_t i = 0; i < config->certificate_count; i++) {
        TRY(add_certificate(server, config, &config->certificates[i], why, why_size));
    }
    *out = MOVE(server);
    return RC_OK;
}

struct tls_server *tls_server_ref(struct tls_server *server)
{
    server->refs++;
    return server;
}

void tls_server_free(struct tls_server *server)
{
    if (!server || --server->refs > 0) {
        return;
    }
    tls_chooser_free(server->chooser);
    tls_tickets_free(server->tickets);
    BIO_meth_free(server->bio_method);
    tls_crates_done(&server->crates);
    mem_give(server);
}

SSL *tls_server_ssl(struct tls_server *server, struct tls_choice *choice, struct tls_bio *bio,
                    struct crate **crate)
{
    SSL *ssl = tls_memory_take(&server->crates, server->first, crate);

    SSL_set_app_data(ssl, choice);
    tls_bio_attach(bio, server->bio_method, ssl);
    SSL_set_accept_state(ssl);
    return ssl;
}

void tls_server_ssl_free(struct tls_server *server, SSL *ssl, struct crate *crate)
{
    tls_memory_give(&server->crates, ssl, crate);
}

/* ---- toward targets ------------------------------------------------------------------------- */

struct tls_client *tls_client_new(const struct tls_policy *policy, bool is_http2_offered)
{
    struct tls_client *client = MEM_NEW(struct tls_client);

    client->ctx = new_ctx(TLS_client_method(), policy);
    client->bio_method = tls_bio_method_new();
    SSL_CTX_set_verify(client->ctx, SSL_VERIFY_NONE, NULL);
    if (is_http2_offered) {
        (void)SSL_CTX_set_alpn_protos(client->ctx, (const unsigned char *)"\x02h2", 3);
    }
    return client;
}

void tls_client_free(struct tls_client *client)
{
    if (client) {
        SSL_CTX_free(client->ctx);
        BIO_meth_free(client->bio_method);
        mem_give(client);
    }
}

SSL *tls_client_ssl(struct tls_client *client, struct tls_bio *bio)
{
    SSL *ssl = SSL_new(client->ctx);

    ASSERT(ssl != NULL);
    tls_bio_attach(bio, client->bio_method, ssl);
    SSL_set_connect_state(ssl);
    return ssl;
}
