/* SPDX-License-Identifier: Apache-2.0 */
/* elb_tags: tags of load balancers, target groups, listeners, rules and trust stores, in ELBv2's
 * words. */
#pragma once
#include "control/control.h"
#include "store/tag.h"

/* Adds or replaces. Refuses DuplicateTagKeys, TooManyTags, reserved keys. */
MUST_USE enum rc elb_tags_put(struct turn *turn, struct text arn, const struct tag_row *tags,
                              size_t count);

/* AddTags, RemoveTags, DescribeTags: all of the resources or none. Refuses what is no ARN of ours
 * and what is not there. */
MUST_USE enum rc elb_tags_add(struct turn *turn, const struct text *arns, size_t arn_count,
                              const struct tag_row *tags, size_t count);
MUST_USE enum rc elb_tags_remove(struct turn *turn, const struct text *arns, size_t arn_count,
                                 const struct text *keys, size_t count);
/* At most 20 resources. `out` has room for one list a resource. */
MUST_USE enum rc elb_tags_describe(struct turn *turn, const struct text *arns, size_t arn_count,
                                   struct tag_rows *out);
