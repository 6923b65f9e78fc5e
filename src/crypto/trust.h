/* SPDX-License-Identifier: Apache-2.0 */
/* trust: what a trust store is made of: a bundle of CA certificates, and the revocation lists of
 * those CAs; read and checked. How many there may be is the caller's affair.
 *
 * Sources  AWS ALB, "Configuring mutual TLS": PEM; comments begin with # and hold no hyphen; no
 *          blank lines; X.509v3; "Requirements for certificates"; RFC 5280 §5 (CRLs). */
#pragma once
#include "base/text.h"

enum { TRUST_WHY_BYTES = 160 };

struct trust_bundle {
    size_t certificate_count;
    size_t subject_bytes; /* of all subjects together, encoded */
    size_t largest_bytes; /* of one certificate, encoded */
};

/* RC_BAD: `why` says in a few words what is wrong, and with which line or certificate. */
MUST_USE enum rc trust_bundle_read(struct text pem, struct trust_bundle *out,
                                   char why[TRUST_WHY_BYTES]);

/* One or more lists; gives how many entries they have. RC_BAD, as above: it is no list, or it was
 * not signed by a CA of the bundle. */
MUST_USE enum rc trust_list_read(struct text pem, struct text bundle_pem, int64_t *entries,
                                 char why[TRUST_WHY_BYTES]);
