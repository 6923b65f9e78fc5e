/* SPDX-License-Identifier: Apache-2.0 */
/* certs: certificates made on the spot, so that no key lies in the tree. */
#pragma once
#include "base/text.h"

struct made_cert {
    struct text chain_pem, key_pem; /* own: made_cert_done */
};

/* Self-signed, for the names ("a.test,*.a.test"), ECDSA P-256 or RSA 2048. */
struct made_cert made_cert_new(const char *names, bool is_ecdsa);
/* The same, issued by `ca` (itself made here), for a client; ends `days` from now. */
struct made_cert made_cert_issued(const struct made_cert *ca, const char *common_name, int days);
/* A CA named "test ca", ECDSA. */
struct made_cert made_ca_new(void);
/* A revocation list of `ca` with `revoked` on it, PEM, to be freed with mem_give of .at. */
struct text made_crl_new(const struct made_cert *ca, const struct made_cert *revoked);
void made_cert_done(struct made_cert *cert);
