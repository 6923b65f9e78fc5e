/* SPDX-License-Identifier: Apache-2.0 */
/* forward: the tie between rules and target groups.
 *
 * Sources  AWS ELBv2 API, CreateListener, CreateRule; "Quotas"; messages as observed. */
#pragma once
#include "control/action.h"
#include "store/balancer.h"

/* Checks the target groups of complete actions, for a rule of `balancer`: there, of its VPC, of no
 * other load balancer, of a protocol version that the listener can serve. */
MUST_USE enum rc forward_check(struct turn *turn, const struct actions *actions,
                               const struct balancer_row *balancer, bool is_https);

/* Writes what the rule forwards to now, and holds the load balancer's quotas of target groups and
 * targets. */
MUST_USE enum rc forward_apply(struct turn *turn, const struct actions *actions, struct text rule,
                               struct text balancer);
