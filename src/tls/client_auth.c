/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/client_auth.h"

#include "tls/internal.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>

enum { CHAIN_DEPTH_MAX = 4 }; /* AWS ALB, "Quotas": client certificate chain depth */

/* AWS ALB, passthrough: the target looks at the chain, nobody here does. */
static int accept_any(X509_STORE_CTX *chain, void *arg)
{
    (void)chain;
    (void)arg;
    return 1;
}

static int forgive(int is_fine, X509_STORE_CTX *chain, int error)
{
    if (!is_fine && X509_STORE_CTX_get_error(chain) == error) {
        X509_STORE_CTX_set_error(chain, X509_V_OK);
        return 1;
    }
    return is_fine;
}

/* OpenSSL forgets a certificate that it refused; the connection log names it. */
static int note(int is_fine, X509_STORE_CTX *chain)
{
    const SSL *ssl = X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct tls_choice *choice = SSL_get_app_data(ssl);
    X509 *leaf = X509_STORE_CTX_get0_cert(chain);

    if (!is_fine && !choice->refused && leaf && X509_up_ref(leaf)) {
        choice->refused = leaf;
    }
    return is_fine;
}

/* A CA without a revocation list of its own has revoked nothing. */
static int forgive_no_list(int is_fine, X509_STORE_CTX *chain)
{
    return forgive(is_fine, chain, X509_V_ERR_UNABLE_TO_GET_CRL);
}

static int on_verify(int is_fine, X509_STORE_CTX *chain)
{
    return note(forgive_no_list(is_fine, chain), chain);
}

static int on_verify_but_expiry(int is_fine, X509_STORE_CTX *chain)
{
    const int is_known = forgive_no_list(is_fine, chain);

    return note(forgive(is_known, chain, X509_V_ERR_CERT_HAS_EXPIRED), chain);
}

/* Each certificate is trusted by itself: a bundle may hold intermediates without their root. */
static enum rc add_bundle(const struct tls_server_config *config, SSL_CTX *ctx)
{
    X509_STORE *store = SSL_CTX_get_cert_store(ctx);
    BIO *pem = BIO_new_mem_buf(config->trust_pem.at, (int)config->trust_pem.len);
    size_t count = 0;

    for (X509 *ca; (ca = PEM_read_bio_X509(pem, NULL, NULL, NULL)) != NULL; count++) {
        (void)X509_STORE_add_cert(store, ca);
        if (config->advertises_ca_names) {
            (void)SSL_CTX_add_client_CA(ctx, ca);
        }
        X509_free(ca);
    }
    ERR_clear_error(); /* the end of the bundle is told as an error */
    BIO_free(pem);
    return count ? RC_OK : RC_BAD;
}

static enum rc add_revocations(const struct tls_server_config *config, SSL_CTX *ctx)
{
    X509_STORE *store = SSL_CTX_get_cert_store(ctx);
    BIO *pem = BIO_new_mem_buf(config->crl_pem.at, (int)config->crl_pem.len);
    size_t count = 0;

    for (X509_CRL *crl; (crl = PEM_read_bio_X509_CRL(pem, NULL, NULL, NULL)) != NULL; count++) {
        (void)X509_STORE_add_crl(store, crl);
        X509_CRL_free(crl);
    }
    ERR_clear_error();
    BIO_free(pem);
    return count ? RC_OK : RC_BAD;
}

static enum rc say(char *why, size_t why_size, const char *what)
{
    (void)snprintf(why, why_size, "%s", what);
    return RC_BAD;
}

static enum rc use_verify(const struct tls_server_config *config, SSL_CTX *ctx, char *why,
                          size_t why_size)
{
    X509_VERIFY_PARAM *param = SSL_CTX_get0_param(ctx);

    if (add_bundle(config, ctx) != RC_OK) {
        return say(why, why_size, "the trust store's bundle holds no certificate");
    }
    (void)X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
    if (config->crl_pem.len) {
        if (add_revocations(config, ctx) != RC_OK) {
            return say(why, why_size, "a revocation list of the trust store cannot be read");
        }
        (void)X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
    }
    SSL_CTX_set_verify_depth(ctx, CHAIN_DEPTH_MAX);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                       config->ignores_expiry ? on_verify_but_expiry : on_verify);
    return RC_OK;
}

enum rc tls_client_auth_use(const struct tls_server_config *config, SSL_CTX *ctx, char *why,
                            size_t why_size)
{
    switch (config->client_auth) {
    case TLS_AUTH_OFF:
        return RC_OK;
    case TLS_AUTH_PASSTHROUGH:
        SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
        SSL_CTX_set_cert_verify_callback(ctx, accept_any, NULL);
        return RC_OK;
    case TLS_AUTH_VERIFY:
        return use_verify(config, ctx, why, why_size);
    }
    return RC_BAD;
}
