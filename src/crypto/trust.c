/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/trust.h"

#include "crypto/strength.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#define CERTIFICATE TEXT("CERTIFICATE")
#define LIST        TEXT("X509 CRL")

PRINTF_LIKE(2, 3)
static enum rc say(char why[TRUST_WHY_BYTES], const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(why, TRUST_WHY_BYTES, format, args);
    va_end(args);
    return RC_BAD;
}

static BIO *open_pem(struct text pem)
{
    BIO *bio = BIO_new_mem_buf(pem.at ? pem.at : "", (int)pem.len);

    ASSERT(bio != NULL);
    return bio;
}

/* ---- the form ----------------------------------------------------------------------------- */

/* "-----BEGIN CERTIFICATE-----" */
static bool is_edge(struct text line, struct text word, struct text label)
{
    const struct text edge = TEXT("-----");

    return line.len == 2 * edge.len + word.len + label.len && text_starts(line, edge) &&
           text_eq(text_slice(line, edge.len, word.len), word) &&
           text_eq(text_slice(line, edge.len + word.len, label.len), label) &&
           text_ends(line, edge);
}

static bool is_base64(struct text line)
{
    for (size_t i = 0; i < line.len; i++) {
        const char c = line.at[i];
        const char lower = ascii_lower(c);

        if (!(lower >= 'a' && lower <= 'z') && !(c >= '0' && c <= '9') && c != '+' && c != '/' &&
            c != '=') {
            return false;
        }
    }
    return line.len > 0;
}

static bool is_comment(struct text line)
{
    return text_starts(line, TEXT("#")) && text_find(line, '-') == line.len;
}

/* Blocks with this label, comments between them, and nothing else. */
static enum rc check_form(struct text pem, struct text label, size_t *count,
                          char why[TRUST_WHY_BYTES])
{
    struct text rest = pem;
    struct text line;
    bool is_inside = false;

    *count = 0;
    for (int number = 1; text_next(&rest, '\n', &line); number++) {
        line = text_ends(line, TEXT("\r")) ? text_slice(line, 0, line.len - 1) : line;
        if (text_is_empty(line) && !rest.at) {
            break; /* what stands behind the last newline */
        }
        if (text_is_empty(line)) {
            return say(why, "line %d is blank", number);
        }
        if (is_inside) {
            is_inside = !is_edge(line, TEXT("END "), label);
            *count += !is_inside;
            if (is_inside && !is_base64(line)) {
                return say(why, "line %d is no PEM", number);
            }
        } else if (is_edge(line, TEXT("BEGIN "), label)) {
            is_inside = true;
        } else if (!is_comment(line)) {
            return say(why, "line %d is neither of a %.*s nor a comment", number, TEXT_ARG(label));
        }
    }
    return is_inside ? say(why, "the last block has no end") : RC_OK;
}

/* ---- bundles ------------------------------------------------------------------------------ */

static enum rc check_ca(X509 *ca, size_t number, char why[TRUST_WHY_BYTES])
{
    if (X509_get_version(ca) != X509_VERSION_3) {
        return say(why, "certificate %zu is not X.509v3", number);
    }
    if (X509_check_ca(ca) != 1) { /* others than 1 are CAs by courtesy to old software */
        return say(why, "certificate %zu is not of a certificate authority", number);
    }
    if (!strength_key_is_enough(ca)) {
        return say(why, "the key of certificate %zu is of a type or size that is not supported",
                   number);
    }
    if (!strength_signature_is_enough(ca)) {
        return say(why, "the signature algorithm of certificate %zu is not supported", number);
    }
    return RC_OK;
}

static void measure(X509 *ca, struct trust_bundle *bundle)
{
    const int bytes = i2d_X509(ca, NULL);
    const int subject = i2d_X509_NAME(X509_get_subject_name(ca), NULL);

    bundle->certificate_count++;
    bundle->subject_bytes += subject > 0 ? (size_t)subject : 0;
    if (bytes > 0 && (size_t)bytes > bundle->largest_bytes) {
        bundle->largest_bytes = (size_t)bytes;
    }
}

enum rc trust_bundle_read(struct text pem, struct trust_bundle *out, char why[TRUST_WHY_BYTES])
{
    struct trust_bundle bundle = {0};
    size_t count;
    enum rc rc;

    TRY(check_form(pem, CERTIFICATE, &count, why));
    BIO *bio = open_pem(pem);
    rc = count > 0 ? RC_OK : say(why, "it holds no certificate");
    for (size_t i = 1; i <= count && rc == RC_OK; i++) {
        X509 *ca = PEM_read_bio_X509(bio, NULL, NULL, NULL);

        rc = ca ? check_ca(ca, i, why) : say(why, "certificate %zu cannot be read", i);
        if (rc == RC_OK) {
            measure(ca, &bundle);
        }
        X509_free(ca);
    }
    ERR_clear_error();
    BIO_free(bio);
    if (rc == RC_OK) {
        *out = bundle;
    }
    return rc;
}

/* ---- revocation lists --------------------------------------------------------------------- */

static STACK_OF(X509) * read_cas(struct text bundle_pem)
{
    BIO *bio = open_pem(bundle_pem);
    STACK_OF(X509) *cas = sk_X509_new_null();

    ASSERT(cas != NULL);
    for (X509 *ca; (ca = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL;) {
        ASSERT(sk_X509_push(cas, ca) > 0);
    }
    ERR_clear_error();
    BIO_free(bio);
    return cas;
}

static bool is_signed(X509_CRL *crl, const STACK_OF(X509) * cas)
{
    for (int i = 0; i < sk_X509_num(cas); i++) {
        X509 *ca = sk_X509_value(cas, i);
        EVP_PKEY *key = X509_get0_pubkey(ca);

        if (key && X509_NAME_cmp(X509_get_subject_name(ca), X509_CRL_get_issuer(crl)) == 0 &&
            X509_CRL_verify(crl, key) == 1) {
            return true;
        }
    }
    return false;
}

static enum rc check_list(X509_CRL *crl, const STACK_OF(X509) * cas, size_t number,
                          char why[TRUST_WHY_BYTES])
{
    if (!strength_list_is_enough(crl)) {
        return say(why, "the signature algorithm of list %zu is not supported", number);
    }
    if (!is_signed(crl, cas)) {
        return say(why, "list %zu was not signed by a certificate authority of the trust store",
                   number);
    }
    return RC_OK;
}

static enum rc read_lists(BIO *bio, const STACK_OF(X509) * cas, size_t count, int64_t *entries,
                          char why[TRUST_WHY_BYTES])
{
    int64_t sum = 0;

    for (size_t i = 1; i <= count; i++) {
        X509_CRL *crl = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL);

        if (!crl) {
            return say(why, "list %zu cannot be read", i);
        }
        const enum rc rc = check_list(crl, cas, i, why);
        const int held = sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl)); /* -1: none at all */
        sum += held > 0 ? held : 0;
        X509_CRL_free(crl);
        TRY(rc);
    }
    *entries = sum;
    return RC_OK;
}

enum rc trust_list_read(struct text pem, struct text bundle_pem, int64_t *entries,
                        char why[TRUST_WHY_BYTES])
{
    size_t count;

    TRY(check_form(pem, LIST, &count, why));
    if (count == 0) {
        return say(why, "it holds no revocation list");
    }
    STACK_OF(X509) *cas = read_cas(bundle_pem);
    BIO *bio = open_pem(pem);
    const enum rc rc = read_lists(bio, cas, count, entries, why);
    ERR_clear_error();
    BIO_free(bio);
    sk_X509_pop_free(cas, X509_free);
    return rc;
}
