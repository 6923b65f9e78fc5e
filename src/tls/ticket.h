/* SPDX-License-Identifier: Apache-2.0 */
/* ticket: session tickets with keys from outside, so that resumption works across workers, nodes
 * and restarts. The newest key encrypts; older ones only decrypt and have the ticket renewed.
 *
 * Sources  RFC 5077 §4 (recommended construction), RFC 8446 §4.6.1. */
#pragma once
#include "tls/context.h"

#include <openssl/ssl.h>

struct tls_tickets;

/* Copies the keys; NULL when there are none. */
struct tls_tickets *tls_tickets_new(const unsigned char (*keys)[TLS_TICKET_KEY_BYTES],
                                    size_t count);
void tls_tickets_free(struct tls_tickets *tickets); /* wipes; NULL is fine */

/* Sets ctx up; tickets NULL: no resumption at all. Tickets of another scope resume nothing. */
void tls_tickets_use(struct tls_tickets *tickets, struct text scope, SSL_CTX *ctx);
