/* SPDX-License-Identifier: Apache-2.0 */
/* target: the parts of a request target, as both protocols read them. Private to this room. */
#pragma once
#include "http/message.h"

/* Origin form, or the asterisk: sets path and query. */
void target_split(struct http_request *out, struct text target);

/* uri-host [ ":" port ] (RFC 9110 §7.2), no userinfo; may be empty. */
bool target_is_authority(struct text authority);
