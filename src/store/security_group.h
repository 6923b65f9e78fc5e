/* SPDX-License-Identifier: Apache-2.0 */
/* security_group: rows of security groups. Their rules are store/security_rule. */
#pragma once
#include "store/store.h"

struct arena;

struct security_group_row {
    struct text id;
    struct text vpc_id;
    struct text name;
    struct text description;
};

struct security_group_rows {
    struct security_group_row *at;
    size_t count;
};

/* RC_CONFLICT: the name is taken in this VPC, or there is no such VPC. */
MUST_USE enum rc security_group_row_insert(struct store *store,
                                           const struct security_group_row *row);
/* With its rules. RC_CONFLICT: a rule of another group or a network interface refers to it. */
MUST_USE enum rc security_group_row_delete(struct store *store, struct text id);
MUST_USE enum rc security_group_row_get(struct store *store, struct arena *arena, struct text id,
                                        struct security_group_row *out);
MUST_USE enum rc security_group_row_get_named(struct store *store, struct arena *arena,
                                              struct text vpc_id, struct text name,
                                              struct security_group_row *out);
/* All, by id. */
MUST_USE enum rc security_group_row_list(struct store *store, struct arena *arena,
                                         struct security_group_rows *out);
MUST_USE enum rc security_group_row_count(struct store *store, int64_t *out);
