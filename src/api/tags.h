/* SPDX-License-Identifier: Apache-2.0 */
/* tags: of services whose Tag is a key and a value and no more, whatever its generated name. */
#pragma once
#include "api/call.h"
#include "control/tags.h"

struct api_tag {
    struct text key;
    struct text value;
};

/* A service's list of tags as one of ours: API_TAGS(acm_tag, in->tags.items). */
#define API_TAGS(type, items)                                                               \
    ({                                                                                      \
        _Static_assert(sizeof(struct type) == sizeof(struct api_tag) &&                     \
                           offsetof(struct type, value) == offsetof(struct api_tag, value), \
                       #type " is a key and a value");                                      \
        (struct api_tag *)(items);                                                          \
    })

/* Sets or replaces them; refuses in the service's codes. */
MUST_USE enum rc api_tags_put(struct call *call, struct text arn, const struct api_tag *tags,
                              size_t count, const struct tag_codes *codes);
/* All of them, for an answer. */
MUST_USE enum rc api_tags_list(struct call *call, struct text arn, struct api_tag **out,
                               size_t *count);
