/* SPDX-License-Identifier: Apache-2.0 */
/* proto_json: requests and answers of the json protocols: X-Amz-Target names the operation, the
 * body is its input as an object. Members that are null count as absent, unknown ones are ignored;
 * times are numbers of seconds.
 *
 * Sources  Smithy, "AWS JSON 1.1 protocol"; api/facts/README.md. */
#pragma once
#include "api/call.h"
#include "base/buf.h"

/* Fills the zeroed struct `in` of call->operation from a body; an empty one is {}. RC_DENIED: a
 * SerializationException. RC_LIMIT: the call's arena is full. */
MUST_USE enum rc proto_json_decode(struct call *call, struct text body, void *in);

/* The members that are set, as one object. */
void proto_json_encode(struct buf *buf, const struct shape *shape, const void *at);
