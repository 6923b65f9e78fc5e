/* SPDX-License-Identifier: Apache-2.0 */
/* sigv4_canonical: the one spelling of a request that both sides sign. Inner to sigv4.
 *
 * Sources  AWS IAM guide, "Create a canonical request". */
#pragma once
#include "base/arena.h"
#include "http/message.h"

/* method, path, query, signed fields, their names, payload hash: a line each, but for the fields,
 * which have one a piece. RC_LIMIT: the arena is full. */
MUST_USE enum rc sigv4_canonical(const struct http_request *head, struct text signed_headers,
                                 struct text payload_hash, struct arena *arena, struct text *out);

/* Is host (or :authority) among the names "a;b;c"? */
bool sigv4_signs_host(struct text signed_headers);
