/* SPDX-License-Identifier: Apache-2.0 */
/* provider: our key schedule (tls/hkdf) as an algorithm of OpenSSL's, for contexts that prefer it.
 *
 * Source   OpenSSL's provider(7), provider-kdf(7), EVP_KDF-TLS13_KDF(7). */
#pragma once
#include "base/rc.h"

#define TLS_PROVIDER "openalb"
/* What SSL_CTX_new_ex() is to be told: ours where there is one, else whatever the process uses. A
 * word of our algorithms' alone, and short: each look-up hashes it. */
#define TLS_PROPERTIES "?alb.tls"

struct tls_provider;

/* One a process, before its threads; freed after the last context. NULL: OpenSSL does not take it,
 * and handshakes cost more: that is all. */
struct tls_provider *tls_provider_new(void);
void tls_provider_free(struct tls_provider *provider); /* NULL is fine */
AUTO_DEFINE(tls_provider)
