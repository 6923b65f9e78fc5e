/* SPDX-License-Identifier: Apache-2.0 */
/* rule: rows of listener rules, and the target groups they forward to. A listener's default actions
 * are its rule of priority 0.
 *
 * Conditions, actions and transforms are documents (JSON) whose form is control's affair; what the
 * database must know of them, the target groups, stands in the table `forward`. */
#pragma once
#include "store/store.h"

struct arena;

struct rule_row {
    struct text arn;
    struct text listener; /* ARN */
    int64_t priority;     /* 1..50000; 0: the default rule */
    struct text conditions;
    struct text actions;
    struct text transforms;
};

struct rule_rows {
    struct rule_row *at;
    size_t count;
};

/* RC_CONFLICT: the priority is in use. */
MUST_USE enum rc rule_row_insert(struct store *store, const struct rule_row *row);
/* Conditions, actions, transforms. */
MUST_USE enum rc rule_row_update(struct store *store, const struct rule_row *row);
/* RC_CONFLICT: in use. For swaps: first give all concerned a negative one. */
MUST_USE enum rc rule_row_set_priority(struct store *store, struct text arn, int64_t priority);
/* RC_ABSENT when there is none. */
MUST_USE enum rc rule_row_get(struct store *store, struct arena *arena, struct text arn,
                              struct rule_row *out);
MUST_USE enum rc rule_row_get_at(struct store *store, struct arena *arena, struct text listener,
                                 int64_t priority, struct rule_row *out);
/* Of one listener: ascending priority, the default rule last. */
MUST_USE enum rc rule_row_list(struct store *store, struct arena *arena, struct text listener,
                               struct rule_rows *out);
/* Over all listeners of the load balancer, default rules not counted. */
MUST_USE enum rc rule_row_count(struct store *store, struct text balancer, int64_t *out);
/* Absent is fine. */
MUST_USE enum rc rule_row_remove(struct store *store, struct text arn);

/* What the rule's actions forward to: replaces. RC_CONFLICT: no such target group. */
MUST_USE enum rc forward_row_remove_all(struct store *store, struct text rule);
MUST_USE enum rc forward_row_put(struct store *store, struct text rule, struct text target_group);
/* Different target groups over all rules of the load balancer. */
MUST_USE enum rc forward_row_count(struct store *store, struct text balancer, int64_t *out);
