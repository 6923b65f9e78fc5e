/* SPDX-License-Identifier: Apache-2.0 */
/* conditions: conditions and transforms of rules between the shapes of elbv2 and control's. */
#pragma once
#include "api/elbv2/elbv2.h"
#include "control/condition.h"

MUST_USE enum rc conditions_read(struct call *call, const struct elbv2_rule_condition_list *in,
                                 struct conditions *out);
MUST_USE enum rc conditions_write(struct call *call, const struct conditions *conditions,
                                  struct elbv2_rule_condition_list *out);
MUST_USE enum rc transforms_read(struct call *call, const struct elbv2_rule_transform_list *in,
                                 struct transforms *out);
MUST_USE enum rc transforms_write(struct call *call, const struct transforms *transforms,
                                  struct elbv2_rule_transform_list *out);
