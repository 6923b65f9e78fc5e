/* SPDX-License-Identifier: Apache-2.0 */
/* map: text -> pointer, open addressing. For look-ups on hot paths and everywhere below control
 * (which may use uthash). Keys are borrowed: what a value points at usually holds its key.
 *
 * Thread   one writer; many readers while nobody writes. */
#pragma once
#include "base/text.h"

struct map_slot {
    struct text key;
    void *value; /* NULL: empty */
    uint64_t hash;
};

struct map {
    struct map_slot *slots; /* own */
    size_t size;            /* a power of two, or 0 */
    size_t count;
};

void map_init(struct map *map);
void map_done(struct map *map);

void *map_get(const struct map *map, struct text key); /* NULL: absent */
/* Sets or replaces; gives the value that was there before, or NULL. `value` may not be NULL. */
void *map_put(struct map *map, struct text key, void *value);
/* Gives what was there, or NULL. */
void *map_remove(struct map *map, struct text key);
/* Steps through: start with *at = 0, ends with NULL. No changes in between but of map_remove of
 * nothing at all. */
void *map_each(const struct map *map, size_t *at);
