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
    bool is_ecdsa;
    int key_bits;
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

void tls_chooser_add(struct tls_chooser *chooser, SSL_CTX *ctx, struct text arn)
{
    struct entry *entry = MEM_NEW(struct entry);
    const X509 *leaf = SSL_CTX_get0_certificate(ctx);
    const EVP_PKEY *key = SSL_CTX_get0_privatekey(ctx);

    ASSERT(leaf != NULL && key != NULL);
    entry->ctx = ctx;
    entry->arn = mem_string(arn);
    entry->is_ecdsa = EVP_PKEY_get_base_id(key) == EVP_PKEY_EC;
    entry->key_bits = EVP_PKEY_get_bits(key);
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

/* Signature algorithms that only ECDSA keys make: RFC 8446 §4.2.3, ecdsa_secp*, and ecdsa_sha1. */
static bool is_ecdsa_scheme(size_t scheme)
{
    return scheme == 0x0403 || scheme == 0x0503 || scheme == 0x0603 || scheme == 0x0203;
}

static bool client_can_ecdsa(SSL *ssl)
{
    const unsigned char *extension;
    size_t len;

    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_signature_algorithms, &extension, &len) != 1) {
        return false; /* before TLS 1.2: RSA is the safe answer */
    }
    for (size_t i = 2; i + 1 < len; i += 2) {
        if (is_ecdsa_scheme(wire_u16(extension + i))) {
            return true;
        }
    }
    return false;
}

/* Higher is better; -1: the client cannot use it. */
static int entry_rank(const struct entry *entry, bool can_ecdsa)
{
    if (entry->is_ecdsa && !can_ecdsa) {
        return -1;
    }
    const X509 *leaf = SSL_CTX_get0_certificate(entry->ctx);
    const bool is_valid = X509_cmp_current_time(X509_get0_notAfter(leaf)) > 0;
    /* AWS ALB: ECDSA before RSA, unexpired first, then the largest key. */
    return (entry->is_ecdsa ? 1 << 20 : 0) + (is_valid ? 1 << 19 : 0) + entry->key_bits;
}

static const struct entry *best_of(const struct tls_chooser *chooser, struct text name,
                                   bool can_ecdsa)
{
    const struct name *found = map_get(&chooser->by_name, name);
    const struct entry *best = NULL;
    int best_rank = -1;

    for (size_t i = 0; found && i < found->count; i++) {
        const int rank = entry_rank(found->entries[i], can_ecdsa);
        if (rank > best_rank) {
            best = found->entries[i];
            best_rank = rank;
        }
    }
    return best;
}

static const struct entry *match(const struct tls_chooser *chooser, struct text sni, bool can_ecdsa)
{
    char lower[NAME_MAX_BYTES + 2];

    for (size_t i = 0; i < sni.len; i++) {
        lower[i + 1] = ascii_lower(sni.at[i]);
    }
    const struct text name = {lower + 1, sni.len};
    const struct entry *exact = best_of(chooser, name, can_ecdsa);
    const size_t dot = text_find(name, '.');
    if (exact || dot == name.len) {
        return exact;
    }
    lower[dot] = '*'; /* one label: "www.example.com" -> "*.example.com" */
    return best_of(chooser, (struct text){lower + dot, name.len - dot + 1}, can_ecdsa);
}

struct tls_chosen tls_choose(const struct tls_chooser *chooser, SSL *ssl)
{
    const unsigned char *extension;
    size_t len;
    struct text sni;
    const struct entry *entry = NULL;

    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &extension, &len) == 1 &&
        tls_parse_sni(extension, len, &sni) == RC_OK) {
        entry = match(chooser, sni, client_can_ecdsa(ssl));
    }
    const struct entry *chosen = entry ? entry : chooser->standard;
    return (struct tls_chosen){chosen->ctx, text_of(chosen->arn), entry != NULL};
}
