/* SPDX-License-Identifier: Apache-2.0 */
/* hex: bytes as pairs of digits. */
#pragma once
#include "base/text.h"

/* Lower case; writes 2 * bytes.len characters and a NUL. */
void hex_encode(struct text bytes, char *out);

/* Either case. RC_BAD: odd length or another character. RC_LIMIT: more than out_size bytes. */
MUST_USE enum rc hex_decode(struct text digits, char *out, size_t out_size, size_t *len);
