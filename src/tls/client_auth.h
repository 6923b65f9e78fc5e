/* SPDX-License-Identifier: Apache-2.0 */
/* client_auth: mutual TLS: sets a context up to ask for the client's certificate, and to check it.
 *
 * Source   AWS ALB, "Mutual authentication with TLS": depth of 4, no resumption, expiry that may be
 *          ignored, revocation lists, CA names advertised only when asked for. */
#pragma once
#include "tls/context.h"

#include <openssl/ssl.h>

/* RC_BAD: the bundle holds no certificate, or a list cannot be read; `why` says which. */
MUST_USE enum rc tls_client_auth_use(const struct tls_server_config *config, SSL_CTX *ctx,
                                     char *why, size_t why_size);
