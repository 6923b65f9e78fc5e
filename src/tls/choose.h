/* SPDX-License-Identifier: Apache-2.0 */
/* choose: which certificate a client gets.
 *
 * Source   AWS ALB, "SSL certificates": the default without SNI or match; among those that match
 *          and the client can use: exact before wildcard, ECDSA before RSA, valid before expired,
 *          the longer key. */
#pragma once
#include "base/text.h"

#include <openssl/ssl.h>

struct tls_chooser;

struct tls_chosen {
    SSL_CTX *ctx; /* borrowed */
    struct text arn;
    bool is_by_name;
};

struct tls_chooser *tls_chooser_new(void);
void tls_chooser_free(struct tls_chooser *chooser);

/* Takes ctx, whose certificate is set. The first one added is the default. */
void tls_chooser_add(struct tls_chooser *chooser, SSL_CTX *ctx, struct text arn);

/* In the ClientHello callback only: reads SNI, signature algorithms and suites from it. */
struct tls_chosen tls_choose(const struct tls_chooser *chooser, SSL *ssl);

/* The host name of a server_name extension (RFC 6066 §3); RC_BAD if it is malformed. */
MUST_USE enum rc tls_parse_sni(const unsigned char *extension, size_t len, struct text *out);
