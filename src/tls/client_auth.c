/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/client_auth.h"

#include "crypto/strength.h"
#include "tls/internal.h"

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

/* AWS ALB, "Configuring mutual TLS": entries of lists with negative serial numbers have no effect.
 */
static bool is_revoked_in_vain(X509_STORE_CTX *chain)
{
    const X509 *cert = X509_STORE_CTX_get_current_cert(chain);

    return cert && ASN1_STRING_type(X509_get0_serialNumber(cert)) == V_ASN1_NEG_INTEGER;
}

/* Keys and signatures that OpenSSL may take, and ALB does not. */
static int check_strength(X509_STORE_CTX *chain)
{
    X509 *cert = X509_STORE_CTX_get_current_cert(chain);

    if (cert && !strength_key_is_enough(cert)) {
        X509_STORE_CTX_set_error(chain, X509_V_ERR_EE_KEY_TOO_SMALL);
        return 0;
    }
    if (cert && !strength_signature_is_enough(cert)) {
        X509_STORE_CTX_set_error(chain, X509_V_ERR_CA_MD_TOO_WEAK);
        return 0;
    }
    return 1;
}

static int judge(int is_fine, X509_STORE_CTX *chain)
{
    if (is_fine) {
        return check_strength(chain);
    }
    if (is_revoked_in_vain(chain)) {
        is_fine = forgive(is_fine, chain, X509_V_ERR_CERT_REVOKED);
    }
    /* A CA without a revocation list of its own has revoked nothing. */
    return forgive(is_fine, chain, X509_V_ERR_UNABLE_TO_GET_CRL);
}

static int on_verify(int is_fine, X509_STORE_CTX *chain)
{
    return note(judge(is_fine, chain), chain);
}

static int on_verify_but_expiry(int is_fine, X509_STORE_CTX *chain)
{
    const int verdict = judge(is_fine, chain);

    return note(forgive(verdict, chain, X509_V_ERR_CERT_HAS_EXPIRED), chain);
}

static void use_verify(const struct tls_server_config *config, SSL_CTX *ctx)
{
    tls_trust_use(config->trust, config->advertises_ca_names, ctx);
    SSL_CTX_set_verify_depth(ctx, CHAIN_DEPTH_MAX);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                       config->ignores_expiry ? on_verify_but_expiry : on_verify);
}

void tls_client_auth_use(const struct tls_server_config *config, SSL_CTX *ctx)
{
    switch (config->client_auth) {
    case TLS_AUTH_OFF:
        return;
    case TLS_AUTH_PASSTHROUGH:
        SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
        SSL_CTX_set_cert_verify_callback(ctx, accept_any, NULL);
        return;
    case TLS_AUTH_VERIFY:
        use_verify(config, ctx);
        return;
    }
}
