/* SPDX-License-Identifier: Apache-2.0 */
/* client_auth: mutual TLS: sets a context up to ask for the client's certificate, and to check it.
 *
 * Source   AWS ALB, "Mutual authentication with TLS": depth of 4, no resumption, expiry that may be
 *          ignored, revocation lists, CA names advertised only when asked for, the keys and
 *          signatures that are taken. */
#pragma once
#include "tls/context.h"

#include <openssl/ssl.h>

void tls_client_auth_use(const struct tls_server_config *config, SSL_CTX *ctx);

/* tls/trust's part of it: the context verifies against this trust store, of which it keeps what it
 * needs. */
void tls_trust_use(const struct tls_trust *trust, bool advertises_names, SSL_CTX *ctx);
