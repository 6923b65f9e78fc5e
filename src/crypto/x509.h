/* SPDX-License-Identifier: Apache-2.0 */
/* x509: reading certificates and keys in PEM: what the model and its describers want to know.
 *
 * Sources  RFC 5280; RFC 7468 (PEM); the words for algorithms are AWS ACM's. */
#pragma once
#include "base/arena.h"

enum { X509_USAGES_MAX = 16 };

struct x509 {
    struct text common_name; /* of the subject; may be empty */
    struct text subject;     /* "C=US, O=Example, CN=www.example.com" */
    struct text issuer;
    struct text issuer_name; /* the issuer's organisation, or its common name */
    struct text serial;      /* "03:a5:b1" */
    struct text *names;      /* DNS names of the subject alternative name, in order */
    size_t name_count;
    struct text key_algorithm;       /* "RSA_2048", "EC_prime256v1"; "" for what ALB cannot use */
    struct text signature_algorithm; /* "SHA256WITHRSA" */
    int64_t not_before_unix_ms, not_after_unix_ms;
    const char *key_usages[X509_USAGES_MAX];      /* "DIGITAL_SIGNATURE" */
    const char *extended_usages[X509_USAGES_MAX]; /* "TLS_WEB_SERVER_AUTHENTICATION" */
    const char *extended_oids[X509_USAGES_MAX];
    size_t key_usage_count, extended_usage_count;
};

/* Reads the first certificate. RC_BAD: it is none. */
MUST_USE enum rc x509_read(struct text pem, struct arena *arena, struct x509 *out);
/* How many certificates there are; RC_BAD: something else, or text that cannot be read, is in it.
 */
MUST_USE enum rc x509_count(struct text pem, size_t *out);

/* RC_BAD: no unencrypted private key. RC_CONFLICT: it belongs to another certificate. */
MUST_USE enum rc x509_check_key(struct text cert_pem, struct text key_pem);
/* Whether each certificate of `chain` issued the one before it, beginning with cert. RC_BAD. */
MUST_USE enum rc x509_check_chain(struct text cert_pem, struct text chain_pem);
