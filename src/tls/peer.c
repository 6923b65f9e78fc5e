/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/peer.h"

#include "base/buf.h"
#include "base/limits.h"
#include "tls/internal.h"

#include <openssl/pem.h>

/* AWS ALB, "HTTP headers and mutual TLS": URL-encoded PEM with + = / as safe characters. */
static void add_url_encoded(struct buf *out, struct text pem)
{
    for (size_t i = 0; i < pem.len; i++) {
        const char c = pem.at[i];
        const bool is_safe = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                             (c >= '0' && c <= '9') || (c != '\0' && strchr("-._~+=/", c));
        if (is_safe) {
            buf_add_byte(out, c);
        } else {
            buf_printf(out, "%%%02X", (unsigned char)c);
        }
    }
}

static void add_pem(struct buf *out, X509 *cert)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *at;

    (void)PEM_write_bio_X509(bio, cert);
    const long len = BIO_get_mem_data(bio, &at);
    add_url_encoded(out, (struct text){at, (size_t)len});
    BIO_free(bio);
}

static struct text name_of(const X509_NAME *name, struct arena *arena)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *at;

    (void)X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253);
    const long len = BIO_get_mem_data(bio, &at);
    const struct text line = arena_text(arena, (struct text){at, (size_t)len});
    BIO_free(bio);
    return line;
}

static struct text serial_of(const X509 *cert, struct arena *arena)
{
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);
    char *hex = number ? BN_bn2hex(number) : NULL;
    const struct text serial = arena_text(arena, text_of(hex ? hex : "00"));

    OPENSSL_free(hex);
    BN_free(number);
    return serial;
}

static void print_time(const ASN1_TIME *time, char out[32])
{
    struct tm utc = {0};

    (void)ASN1_TIME_to_tm(time, &utc);
    (void)strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

static struct text validity_of(const X509 *cert, struct arena *arena)
{
    char before[32];
    char after[32];

    print_time(X509_get0_notBefore(cert), before);
    print_time(X509_get0_notAfter(cert), after);
    return arena_printf(arena, "NotBefore=%s;NotAfter=%s", before, after);
}

static struct text pem_of(const STACK_OF(X509) * chain, X509 *leaf, struct arena *arena)
{
    struct buf out;

    buf_init(&out, LIMIT_CLIENT_CHAIN_BYTES);
    add_pem(&out, leaf);
    /* A server's view of the chain is without the leaf; whatever stands twice is told once. */
    for (int i = 0; chain && i < sk_X509_num(chain); i++) {
        X509 *cert = sk_X509_value(chain, i);
        if (X509_cmp(cert, leaf) != 0) {
            add_pem(&out, cert);
        }
    }
    const struct text pem =
        out.is_full ? (struct text){NULL, 0} : arena_text(arena, buf_text(&out));
    buf_done(&out);
    return pem;
}

/* Also of one that was refused, which OpenSSL itself does not keep. */
static X509 *leaf_of(const SSL *ssl)
{
    const struct tls_choice *choice = SSL_get_app_data(ssl);
    X509 *leaf = SSL_get0_peer_certificate(ssl);

    return leaf || !choice ? leaf : choice->refused;
}

enum rc tls_peer_read(const struct stream *stream, struct arena *arena, struct tls_peer *out)
{
    SSL *ssl = tls_stream_ssl(stream);
    X509 *leaf = ssl ? leaf_of(ssl) : NULL;

    if (!leaf) {
        return RC_ABSENT;
    }
    const struct tls_peer peer = {
        .serial = serial_of(leaf, arena),
        .issuer = name_of(X509_get_issuer_name(leaf), arena),
        .subject = name_of(X509_get_subject_name(leaf), arena),
        .validity = validity_of(leaf, arena),
        .leaf = pem_of(NULL, leaf, arena),
        .chain = pem_of(SSL_get_peer_cert_chain(ssl), leaf, arena),
    };
    if (!peer.serial.at || !peer.issuer.at || !peer.subject.at || !peer.validity.at ||
        !peer.leaf.at || !peer.chain.at) {
        return RC_LIMIT;
    }
    *out = peer;
    return RC_OK;
}

const char *tls_peer_refusal(const struct stream *stream)
{
    SSL *ssl = tls_stream_ssl(stream);

    if (!ssl || tls_stream_trouble(stream) != TLS_CLIENT_CERT) {
        return "";
    }
    /* AWS ALB, "Connection log entries": tls_verify_status. */
    switch (SSL_get_verify_result(ssl)) {
    case X509_V_ERR_CERT_CHAIN_TOO_LONG:
        return "ClientCertMaxChainDepthExceeded";
    case X509_V_ERR_CERT_REVOKED:
        return "ClientCertCrlHit";
    case X509_V_ERR_CRL_SIGNATURE_FAILURE:
    case X509_V_ERR_CRL_HAS_EXPIRED:
    case X509_V_ERR_CRL_NOT_YET_VALID:
    case X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD:
    case X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD:
        return "ClientCertCrlProcessingError";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_CERT_UNTRUSTED:
        return "ClientCertUntrusted";
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return "ClientCertNotYetValid";
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return "ClientCertExpired";
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
    case X509_V_ERR_CA_MD_TOO_WEAK:
        return "ClientCertTypeUnsupported";
    case X509_V_ERR_INVALID_PURPOSE:
        return "ClientCertPurposeInvalid";
    case X509_V_ERR_CERT_REJECTED:
        return "ClientCertRejected";
    case X509_V_OK:
        return "UnmappedConnectionError";
    default:
        return "ClientCertInvalid";
    }
}
