/* SPDX-License-Identifier: Apache-2.0 */
/* rule: the rules of a listener beside its default one.
 *
 * Sources  AWS ELBv2 API, CreateRule and its kin; "Listener rules"; messages as observed. */
#pragma once
#include "control/action.h"
#include "control/condition.h"
#include "store/rule.h"
#include "store/tag.h"

struct rule_new {
    struct text listener; /* ARN */
    int64_t priority;
    struct conditions conditions;
    struct actions actions;
    struct transforms transforms;
    const struct tag_row *tags;
    size_t tag_count;
};

/* Empty lists mean not given. */
struct rule_change {
    struct conditions conditions;
    struct actions actions;
    struct transforms transforms;
    bool resets_transforms;
};

struct rule {
    struct text arn;
    int64_t priority; /* 0: the default rule */
    struct conditions conditions;
    struct actions actions;
    struct transforms transforms;
};

struct rules {
    struct rule *at;
    size_t count;
};

struct rule_move {
    struct text arn;
    int64_t priority;
};

MUST_USE enum rc rule_create(struct turn *turn, const struct rule_new *wanted, struct rule *out);
/* What is given replaces what was. */
MUST_USE enum rc rule_modify(struct turn *turn, struct text arn, const struct rule_change *change,
                             struct rule *out);
MUST_USE enum rc rule_delete(struct turn *turn, struct text arn);
/* All at once, so that two may swap. `out` is in the order given. */
MUST_USE enum rc rule_set_priorities(struct turn *turn, const struct rule_move *moves, size_t count,
                                     struct rules *out);
/* Those of a listener, by priority and the default one last, or those with these ARNs in the order
 * given: one of both. */
MUST_USE enum rc rule_find_all(struct turn *turn, struct text listener, const struct text *arns,
                               size_t count, struct rules *out);
