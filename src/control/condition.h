/* SPDX-License-Identifier: Apache-2.0 */
/* condition: what must hold for a rule to match, and the transforms that rewrite what it matched.
 *
 * Checked here: all of it; nothing of it needs the store. The documents are JSON, as the store
 * keeps them; what we write we can read.
 *
 * Sources  AWS ELBv2 API, RuleCondition, RuleTransform; "Condition types"; messages as observed. */
#pragma once
#include "control/control.h"

enum condition_type {
    CONDITION_HOST,
    CONDITION_PATH,
    CONDITION_FIELD, /* http-header */
    CONDITION_METHOD,
    CONDITION_QUERY,
    CONDITION_SOURCE_IP,
};

struct condition_texts {
    struct text *at;
    size_t count;
};

struct condition_pair {
    struct text key; /* .at NULL: any */
    struct text value;
};

struct condition {
    enum condition_type type;
    struct text field_name; /* CONDITION_FIELD */
    struct condition_texts values;
    struct condition_texts regexes;
    struct condition_pair *pairs; /* CONDITION_QUERY */
    size_t pair_count;
    /* The old form: `Values` beside `Field`. Host and path only, one value. */
    bool is_plain;
};

struct conditions {
    struct condition *at;
    size_t count;
};

enum transform_type { TRANSFORM_HOST, TRANSFORM_URL };

struct transform {
    enum transform_type type;
    struct text regex;
    struct text replace;
    size_t rewrite_count; /* as given: it must be 1 */
};

struct transforms {
    struct transform *at;
    size_t count;
};

/* By AWS's word ("host-header"); RC_BAD with a refusal for another. */
MUST_USE enum rc condition_type_find(struct turn *turn, struct text word, enum condition_type *out);
const char *condition_type_word(enum condition_type type);

/* RC_BAD with a refusal. */
MUST_USE enum rc conditions_check(struct turn *turn, const struct conditions *conditions);
MUST_USE enum rc transforms_check(struct turn *turn, const struct transforms *transforms);

MUST_USE enum rc conditions_encode(const struct conditions *conditions, struct arena *arena,
                                   struct text *out);
MUST_USE enum rc transforms_encode(const struct transforms *transforms, struct arena *arena,
                                   struct text *out);
/* RC_BAD: it is none of ours: the store is damaged. */
MUST_USE enum rc conditions_decode(struct text document, struct arena *arena,
                                   struct conditions *out);
MUST_USE enum rc transforms_decode(struct text document, struct arena *arena,
                                   struct transforms *out);
