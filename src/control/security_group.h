/* SPDX-License-Identifier: Apache-2.0 */
/* security_group: named sets of rules of a VPC.
 * Sources  EC2 API reference, CreateSecurityGroup, DeleteSecurityGroup; error codes. */
#pragma once
#include "control/control.h"
#include "store/security_group.h"
#include "store/tag.h"

struct security_group_new {
    struct text name;
    struct text description;
    struct text vpc_id; /* empty: the default VPC */
    const struct tag_row *tags;
    size_t tag_count;
};

/* With the rule that lets everything out. */
MUST_USE enum rc security_group_create(struct turn *turn, const struct security_group_new *wanted,
                                       struct security_group_row *out);
/* "default", with its rules: everything out, everything in from itself. For a VPC that is new. */
MUST_USE enum rc security_group_create_default(struct turn *turn, struct text vpc_id);

/* By id, or by name in the default VPC, one of which is not empty. Refuses malformed and unknown
 * ones, both and none. */
MUST_USE enum rc security_group_find(struct turn *turn, struct text id, struct text name,
                                     struct security_group_row *out);

/* With its rules and all their tags. Refuses what is in use: DependencyViolation. */
MUST_USE enum rc security_group_delete(struct turn *turn, const struct security_group_row *group);
