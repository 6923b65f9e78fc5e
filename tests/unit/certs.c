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

static void add_extension(X509 *cert, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

    ASSERT(extension != NULL);
    (void)X509_add_ext(cert, extension, -1);
    X509_EXTENSION_free(extension);
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
    add_extension(cert, NID_subject_alt_name, value);
}

static X509 *blank_cert(EVP_PKEY *key, long serial, int days)
{
    X509 *cert = X509_new();

    ASSERT(key != NULL && cert != NULL);
    (void)X509_set_version(cert, X509_VERSION_3);
    (void)ASN1_INTEGER_set(X509_get_serialNumber(cert), serial);
    (void)X509_gmtime_adj(X509_getm_notBefore(cert), days < 0 ? days * 86400L - 60 : -60);
    (void)X509_gmtime_adj(X509_getm_notAfter(cert), days ? days * 86400L : 3600);
    (void)X509_set_pubkey(cert, key);
    return cert;
}

/* Writes both as PEM and frees them. */
static struct made_cert take_pair(X509 *cert, EVP_PKEY *key)
{
    struct made_cert made;
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

static void set_name(X509_NAME *name, const char *common_name)
{
    (void)X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)common_name,
                                     -1, -1, 0);
}

struct made_cert made_cert_new(const char *names, bool is_ecdsa)
{
    EVP_PKEY *key = is_ecdsa ? EVP_EC_gen("P-256") : EVP_RSA_gen(2048);
    X509 *cert = blank_cert(key, 1, 0);

    add_names(cert, names);
    ASSERT(X509_sign(cert, key, EVP_sha256()) > 0);
    return take_pair(cert, key);
}

struct made_cert made_ca_new(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = blank_cert(key, 2, 30);

    set_name(X509_get_subject_name(cert), "test ca");
    (void)X509_set_issuer_name(cert, X509_get_subject_name(cert));
    add_extension(cert, NID_basic_constraints, "critical,CA:TRUE");
    ASSERT(X509_sign(cert, key, EVP_sha256()) > 0);
    return take_pair(cert, key);
}

static X509 *read_cert(const struct made_cert *made)
{
    BIO *pem = BIO_new_mem_buf(made->chain_pem.at, (int)made->chain_pem.len);
    X509 *cert = PEM_read_bio_X509(pem, NULL, NULL, NULL);

    BIO_free(pem);
    ASSERT(cert != NULL);
    return cert;
}

static EVP_PKEY *read_key(const struct made_cert *made)
{
    BIO *pem = BIO_new_mem_buf(made->key_pem.at, (int)made->key_pem.len);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(pem, NULL, NULL, NULL);

    BIO_free(pem);
    ASSERT(key != NULL);
    return key;
}

struct made_cert made_cert_issued(const struct made_cert *ca, const char *common_name, int days)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    EVP_PKEY *ca_key = read_key(ca);
    X509 *ca_cert = read_cert(ca);
    X509 *cert = blank_cert(key, 0x03A5B1, days);

    set_name(X509_get_subject_name(cert), common_name);
    (void)X509_set_issuer_name(cert, X509_get_subject_name(ca_cert));
    ASSERT(X509_sign(cert, ca_key, EVP_sha256()) > 0);
    EVP_PKEY_free(ca_key);
    X509_free(ca_cert);
    return take_pair(cert, key);
}

struct text made_crl_new(const struct made_cert *ca, const struct made_cert *revoked)
{
    EVP_PKEY *ca_key = read_key(ca);
    X509 *ca_cert = read_cert(ca);
    X509 *bad = read_cert(revoked);
    X509_CRL *crl = X509_CRL_new();
    X509_REVOKED *entry = X509_REVOKED_new();
    ASN1_TIME *time = X509_gmtime_adj(NULL, -60);
    BIO *pem = BIO_new(BIO_s_mem());

    (void)X509_CRL_set_version(crl, X509_CRL_VERSION_2);
    (void)X509_CRL_set_issuer_name(crl, X509_get_subject_name(ca_cert));
    (void)X509_CRL_set1_lastUpdate(crl, time);
    (void)X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(bad));
    (void)X509_REVOKED_set_revocationDate(entry, time);
    (void)X509_CRL_add0_revoked(crl, entry);
    (void)X509_gmtime_adj(time, 86400);
    (void)X509_CRL_set1_nextUpdate(crl, time);
    ASSERT(X509_CRL_sign(crl, ca_key, EVP_sha256()) > 0);
    (void)PEM_write_bio_X509_CRL(pem, crl);
    ASN1_TIME_free(time);
    X509_CRL_free(crl);
    X509_free(bad);
    X509_free(ca_cert);
    EVP_PKEY_free(ca_key);
    return take_bio(pem);
}

void made_cert_done(struct made_cert *cert)
{
    mem_give((void *)(uintptr_t)cert->chain_pem.at);
    mem_give((void *)(uintptr_t)cert->key_pem.at);
}
