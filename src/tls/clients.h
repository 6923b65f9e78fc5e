/* SPDX-License-Identifier: Apache-2.0 */
/* clients: the contexts toward targets, each made when it is first needed: as many as there are
 * policies in use, twice.
 *
 * Owner    whoever embeds it. What is made stays until clients_done: it may be borrowed till then.
 * Thread   one: nothing here is shared. */
#pragma once
#include "tls/context.h"

struct tls_clients {
    struct tls_clients_entry *first; /* own */
};

void tls_clients_init(struct tls_clients *clients);
void tls_clients_done(struct tls_clients *clients);
/* Borrowed. */
struct tls_client *tls_clients_get(struct tls_clients *clients, const struct tls_policy *policy,
                                   bool is_http2_offered);
