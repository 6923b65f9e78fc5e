/* SPDX-License-Identifier: Apache-2.0 */
/* strength: which keys and signatures mutual TLS takes: RSA of 2048 to 8192 bits or ECDSA on P-256,
 * P-384 or P-521, signed with SHA-256, SHA-384 or SHA-512.
 *
 * Source   AWS ALB, "Mutual authentication with TLS": "Before you begin". */
#pragma once
#include <openssl/x509.h>
#include <stdbool.h>

bool strength_key_is_enough(const X509 *cert);
bool strength_signature_is_enough(X509 *cert);
bool strength_list_is_enough(const X509_CRL *crl); /* its signature */
