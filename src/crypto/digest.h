/* SPDX-License-Identifier: Apache-2.0 */
/* digest: SHA-256 and its HMAC, comparison without a clock to read from, random bytes.
 *
 * Thread   any.
 * Sources  FIPS 180-4, RFC 2104. */
#pragma once
#include "base/text.h"

#define SHA256_BYTES     32
#define SHA256_HEX_BYTES 65 /* with the NUL */

void sha256(struct text data, unsigned char out[SHA256_BYTES]);
/* Lower case, terminated. */
void sha256_hex(struct text data, char out[SHA256_HEX_BYTES]);
void hmac_sha256(struct text key, struct text data, unsigned char out[SHA256_BYTES]);

/* Takes as long for equal as for different texts of one length. */
bool secret_eq(struct text a, struct text b);

/* Overwrites what the compiler would otherwise leave behind. */
void secret_wipe(void *secret, size_t len);

/* From the system's generator; a system without one stops the process. */
void random_bytes(void *out, size_t len);
