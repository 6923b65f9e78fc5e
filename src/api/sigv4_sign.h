/* SPDX-License-Identifier: Apache-2.0 */
/* sigv4_sign: from the canonical spelling of a request to its signature. Inner to sigv4.
 *
 * Sources  AWS IAM guide, "Create a signed AWS API request", steps 3 and 4. */
#pragma once
#include "base/arena.h"
#include "crypto/digest.h"

#define SIGV4_ALGORITHM    "AWS4-HMAC-SHA256"
#define SIGV4_SECRET_BYTES 256

struct sigv4_scope {
    struct text date;    /* 20260113T100000Z */
    struct text day;     /* 20260113 */
    struct text region;  /* us-east-1 */
    struct text service; /* s3 */
};

/* `string_to_sign` (in the arena) is for refusals. RC_LIMIT: the arena is full. */
MUST_USE enum rc sigv4_sign(struct text secret, const struct sigv4_scope *scope,
                            struct text canonical, struct arena *arena, struct text *string_to_sign,
                            char out[SHA256_HEX_BYTES]);
