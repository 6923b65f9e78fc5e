/* SPDX-License-Identifier: Apache-2.0 */
/* target_check: what may be registered in which group. */
#pragma once
#include "control/target.h"
#include "store/target_group.h"

/* Checks one target of a RegisterTargets call and fills in port and zone. RC_BAD and a refusal. */
MUST_USE enum rc target_check(struct turn *turn, const struct target_group_row *group,
                              const struct target_name *name, struct target_row *out);
