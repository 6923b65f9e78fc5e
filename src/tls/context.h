/* SPDX-License-Identifier: Apache-2.0 */
/* context: what the handshakes of one listener, or of one worker toward targets, have in common.
 *
 * A server context holds the listener's certificates and chooses among them by SNI as ALB does:
 * exact name before wildcard, ECDSA before RSA where the client can, the default without a match.
 * Each worker has its own: nothing here is shared between threads. A new context replaces an old
 * one without touching connections that are made: they hold what they need.
 *
 * Owner    tls_server_new gives one reference; streams take theirs from it.
 * Sources  AWS ALB, "SSL certificates for your Application Load Balancer"; RFC 6066 §3 (SNI),
 *          RFC 7301 (ALPN), RFC 5077 and RFC 8446 §4.6.1 (tickets). */
#pragma once
#include "base/text.h"
#include "tls/policy.h"
#include "tls/trust.h"

struct tls_server;
struct tls_client;

struct tls_certificate {
    struct text arn;       /* told back as the chosen one */
    struct text chain_pem; /* leaf first */
    struct text key_pem;   /* not encrypted */
};

enum { TLS_TICKET_KEY_BYTES = 80 }; /* name 16, HMAC key 32, AES key 32 */

enum tls_client_auth { TLS_AUTH_OFF, TLS_AUTH_PASSTHROUGH, TLS_AUTH_VERIFY };

struct tls_server_config { /* all borrowed during the call only */
    const struct tls_policy *policy;
    const struct tls_certificate *certificates; /* the default one first */
    size_t certificate_count;
    const unsigned char (*ticket_keys)[TLS_TICKET_KEY_BYTES]; /* newest first; it encrypts */
    size_t ticket_key_count;                                  /* 0: no resumption */
    struct text session_scope; /* sessions are resumed only within the same one */
    bool is_http2_offered;
    enum tls_client_auth client_auth;
    const struct tls_trust *trust; /* TLS_AUTH_VERIFY */
    bool ignores_expiry, advertises_ca_names;
};

/* RC_BAD: `why` names what is wrong: a certificate that cannot be read, a key that does not fit. */
MUST_USE enum rc tls_server_new(const struct tls_server_config *config, struct tls_server **out,
                                char *why, size_t why_size);
struct tls_server *tls_server_ref(struct tls_server *server);
void tls_server_free(struct tls_server *server); /* drops one reference; NULL is fine */
AUTO_DEFINE(tls_server)

/* Toward targets: certificates are not verified (AWS ALB, "Target groups": any is accepted). */
struct tls_client *tls_client_new(const struct tls_policy *policy, bool is_http2_offered);
void tls_client_free(struct tls_client *client);
AUTO_DEFINE(tls_client)
