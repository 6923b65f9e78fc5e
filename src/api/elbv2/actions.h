/* SPDX-License-Identifier: Apache-2.0 */
/* actions: actions of rules between the shapes of elbv2 and control's. */
#pragma once
#include "api/elbv2/elbv2.h"
#include "control/action.h"

MUST_USE enum rc actions_read(struct call *call, const struct elbv2_actions *in,
                              struct actions *out);
MUST_USE enum rc actions_write(struct call *call, const struct actions *actions,
                               struct elbv2_actions *out);
