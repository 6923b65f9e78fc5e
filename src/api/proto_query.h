/* SPDX-License-Identifier: Apache-2.0 */
/* proto_query: requests of the query and ec2 protocols, from parameters to the operation's struct.
 *
 *   DefaultActions.member.1.ForwardConfig.TargetGroups.member.2.Weight=5     query
 *   IpPermissions.1.IpRanges.1.CidrIp=0.0.0.0/0                              ec2
 *
 * An enum, number, boolean or time that is sent empty counts as absent (Terraform sends
 * `ProtocolVersion=`); an empty text is a text; `Member=` for a list is an empty list. Indexes of a
 * list order it; gaps close. query ignores parameters that it does not know, ec2 refuses them.
 *
 * Sources  api/facts/README.md; the messages are those of AWS's front ends. */
#pragma once
#include "api/call.h"
#include "codec/form.h"

/* Fills the zeroed struct `in` of call->operation. Texts are borrowed from `pairs`, which are put
 * in order. RC_DENIED: refused, in AWS's words. RC_LIMIT: the call's arena is full. */
MUST_USE enum rc proto_query_decode(struct call *call, struct form_pairs *pairs, void *in);
