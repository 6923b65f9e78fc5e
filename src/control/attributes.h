/* SPDX-License-Identifier: Apache-2.0 */
/* attributes: attribute sets in the store, by ARN. */
#pragma once
#include "control/attribute.h"
#include "control/control.h"

/* The whole set of a resource. */
MUST_USE enum rc attributes_load(struct turn *turn, struct text arn,
                                 const struct attribute_scope *scope, struct attribute_set *out);
/* Changes a loaded set and writes what differs from the defaults; RC_BAD with a refusal, and
 * nothing is changed. */
MUST_USE enum rc attributes_save(struct turn *turn, struct text arn,
                                 const struct attribute *changes, size_t count,
                                 struct attribute_set *set);
