/* SPDX-License-Identifier: Apache-2.0 */
/* base64: RFC 4648 §4, and the URL-safe alphabet of §5 without padding. */
#pragma once
#include "base/arena.h"

/* .at NULL at the arena's ceiling. */
struct text base64_encode(struct arena *arena, struct text bytes);
struct text base64url_encode(struct arena *arena, struct text bytes);

/* Strict: padding where it belongs, unused bits zero, nothing else; line breaks are not skipped.
 * RC_BAD, RC_LIMIT (arena). */
MUST_USE enum rc base64_decode(struct arena *arena, struct text encoded, struct text *out);
MUST_USE enum rc base64url_decode(struct arena *arena, struct text encoded, struct text *out);
