/* SPDX-License-Identifier: Apache-2.0 */
/* hkdf: the key schedule of TLS 1.3: HKDF with labels, over the two digests its suites have.
 *
 * A handshake derives some twenty secrets of four to six blocks each. libcrypto's general way, with
 * fetched algorithms and contexts on the heap, costs three times what these blocks do.
 *
 * Owner    nothing is kept; what lay on the stack is wiped.
 * Sources  RFC 8446 §7.1, RFC 5869, RFC 2104. */
#pragma once
#include "base/text.h"

enum { TLS_HASH_BYTES_MAX = 48 };

struct tls_hash; /* SHA-256 or SHA-384 */

/* By OpenSSL's name or the usual one; NULL: none of the two. */
const struct tls_hash *tls_hash_find(struct text name);
size_t tls_hash_bytes(const struct tls_hash *hash);

struct tls_label {
    struct text prefix, label, context; /* "tls13 ", "key", a transcript's hash */
};

/* HKDF-Expand-Label. RC_LIMIT: a part is longer than the label's form, or HKDF, allows, or the
 * secret than a block. */
MUST_USE enum rc tls_hkdf_expand(const struct tls_hash *hash, struct text secret,
                                 const struct tls_label *label, unsigned char *out, size_t len);

/* The next of the schedule's three secrets, tls_hash_bytes() long: out of the one before it (NULL:
 * this is the first) and `input` (NULL: zeros). `label` is "derived", its context is not used. */
MUST_USE enum rc tls_hkdf_next(const struct tls_hash *hash, struct text secret, struct text input,
                               const struct tls_label *label, unsigned char *out);
