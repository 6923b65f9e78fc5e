/* SPDX-License-Identifier: Apache-2.0 */
/* tags: on anything that AWS lets have them. The mechanism is shared, the words are not: each
 * service has error codes of its own, so the check tells what is wrong and its caller says it. */
#pragma once
#include "control/control.h"
#include "store/tag.h"

enum tag_fault {
    TAG_FINE,
    TAG_KEY_EMPTY,
    TAG_KEY_LONG,
    TAG_VALUE_LONG,
    TAG_RESERVED,  /* "aws:" in front, in any case */
    TAG_DUPLICATE, /* the same key twice in one request */
    TAG_TOO_MANY,  /* of the resource, afterwards */
};

/* Adds or replaces tags of `resource` (an EC2 id or an ARN). *fault is TAG_FINE on RC_OK; on RC_BAD
 * nothing was refused yet, and *fault and *index (of the tag in question) say what to refuse. */
MUST_USE enum rc tags_put(struct turn *turn, struct text resource, const struct tag_row *tags,
                          size_t count, enum tag_fault *fault, size_t *index);

/* For services that say little: their codes, and one sentence a fault. */
struct tag_codes {
    const char *invalid, *duplicate, *too_many;
};
MUST_USE enum rc tags_put_coded(struct turn *turn, struct text resource, const struct tag_row *tags,
                                size_t count, const struct tag_codes *codes);

/* The same in EC2's words. */
MUST_USE enum rc tags_put_ec2(struct turn *turn, struct text resource, const struct tag_row *tags,
                              size_t count);

/* EC2: CreateTags and DeleteTags. A tag to remove with a value (.at not NULL) goes only if it has
 * that value; without tags all go. */
MUST_USE enum rc tags_create(struct turn *turn, const struct text *resources, size_t resource_count,
                             const struct tag_row *tags, size_t count);
MUST_USE enum rc tags_delete(struct turn *turn, const struct text *resources, size_t resource_count,
                             const struct tag_row *tags, size_t count);
