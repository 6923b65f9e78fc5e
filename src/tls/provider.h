/* SPDX-License-Identifier: Apache-2.0 */
/* provider: our key schedule (tls/hkdf) as an algorithm of OpenSSL's, for contexts that prefer it.
 *
 * Source   OpenSSL's provider(7), provider-kdf(7), EVP_KDF-TLS13_KDF(7). */
#pragma once

#define TLS_PROVIDER "openalb"
/* What SSL_CTX_new_ex() is to be told: ours where there is one, else whatever the process uses. A
 * word of our algorithms' alone, and short: each look-up hashes it. */
#define TLS_PROPERTIES "?alb.tls"

/* Before the process has threads; again does nothing. Without it, handshakes cost more, and that is
 * all. */
void tls_provider_load(void);
