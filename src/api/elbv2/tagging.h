/* SPDX-License-Identifier: Apache-2.0 */
/* tagging: tags between the shapes of elbv2 and control's. */
#pragma once
#include "api/elbv2/elbv2.h"
#include "store/tag.h"

/* For a create's `tags` and `tag_count`. */
MUST_USE enum rc tagging_read_elbv2(struct call *call, const struct elbv2_tag_list *in,
                                    const struct tag_row **out, size_t *count);
