/* SPDX-License-Identifier: Apache-2.0 */
/* tagging: tags between EC2's shapes and the store. */
#pragma once
#include "api/call.h"
#include "api/ec2_shapes.h"
#include "store/tag.h"

/* The tags to be given at creation. Refuses a specification for another type of resource than
 * `type` ("security-group"). */
MUST_USE enum rc tagging_read(struct call *call,
                              const struct ec2_tag_specification_list *specifications,
                              const char *type, struct tag_rows *out);

/* All tags of a kind of ids ("sg-"), to look them up below. */
MUST_USE enum rc tagging_load(struct call *call, const char *prefix, struct tag_rows *out);

/* The tags of `id` among those loaded. Left out of the answer when there are none, unless
 * `is_always`: AWS answers an empty list for some nouns. */
MUST_USE enum rc tagging_write(struct call *call, const struct tag_rows *loaded, struct text id,
                               bool is_always, struct ec2_tag_list *out);
