/* SPDX-License-Identifier: Apache-2.0 */
/* trust: a trust store made ready for handshakes: CAs and their revocation lists, parsed once. A
 * list may have 500,000 entries, so what is parsed is shared: by all workers and by every
 * certificate of every listener that uses it.
 *
 * Owner    counted references, any thread. Immutable.
 * Source   AWS ALB, "Mutual authentication with TLS". */
#pragma once
#include "base/text.h"

struct tls_trust;

/* RC_BAD: the bundle holds no certificate, or a list cannot be read; `why` says which. */
MUST_USE enum rc tls_trust_new(struct text bundle_pem, struct text crl_pem, struct tls_trust **out,
                               char *why, size_t why_size);
struct tls_trust *tls_trust_ref(struct tls_trust *trust);
void tls_trust_free(struct tls_trust *trust); /* drops one reference; NULL is fine */
AUTO_DEFINE(tls_trust)
