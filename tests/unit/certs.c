/* SPDX-License-Identifier: Apache-2.0 */
#include "certs.h"

#include "base/mem.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>

static struct text take_bio(BIO *bio)
{
    char *at;
    const long len = BIO_get_mem_data(bio, &at);
    const struct text copy = {mem_string((struct text){at, (size_t)len}), (size_t)len};

    BIO_free(bio);
    return copy;
}

static void add_names(X509 *cert, const char *names)
{
    struct text rest = text_of(names);
    struct text name;
    char value[1024] = "";

    while (text_next(&rest, ',', &name)) {
        const size_t used = strlen(value);
        (void)snprintf(value + used, sizeof(value) - used, "%sDNS:%.*s", used ? "," : "",
                       TEXT_ARG(name));
    }
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, value);
    ASSERT(extension != NULL);
    (void)X509_add_ext(cert, extension, -1);
    X509_EXTENSION_free(extension);
}

struct made_cert made_cert_new(const char *names, bool is_ecdsa)
{
    EVP_PKEY *key = is_ecdsa ? EVP_EC_gen("P-256") : EVP_RSA_gen(2048);
    X509 *cert = X509_new();
    struct made_cert made;

    ASSERT(key != NULL && cert != NULL);
    (void)X509_set_version(cert, X509_VERSION_3);
    (void)ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    (void)X509_gmtime_adj(X509_getm_notBefore(cert), -60);
    (void)X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    (void)X509_set_pubkey(cert, key);
    add_names(cert, names);
    ASSERT(X509_sign(cert, key, EVP_sha256()) > 0);

    BIO *pem = BIO_new(BIO_s_mem());
    (void)PEM_write_bio_X509(pem, cert);
    made.chain_pem = take_bio(pem);
    pem = BIO_new(BIO_s_mem());
    (void)PEM_write_bio_PrivateKey(pem, key, NULL, NULL, 0, NULL, NULL);
    made.key_pem = take_bio(pem);
    X509_free(cert);
    EVP_PKEY_free(key);
    return made;
}

void made_cert_done(struct made_cert *cert)
{
    mem_give((void *)(uintptr_t)cert->chain_pem.at);
    mem_give((void *)(uintptr_t)cert->key_pem.at);
}
