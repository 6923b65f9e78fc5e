/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/ticket.h"

#include "base/mem.h"

#include <openssl/core_names.h>
#include <openssl/rand.h>

enum { NAME_BYTES = 16, MAC_BYTES = 32, AES_BYTES = 32 };
_Static_assert(NAME_BYTES + MAC_BYTES + AES_BYTES == TLS_TICKET_KEY_BYTES, "the key's parts");

struct tls_tickets {
    EVP_CIPHER *cipher; /* own: looking it up by name costs as much as using it */
    size_t count;
    unsigned char keys[][TLS_TICKET_KEY_BYTES];
};

struct tls_tickets *tls_tickets_new(const unsigned char (*keys)[TLS_TICKET_KEY_BYTES], size_t count)
{
    if (count == 0) {
        return NULL;
    }
    struct tls_tickets *tickets = mem_take(sizeof(*tickets) + count * TLS_TICKET_KEY_BYTES);
    tickets->cipher = EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL);
    ASSERT(tickets->cipher != NULL);
    tickets->count = count;
    memcpy(tickets->keys, keys, count * TLS_TICKET_KEY_BYTES);
    return tickets;
}

void tls_tickets_free(struct tls_tickets *tickets)
{
    if (tickets) {
        EVP_CIPHER_free(tickets->cipher);
        OPENSSL_cleanse(tickets->keys, tickets->count * TLS_TICKET_KEY_BYTES);
        mem_give(tickets);
    }
}

static const unsigned char *find_key(const struct tls_tickets *tickets, const unsigned char *name)
{
    for (size_t i = 0; i < tickets->count; i++) {
        if (memcmp(tickets->keys[i], name, NAME_BYTES) == 0) {
            return tickets->keys[i];
        }
    }
    return NULL;
}

static bool start_mac(EVP_MAC_CTX *mac, const unsigned char *key)
{
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };

    return EVP_MAC_init(mac, key + NAME_BYTES, MAC_BYTES, params) == 1;
}

/* OpenSSL's contract: 1 fine, 2 fine but issue a new ticket, 0 unknown key, -1 error. */
static int on_ticket(SSL *ssl, unsigned char name[NAME_BYTES], unsigned char *iv,
                     EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int is_new)
{
    const struct tls_tickets *tickets = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    const unsigned char *key = is_new ? tickets->keys[0] : find_key(tickets, name);

    if (!key) {
        return 0;
    }
    if (is_new) {
        memcpy(name, key, NAME_BYTES);
        if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(tickets->cipher)) != 1) {
            return -1;
        }
    }
    const unsigned char *aes = key + NAME_BYTES + MAC_BYTES;
    if (EVP_CipherInit_ex(cipher, tickets->cipher, NULL, aes, iv, is_new) != 1 ||
        !start_mac(mac, key)) {
        return -1;
    }
    if (is_new) {
        return 1;
    }
    /* RFC 8446 §C.4: a client uses a ticket once, so it needs one for the next time. */
    return key == tickets->keys[0] && SSL_version(ssl) < TLS1_3_VERSION ? 1 : 2;
}

/* A session lives in its ticket and nowhere else: its id is told to nobody and finds nothing, so it
 * need not be random. libssl filled it with zeros. */
static int keep_id(SSL *ssl, unsigned char *id, unsigned *len)
{
    (void)ssl;
    (void)id;
    (void)len;
    return 1;
}

void tls_tickets_use(struct tls_tickets *tickets, struct text scope, SSL_CTX *ctx)
{
    unsigned char id[SSL_MAX_SID_CTX_LENGTH];
    unsigned len;

    /* The stateful cache would live in one worker only; tickets work everywhere. */
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    (void)SSL_CTX_set_generate_session_id(ctx, keep_id);
    if (!tickets) {
        SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
        (void)SSL_CTX_set_num_tickets(ctx, 0);
        return;
    }
    SSL_CTX_set_app_data(ctx, tickets);
    ASSERT(EVP_Digest(scope.at, scope.len, id, &len, EVP_sha256(), NULL) == 1);
    (void)SSL_CTX_set_session_id_context(ctx, id, len);
    (void)SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, on_ticket);
    (void)SSL_CTX_set_num_tickets(ctx, 1);
}
