/* SPDX-License-Identifier: Apache-2.0 */
/* presign: a URL that whoever has it may fetch for a while, signed with the caller's key as SDKs
 * sign those of S3.
 *
 * Sources  Amazon S3 API, "Authenticating Requests: Using Query Parameters". */
#pragma once
#include "api/call.h"

/* GET of `path` (unreserved characters and slashes) at the address where the caller found us.
 * RC_LIMIT. */
MUST_USE enum rc presign_url(struct call *call, struct text path, int64_t expires_s,
                             struct text *out);
