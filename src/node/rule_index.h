/* SPDX-License-Identifier: Apache-2.0 */
/* rule_index: which rules have a given key, a host or the beginning of a path; by one hash.
 *
 * Owner    everything lives in the arena; keys are borrowed for life.
 * Thread   immutable once it is built: any. */
#pragma once
#include "base/arena.h"
#include "base/text.h"

#include <stdint.h>

/* A set of rules: bit i is rule i, in order of priority. */
typedef uint64_t rule_set;

void rule_set_add(rule_set *set, size_t rule);

struct rule_index {
    bool (*is_same)(struct text a, struct text b); /* set by the user */
    struct rule_key *slots;
    size_t size;      /* a power of two; 0: no keys */
    unsigned shift;   /* leaves as many bits of a hash */
    rule_set *others; /* for the user: rules that no key of this kind restricts */
};

/* For at most `keys`; sets have `words`. RC_LIMIT: the arena is full. */
MUST_USE enum rc rule_index_init(struct rule_index *index, size_t keys, size_t words,
                                 struct arena *arena);
MUST_USE enum rc rule_index_add(struct rule_index *index, struct text key, size_t rule,
                                size_t words, struct arena *arena);
/* NULL: no rule has such a key. */
const rule_set *rule_index_get(const struct rule_index *index, struct text key);
