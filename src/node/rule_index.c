/* SPDX-License-Identifier: Apache-2.0 */
#include "node/rule_index.h"

struct rule_key {
    struct text text;
    uint64_t hash;
    rule_set *set; /* NULL: empty */
};

static uint64_t load(const char *at, size_t len)
{
    uint64_t word = 0;

    memcpy(&word, at, len);
    return word;
}

/* Its highest bits depend on all of the word. */
static uint64_t hash_word(uint64_t hash, uint64_t word)
{
    const uint64_t case_bits = 0x2020202020202020; /* of letters; others differ elsewhere, mostly */

    hash = (hash ^ (word | case_bits)) * 0x9e3779b97f4a7c15;
    return hash ^ hash >> 32;
}

/* The same for either case of letters. */
static uint64_t hash_text(struct text text)
{
    uint64_t hash = text.len;
    size_t at = 0;

    for (; text.len - at >= sizeof(uint64_t); at += sizeof(uint64_t)) {
        hash = hash_word(hash, load(text.at + at, sizeof(uint64_t)));
    }
    return at < text.len ? hash_word(hash, load(text.at + at, text.len - at)) : hash;
}

static struct rule_key *index_slot(const struct rule_index *index, struct text key, uint64_t hash)
{
    size_t i = hash >> index->shift;

    while (index->slots[i].set &&
           (index->slots[i].hash != hash || !index->is_same(index->slots[i].text, key))) {
        i = (i + 1) & (index->size - 1);
    }
    return &index->slots[i];
}

const rule_set *rule_index_get(const struct rule_index *index, struct text key)
{
    return index->size ? index_slot(index, key, hash_text(key))->set : NULL;
}

void rule_set_add(rule_set *set, size_t rule)
{
    set[rule / 64] |= (rule_set)1 << (rule % 64);
}

enum rc rule_index_init(struct rule_index *index, size_t keys, size_t words, struct arena *arena)
{
    index->others = ARENA_ARRAY(arena, rule_set, words);
    if (keys > 0) {
        index->size = 8;
        index->shift = 64 - 3;
        while (index->size < keys * 2) {
            index->size *= 2;
            index->shift--;
        }
        index->slots = ARENA_ARRAY(arena, struct rule_key, index->size);
    }
    return index->others && (!keys || index->slots) ? RC_OK : RC_LIMIT;
}

enum rc rule_index_add(struct rule_index *index, struct text key, size_t rule, size_t words,
                       struct arena *arena)
{
    const uint64_t hash = hash_text(key);
    struct rule_key *slot = index_slot(index, key, hash);

    if (!slot->set) {
        slot->text = key;
        slot->hash = hash;
        slot->set = ARENA_ARRAY(arena, rule_set, words);
    }
    if (!slot->set) {
        return RC_LIMIT;
    }
    rule_set_add(slot->set, rule);
    return RC_OK;
}
