/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/x509.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

/* One call of a reader at the end of its input leaves an error behind: not a fault of anyone. */
static X509 *next_cert(BIO *pem)
{
    X509 *cert = PEM_read_bio_X509(pem, NULL, NULL, NULL);

    ERR_clear_error();
    return cert;
}

static BIO *open_pem(struct text pem)
{
    BIO *bio = BIO_new_mem_buf(pem.at ? pem.at : "", (int)pem.len);

    ASSERT(bio != NULL);
    return bio;
}

static X509 *first_cert(struct text pem)
{
    BIO *bio = open_pem(pem);
    X509 *cert = next_cert(bio);

    BIO_free(bio);
    return cert;
}

/* ---- the parts of a certificate ---------------------------------------------------------------
 */

static struct text name_line(const X509_NAME *name, struct arena *arena)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *at;

    (void)X509_NAME_print_ex(bio, name, 0,
                             XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB & ~XN_FLAG_SPC_EQ);
    const long len = BIO_get_mem_data(bio, &at);
    const struct text line = arena_text(arena, (struct text){at, (size_t)len});
    BIO_free(bio);
    return line;
}

static struct text name_part(const X509_NAME *name, int nid, struct arena *arena)
{
    const int index = X509_NAME_get_index_by_NID(name, nid, -1);

    if (index < 0) {
        return TEXT("");
    }
    const ASN1_STRING *data = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index));
    return arena_text(arena, (struct text){(const char *)ASN1_STRING_get0_data(data),
                                           (size_t)ASN1_STRING_length(data)});
}

static struct text serial_of(const X509 *cert, struct arena *arena)
{
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);
    unsigned char bytes[64];
    const int len =
        number && BN_num_bytes(number) <= (int)sizeof(bytes) ? BN_bn2bin(number, bytes) : 0;
    char words[3 * sizeof(bytes) + 1] = "00";

    BN_free(number);
    for (int i = 0; i < len; i++) {
        (void)snprintf(words + 3 * i, 4, i + 1 < len ? "%02x:" : "%02x", bytes[i]);
    }
    return arena_text(arena, text_of(words));
}

static int64_t unix_ms(const ASN1_TIME *time)
{
    struct tm utc;

    return ASN1_TIME_to_tm(time, &utc) == 1 ? (int64_t)timegm(&utc) * 1000 : 0;
}

static struct text key_algorithm(const X509 *cert, struct arena *arena)
{
    const EVP_PKEY *key = X509_get0_pubkey(cert);
    char group[64];

    if (key && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) {
        return arena_printf(arena, "RSA_%d", EVP_PKEY_get_bits(key));
    }
    if (key && EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
        EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) == 1) {
        return arena_printf(arena, "EC_%s", group);
    }
    return TEXT("");
}

static struct text signature_algorithm(const X509 *cert)
{
    static const struct {
        int nid;
        const char *word;
    } words[] = {
        {NID_sha256WithRSAEncryption, "SHA256WITHRSA"},
        {NID_sha384WithRSAEncryption, "SHA384WITHRSA"},
        {NID_sha512WithRSAEncryption, "SHA512WITHRSA"},
        {NID_sha1WithRSAEncryption, "SHA1WITHRSA"},
        {NID_ecdsa_with_SHA256, "SHA256WITHECDSA"},
        {NID_ecdsa_with_SHA384, "SHA384WITHECDSA"},
        {NID_ecdsa_with_SHA512, "SHA512WITHECDSA"},
        {NID_ecdsa_with_SHA1, "SHA1WITHECDSA"},
    };
    const int nid = X509_get_signature_nid(cert);

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (words[i].nid == nid) {
            return text_of(words[i].word);
        }
    }
    return text_of(OBJ_nid2sn(nid));
}

static enum rc read_names(const X509 *cert, struct arena *arena, struct x509 *out)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
    const int count = names ? sk_GENERAL_NAME_num(names) : 0;

    out->names = ARENA_ARRAY(arena, struct text, (size_t)count);
    for (int i = 0; out->names && i < count; i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type == GEN_DNS) {
            out->names[out->name_count++] = arena_text(
                arena, (struct text){(const char *)ASN1_STRING_get0_data(name->d.dNSName),
                                     (size_t)ASN1_STRING_length(name->d.dNSName)});
        }
    }
    GENERAL_NAMES_free(names);
    return out->names ? RC_OK : RC_LIMIT;
}

static void read_key_usages(X509 *cert, struct x509 *out)
{
    static const struct {
        uint32_t bit;
        const char *word;
    } usages[] = {
        {KU_DIGITAL_SIGNATURE, "DIGITAL_SIGNATURE"},
        {KU_NON_REPUDIATION, "NON_REPUDIATION"},
        {KU_KEY_ENCIPHERMENT, "KEY_ENCIPHERMENT"},
        {KU_DATA_ENCIPHERMENT, "DATA_ENCIPHERMENT"},
        {KU_KEY_AGREEMENT, "KEY_AGREEMENT"},
        {KU_KEY_CERT_SIGN, "CERTIFICATE_SIGNING"},
        {KU_CRL_SIGN, "CRL_SIGNING"},
    };

    if (!(X509_get_extension_flags(cert) & EXFLAG_KUSAGE)) {
        return;
    }
    const uint32_t bits = X509_get_key_usage(cert);
    for (size_t i = 0; i < ARRAY_LEN(usages); i++) {
        if (bits & usages[i].bit) {
            out->key_usages[out->key_usage_count++] = usages[i].word;
        }
    }
}

static void read_extended_usages(X509 *cert, struct x509 *out)
{
    static const struct {
        uint32_t bit;
        const char *word;
        const char *oid;
    } usages[] = {
        {XKU_SSL_SERVER, "TLS_WEB_SERVER_AUTHENTICATION", "1.3.6.1.5.5.7.3.1"},
        {XKU_SSL_CLIENT, "TLS_WEB_CLIENT_AUTHENTICATION", "1.3.6.1.5.5.7.3.2"},
        {XKU_CODE_SIGN, "CODE_SIGNING", "1.3.6.1.5.5.7.3.3"},
        {XKU_SMIME, "EMAIL_PROTECTION", "1.3.6.1.5.5.7.3.4"},
        {XKU_TIMESTAMP, "TIME_STAMPING", "1.3.6.1.5.5.7.3.8"},
        {XKU_OCSP_SIGN, "OCSP_SIGNING", "1.3.6.1.5.5.7.3.9"},
    };

    if (!(X509_get_extension_flags(cert) & EXFLAG_XKUSAGE)) {
        return;
    }
    const uint32_t bits = X509_get_extended_key_usage(cert);
    for (size_t i = 0; i < ARRAY_LEN(usages); i++) {
        if (bits & usages[i].bit) {
            out->extended_usages[out->extended_usage_count] = usages[i].word;
            out->extended_oids[out->extended_usage_count++] = usages[i].oid;
        }
    }
}

static enum rc read_all(X509 *cert, struct arena *arena, struct x509 *out)
{
    const X509_NAME *subject = X509_get_subject_name(cert);
    const X509_NAME *issuer = X509_get_issuer_name(cert);
    struct x509 read = {
        .common_name = name_part(subject, NID_commonName, arena),
        .subject = name_line(subject, arena),
        .issuer = name_line(issuer, arena),
        .issuer_name = name_part(issuer, NID_organizationName, arena),
        .serial = serial_of(cert, arena),
        .key_algorithm = key_algorithm(cert, arena),
        .signature_algorithm = signature_algorithm(cert),
        .not_before_unix_ms = unix_ms(X509_get0_notBefore(cert)),
        .not_after_unix_ms = unix_ms(X509_get0_notAfter(cert)),
    };

    if (read.issuer_name.len == 0) {
        read.issuer_name = name_part(issuer, NID_commonName, arena);
    }
    TRY(read_names(cert, arena, &read));
    read_key_usages(cert, &read);
    read_extended_usages(cert, &read);
    if (!read.subject.at || !read.issuer.at || !read.serial.at || !read.key_algorithm.at) {
        return RC_LIMIT;
    }
    *out = read;
    return RC_OK;
}

enum rc x509_read(struct text pem, struct arena *arena, struct x509 *out)
{
    X509 *cert = first_cert(pem);

    if (!cert) {
        return RC_BAD;
    }
    const enum rc rc = read_all(cert, arena, out);
    X509_free(cert);
    return rc;
}

/* ---- checks -----------------------------------------------------------------------------------
 */

enum rc x509_count(struct text pem, size_t *out)
{
    static const char begin[] = "-----BEGIN ";
    BIO *bio = open_pem(pem);
    size_t count = 0;
    size_t begun = 0;

    for (X509 *cert; (cert = next_cert(bio)) != NULL; count++) {
        X509_free(cert);
    }
    BIO_free(bio);
    /* PEM readers skip what they do not know; here everything must be a certificate. */
    for (size_t i = 0; i + sizeof(begin) - 1 <= pem.len; i++) {
        begun += memcmp(pem.at + i, begin, sizeof(begin) - 1) == 0;
    }
    if (begun != count || count == 0) {
        return RC_BAD;
    }
    *out = count;
    return RC_OK;
}

enum rc x509_check_key(struct text cert_pem, struct text key_pem)
{
    char no_password[] = "";
    BIO *bio = open_pem(key_pem);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, no_password);
    X509 *cert = first_cert(cert_pem);
    enum rc rc = RC_BAD;

    if (key && cert) {
        rc = X509_check_private_key(cert, key) == 1 ? RC_OK : RC_CONFLICT;
    }
    ERR_clear_error();
    BIO_free(bio);
    EVP_PKEY_free(key);
    X509_free(cert);
    return rc;
}

enum rc x509_check_chain(struct text cert_pem, struct text chain_pem)
{
    BIO *bio = open_pem(chain_pem);
    X509 *issued = first_cert(cert_pem);
    bool is_whole = issued != NULL;

    for (X509 *issuer; is_whole && (issuer = next_cert(bio)) != NULL;) {
        is_whole = X509_check_issued(issuer, issued) == X509_V_OK &&
                   X509_verify(issued, X509_get0_pubkey(issuer)) == 1;
        X509_free(issued);
        issued = issuer;
    }
    ERR_clear_error();
    X509_free(issued);
    BIO_free(bio);
    return is_whole ? RC_OK : RC_BAD;
}
