/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/trust.h"

#include "base/mem.h"
#include "tls/client_auth.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdatomic.h>
#include <stdio.h>

struct tls_trust {
    atomic_size_t refs;
    X509_STORE *store;           /* own; has locks of its own */
    STACK_OF(X509_NAME) * names; /* own: subjects of the CAs */
    bool has_lists;
};

static BIO *open_pem(struct text pem)
{
    BIO *bio = BIO_new_mem_buf(pem.at ? pem.at : "", (int)pem.len);

    ASSERT(bio != NULL);
    return bio;
}

/* Each certificate is trusted by itself: a bundle may hold intermediates without their root. */
static enum rc add_bundle(struct tls_trust *trust, struct text bundle_pem)
{
    BIO *pem = open_pem(bundle_pem);
    size_t count = 0;

    for (X509 *ca; (ca = PEM_read_bio_X509(pem, NULL, NULL, NULL)) != NULL; count++) {
        (void)X509_STORE_add_cert(trust->store, ca);
        X509_NAME *name = X509_NAME_dup(X509_get_subject_name(ca));
        ASSERT(name != NULL && sk_X509_NAME_push(trust->names, name) > 0);
        X509_free(ca);
    }
    ERR_clear_error(); /* the end of the bundle is told as an error */
    BIO_free(pem);
    return count ? RC_OK : RC_BAD;
}

static enum rc add_lists(struct tls_trust *trust, struct text crl_pem)
{
    BIO *pem = open_pem(crl_pem);

    for (X509_CRL *crl; (crl = PEM_read_bio_X509_CRL(pem, NULL, NULL, NULL)) != NULL;) {
        (void)X509_STORE_add_crl(trust->store, crl);
        trust->has_lists = true;
        X509_CRL_free(crl);
    }
    ERR_clear_error();
    BIO_free(pem);
    return trust->has_lists ? RC_OK : RC_BAD;
}

static enum rc say(char *why, size_t why_size, const char *what)
{
    (void)snprintf(why, why_size, "%s", what);
    return RC_BAD;
}

enum rc tls_trust_new(struct text bundle_pem, struct text crl_pem, struct tls_trust **out,
                      char *why, size_t why_size)
{
    AUTO(tls_trust) struct tls_trust *trust = MEM_NEW(struct tls_trust);

    atomic_init(&trust->refs, 1);
    trust->store = X509_STORE_new();
    trust->names = sk_X509_NAME_new_null();
    ASSERT(trust->store != NULL && trust->names != NULL);
    if (add_bundle(trust, bundle_pem) != RC_OK) {
        return say(why, why_size, "the trust store's bundle holds no certificate");
    }
    if (crl_pem.len && add_lists(trust, crl_pem) != RC_OK) {
        return say(why, why_size, "a revocation list of the trust store cannot be read");
    }
    *out = MOVE(trust);
    return RC_OK;
}

struct tls_trust *tls_trust_ref(struct tls_trust *trust)
{
    atomic_fetch_add_explicit(&trust->refs, 1, memory_order_relaxed);
    return trust;
}

void tls_trust_free(struct tls_trust *trust)
{
    /* Acquire and release: whoever frees sees the last use by every other thread. */
    if (trust && atomic_fetch_sub_explicit(&trust->refs, 1, memory_order_acq_rel) == 1) {
        X509_STORE_free(trust->store);
        sk_X509_NAME_pop_free(trust->names, X509_NAME_free);
        mem_give(trust);
    }
}

void tls_trust_use(const struct tls_trust *trust, bool advertises_names, SSL_CTX *ctx)
{
    X509_VERIFY_PARAM *param = SSL_CTX_get0_param(ctx);

    SSL_CTX_set1_cert_store(ctx, trust->store);
    (void)X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
    if (trust->has_lists) {
        (void)X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
    }
    if (advertises_names) {
        SSL_CTX_set_client_CA_list(ctx, SSL_dup_CA_list(trust->names)); /* takes the copy */
    }
}
