/* SPDX-License-Identifier: Apache-2.0 */
/* validate: does an input keep what the facts promise: required members, enums, ranges, lengths,
 * patterns, sizes of lists? Answered in the words of AWS's front ends, all violations at once:
 *
 *   1 validation error detected: Value 'ftp' at 'protocol' failed to satisfy constraint: Member
 *   must satisfy enum value set: [HTTP, HTTPS]
 *
 * ec2 has no such front end; it names the first parameter that is wrong.
 *
 * Owner    one validator a service, made once: it holds the compiled patterns.
 * Thread   one.
 * Sources  api/facts; alb reference, "General validation behaviour". */
#pragma once
#include "api/call.h"

struct validator;

struct validator *validator_new(const struct service *service);
void validator_free(struct validator *validator); /* NULL is fine */
AUTO_DEFINE(validator)

/* RC_OK, or RC_DENIED with the call's refusal. `in` is the input of call->operation. */
MUST_USE enum rc validator_check(struct validator *validator, struct call *call, const void *in);
