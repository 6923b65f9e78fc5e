/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/choose.h"

#include "base/map.h"
#include "base/mem.h"

#include <openssl/x509v3.h>

enum { NAME_MAX_BYTES = 255 }; /* RFC 1035 §2.3.4 */

struct entry {
    SSL_CTX *ctx; /* own */
    char *arn;    /* own */
    struct entry *next;
    const X509 *leaf; /* of ctx */
    bool is_ecdsa;
    size_t curve; /* ECDSA: as in supported_groups, RFC 8422 §5.1.1 */
    int key_bits;
    int digest_bytes; /* of its issuer's signature */
};

/* One name of one or more certificates: "www.example.com", or "*.example.com". */
struct name {
    char *text; /* own */
    struct name *next;
    struct entry **entries; /* own: borrowed entries */
    size_t count;
};

struct tls_chooser {
    struct entry *entries; /* own: newest first */
    struct entry *standard;
    struct name *names; /* own */
    struct map by_name; /* -> struct name */
};

struct tls_chooser *tls_chooser_new(void)
{
    struct tls_chooser *chooser = MEM_NEW(struct tls_chooser);

    map_init(&chooser->by_name);
    return chooser;
}

void tls_chooser_free(struct tls_chooser *chooser)
{
    if (!chooser) {
        return;
    }
    for (struct entry *entry = chooser->entries, *next; entry; entry = next) {
        next = entry->next;
        SSL_CTX_free(entry->ctx);
        mem_give(entry->arn);
        mem_give(entry);
    }
    for (struct name *name = chooser->names, *next; name; name = next) {
        next = name->next;
        mem_give(name->text);
        mem_give(name->entries);
        mem_give(name);
    }
    map_done(&chooser->by_name);
    mem_give(chooser);
}

/* ---- building ------------------------------------------------------------------------------- */

static void add_name(struct tls_chooser *chooser, struct text text, struct entry *entry)
{
    char lower[NAME_MAX_BYTES + 1];

    if (text.len == 0 || text.len > NAME_MAX_BYTES) {
        return;
    }
    for (size_t i = 0; i < text.len; i++) {
        lower[i] = ascii_lower(text.at[i]);
    }
    const struct text key = {lower, text.len};
    struct name *name = map_get(&chooser->by_name, key);
    if (!name) {
        name = MEM_NEW(struct name);
        name->text = mem_string(key);
        name->next = chooser->names;
        chooser->names = name;
        (void)map_put(&chooser->by_name, (struct text){name->text, key.len}, name);
    }
    name->entries = mem_grow(name->entries, (name->count + 1) * sizeof(struct entry *));
    name->entries[name->count++] = entry;
}

static void add_names_of(struct tls_chooser *chooser, const X509 *leaf, struct entry *entry)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
    char common[NAME_MAX_BYTES + 1];

    if (!names) {
        const int len = X509_NAME_get_text_by_NID(X509_get_subject_name(leaf), NID_commonName,
                                                  common, sizeof(common));
        add_name(chooser, (struct text){common, len > 0 ? (size_t)len : 0}, entry);
        return;
    }
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type == GEN_DNS) {
            add_name(chooser,
                     (struct text){(const char *)ASN1_STRING_get0_data(name->d.dNSName),
                                   (size_t)ASN1_STRING_length(name->d.dNSName)},
                     entry);
        }
    }
    GENERAL_NAMES_free(names);
}

static int digest_bytes_of(X509 *leaf)
{
    int digest = NID_undef;

    if (X509_get_signature_info(leaf, &digest, NULL, NULL, NULL) != 1) {
        return 0;
    }
    const EVP_MD *md = EVP_get_digestbynid(digest);
    return md ? EVP_MD_get_size(md) : 0;
}

/* AWS ALB: P-256, P-384 and P-521. */
static size_t curve_of(int key_bits)
{
    return key_bits <= 256 ? 23 : key_bits <= 384 ? 24 : 25;
}

void tls_chooser_add(struct tls_chooser *chooser, SSL_CTX *ctx, struct text arn)
{
    struct entry *entry = MEM_NEW(struct entry);
    X509 *leaf = SSL_CTX_get0_certificate(ctx);
    const EVP_PKEY *key = SSL_CTX_get0_privatekey(ctx);

    ASSERT(leaf != NULL && key != NULL);
    entry->ctx = ctx;
    entry->arn = mem_string(arn);
    entry->is_ecdsa = EVP_PKEY_get_base_id(key) == EVP_PKEY_EC;
    entry->leaf = leaf;
    entry->key_bits = EVP_PKEY_get_bits(key);
    entry->curve = curve_of(entry->key_bits);
    entry->digest_bytes = digest_bytes_of(leaf);
    entry->next = chooser->entries;
    chooser->entries = entry;
    if (!chooser->standard) {
        chooser->standard = entry;
    }
    add_names_of(chooser, leaf, entry);
}

/* ---- reading the ClientHello ------------------------------------------------------------------
 */

static size_t wire_u16(const unsigned char *at)
{
    return (size_t)at[0] << 8 | at[1];
}

enum rc tls_parse_sni(const unsigned char *extension, size_t len, struct text *out)
{
    /* RFC 6066 §3: list length, then name type 0, name length, name. One host name is all that
     * any client sends and all that may be sent. */
    if (len < 5 || wire_u16(extension) != len - 2 || extension[2] != 0) {
        return RC_BAD;
    }
    const size_t name_len = wire_u16(extension + 3);
    if (name_len != len - 5 || name_len == 0 || name_len > NAME_MAX_BYTES) {
        return RC_BAD;
    }
    *out = (struct text){(const char *)extension + 5, name_len};
    if (out->at[name_len - 1] == '.') {
        out->len--;
    }
    return RC_OK;
}

/* A list of 16 bit numbers in the ClientHello. */
struct numbers {
    const unsigned char *at; /* NULL: none was sent */
    size_t len;
};

static bool has_number(struct numbers numbers, size_t number)
{
    for (size_t i = 0; i + 1 < numbers.len; i += 2) {
        if (wire_u16(numbers.at + i) == number) {
            return true;
        }
    }
    return false;
}

/* The list of an extension, behind its own length of `head` bytes. */
static struct numbers numbers_of(SSL *ssl, unsigned type, size_t head)
{
    const unsigned char *at;
    size_t len;

    if (SSL_client_hello_get0_ext(ssl, type, &at, &len) != 1 || len < head) {
        return (struct numbers){NULL, 0};
    }
    return (struct numbers){at + head, len - head};
}

/* A suite of the context's in which ECDSA keys sign. */
static bool has_ecdsa_suite(SSL *ssl, SSL_CTX *ctx)
{
    const unsigned char *at;
    const size_t len = SSL_client_hello_get0_ciphers(ssl, &at);

    for (size_t i = 0; i + 1 < len; i += 2) {
        const SSL_CIPHER *suite = SSL_CIPHER_find(ssl, at + i);

        if (suite && SSL_CIPHER_get_auth_nid(suite) == NID_auth_ecdsa &&
            sk_SSL_CIPHER_find(SSL_CTX_get_ciphers(ctx), suite) >= 0) {
            return true;
        }
    }
    return false;
}

/* RFC 8446 §4.2.3: a scheme names its curve. Before, any ECDSA scheme signs with any curve. */
static bool can_verify(struct numbers schemes, const struct entry *entry, bool is_tls13)
{
    enum { P256_SHA256 = 0x0403, P384_SHA384 = 0x0503, P521_SHA512 = 0x0603, ECDSA_SHA1 = 0x0203 };
    static const size_t of_curve[] = {[23] = P256_SHA256, [24] = P384_SHA384, [25] = P521_SHA512};

    if (is_tls13) {
        return has_number(schemes, of_curve[entry->curve]);
    }
    /* RFC 5246 §7.4.1.4.1: who sends none means SHA-1. */
    return !schemes.at || has_number(schemes, P256_SHA256) || has_number(schemes, P384_SHA384) ||
           has_number(schemes, P521_SHA512) || has_number(schemes, ECDSA_SHA1);
}

static bool can_use(SSL *ssl, const struct entry *entry)
{
    if (!entry->is_ecdsa) {
        return true; /* whoever can not even RSA is not helped by another one */
    }
    const bool is_tls13 =
        SSL_CTX_get_max_proto_version(entry->ctx) == TLS1_3_VERSION &&
        has_number(numbers_of(ssl, TLSEXT_TYPE_supported_versions, 1), TLS1_3_VERSION);
    const struct numbers curves = numbers_of(ssl, TLSEXT_TYPE_supported_groups, 2);
    if (!can_verify(numbers_of(ssl, TLSEXT_TYPE_signature_algorithms, 2), entry, is_tls13)) {
        return false;
    }
    return is_tls13 ||
           ((!curves.at || has_number(curves, entry->curve)) && has_ecdsa_suite(ssl, entry->ctx));
}

static int is_unexpired(const struct entry *entry)
{
    return X509_cmp_current_time(X509_get0_notAfter(entry->leaf)) > 0;
}

/* AWS ALB, "SSL certificates": ECDSA before RSA, unexpired first, then the strongest digest, the
 * largest key, and validity: the one that lasts. */
static bool is_better(const struct entry *a, const struct entry *b)
{
    const int order[] = {
        a->is_ecdsa - b->is_ecdsa,
        is_unexpired(a) - is_unexpired(b),
        a->digest_bytes - b->digest_bytes,
        a->key_bits - b->key_bits,
        ASN1_TIME_compare(X509_get0_notAfter(a->leaf), X509_get0_notAfter(b->leaf)),
    };

    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        if (order[i] != 0) {
            return order[i] > 0;
        }
    }
    return false;
}

static const struct entry *best_of(const struct tls_chooser *chooser, struct text name, SSL *ssl)
{
    const struct name *found = map_get(&chooser->by_name, name);
    const struct entry *best = NULL;

    for (size_t i = 0; found && i < found->count; i++) {
        const struct entry *entry = found->entries[i];

        if ((!best || is_better(entry, best)) && can_use(ssl, entry)) {
            best = entry;
        }
    }
    return best;
}

static const struct entry *match(const struct tls_chooser *chooser, struct text sni, SSL *ssl)
{
    char lower[NAME_MAX_BYTES + 2];

    for (size_t i = 0; i < sni.len; i++) {
        lower[i + 1] = ascii_lower(sni.at[i]);
    }
    const struct text name = {lower + 1, sni.len};
    const struct entry *exact = best_of(chooser, name, ssl);
    const size_t dot = text_find(name, '.');
    if (exact || dot == name.len) {
        return exact;
    }
    lower[dot] = '*'; /* one label: "www.example.com" -> "*.example.com" */
    return best_of(chooser, (struct text){lower + dot, name.len - dot + 1}, ssl);
}

struct tls_chosen tls_choose(const struct tls_chooser *chooser, SSL *ssl)
{
    const unsigned char *extension;
    size_t len;
    struct text sni;
    const struct entry *entry = NULL;

    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &extension, &len) == 1 &&
        tls_parse_sni(extension, len, &sni) == RC_OK) {
        entry = match(chooser, sni, ssl);
    }
    const struct entry *chosen = entry ? entry : chooser->standard;
    return (struct tls_chosen){chosen->ctx, text_of(chosen->arn), entry != NULL};
}
