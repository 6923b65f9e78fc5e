/* SPDX-License-Identifier: Apache-2.0 */
/* certs: certificates made on the spot, so that no key lies in the tree. */
#pragma once
#include "base/text.h"

struct made_cert {
    struct text chain_pem, key_pem; /* own: made_cert_done */
};

/* Self-signed, for the names ("a.test,*.a.test"), ECDSA P-256 or RSA 2048. */
struct made_cert made_cert_new(const char *names, bool is_ecdsa);
void made_cert_done(struct made_cert *cert);
