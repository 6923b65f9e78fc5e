/* SPDX-License-Identifier: Apache-2.0 */
#include "base/map.h"

#include "base/mem.h"

void map_init(struct map *map)
{
    *map = (struct map){0};
}

void map_done(struct map *map)
{
    mem_give(map->slots);
    map_init(map);
}

/* The slot that holds `key`, or the empty one where it would go. */
static struct map_slot *find_slot(const struct map *map, struct text key, uint64_t hash)
{
    size_t i = hash & (map->size - 1);

    while (map->slots[i].value &&
           (map->slots[i].hash != hash || !text_eq(map->slots[i].key, key))) {
        i = (i + 1) & (map->size - 1);
    }
    return &map->slots[i];
}

void *map_get(const struct map *map, struct text key)
{
    return map->count ? find_slot(map, key, text_hash(key))->value : NULL;
}

static void grow(struct map *map)
{
    struct map old = *map;

    map->size = old.size ? old.size * 2 : 8;
    map->slots = mem_take_array(map->size, sizeof(*map->slots));
    for (size_t i = 0; i < old.size; i++) {
        if (old.slots[i].value) {
            *find_slot(map, old.slots[i].key, old.slots[i].hash) = old.slots[i];
        }
    }
    mem_give(old.slots);
}

void *map_put(struct map *map, struct text key, void *value)
{
    const uint64_t hash = text_hash(key);

    ASSERT(value != NULL);
    if (map->count * 4 >= map->size * 3) {
        grow(map);
    }
    struct map_slot *slot = find_slot(map, key, hash);
    void *before = slot->value;
    *slot = (struct map_slot){key, value, hash};
    map->count += before == NULL;
    return before;
}

void *map_remove(struct map *map, struct text key)
{
    if (!map->count) {
        return NULL;
    }
    struct map_slot *slot = find_slot(map, key, text_hash(key));
    void *before = slot->value;
    if (!before) {
        return NULL;
    }
    slot->value = NULL;
    map->count--;
    /* Close the gap: whoever stands behind it in the same run is placed anew. */
    for (size_t i = (size_t)(slot - map->slots + 1) & (map->size - 1); map->slots[i].value;
         i = (i + 1) & (map->size - 1)) {
        const struct map_slot moved = map->slots[i];
        map->slots[i].value = NULL;
        *find_slot(map, moved.key, moved.hash) = moved;
    }
    return before;
}

void *map_each(const struct map *map, size_t *at)
{
    while (*at < map->size) {
        void *value = map->slots[(*at)++].value;
        if (value) {
            return value;
        }
    }
    return NULL;
}
