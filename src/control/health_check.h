/* SPDX-License-Identifier: Apache-2.0 */
/* health_check: the health check of a target group: defaults and limits.
 * Sources  AWS ELBv2 API, CreateTargetGroup, Matcher; "Health check settings". */
#pragma once
#include "control/target_group.h"

/* The defaults for the row's protocol version. */
void health_check_defaults(struct target_group_row *row);
/* Puts what was given into the row and checks the whole. RC_BAD with a refusal; the row is spoilt
 * then. */
MUST_USE enum rc health_check_change(struct turn *turn, const struct health_check_new *given,
                                     struct target_group_row *row);
