/* SPDX-License-Identifier: Apache-2.0 */
#include "node/sources.h"

#include "base/mem.h"

void sources_init(struct sources *sources, uint32_t seed)
{
    *sources = (struct sources){.seed = seed};
    pool_init(&sources->pool, sizeof(struct source), 0);
}

void sources_done(struct sources *sources)
{
    mem_give(sources->slots);
    pool_done(&sources->pool);
}

static size_t home_of(const struct sources *sources, uint32_t ip)
{
    const uint64_t mixed = (uint64_t)(ip ^ sources->seed) * 0x9e3779b97f4a7c15u;

    return (mixed >> 32) & (sources->size - 1);
}

/* Where `ip` stands, or the empty slot where it would go. */
static struct source **find(const struct sources *sources, uint32_t ip)
{
    size_t i = home_of(sources, ip);

    while (sources->slots[i] && sources->slots[i]->ip != ip) {
        i = (i + 1) & (sources->size - 1);
    }
    return &sources->slots[i];
}

static void grow(struct sources *sources)
{
    const struct sources old = *sources;

    sources->size = old.size ? old.size * 2 : 64;
    sources->slots = mem_take_array(sources->size, sizeof(*sources->slots));
    for (size_t i = 0; i < old.size; i++) {
        if (old.slots[i]) {
            *find(sources, old.slots[i]->ip) = old.slots[i];
        }
    }
    mem_give(old.slots);
}

struct source *sources_add(struct sources *sources, uint32_t ip)
{
    if (sources->count * 2 >= sources->size) {
        grow(sources);
    }
    struct source **slot = find(sources, ip);
    if (!*slot) {
        *slot = pool_take(&sources->pool);
        **slot = (struct source){.ip = ip};
        sources->count++;
    }
    (*slot)->connections++;
    return *slot;
}

void sources_remove(struct sources *sources, struct source *source)
{
    ASSERT(source->connections > 0);
    if (--source->connections > 0) {
        return;
    }
    ASSERT(source->requests == 0);
    struct source **slot = find(sources, source->ip);
    ASSERT(*slot == source);
    *slot = NULL;
    pool_give(&sources->pool, source);
    sources->count--;
    /* Close the gap: whoever stands behind it in the same run is placed anew. */
    for (size_t i = (size_t)(slot - sources->slots + 1) & (sources->size - 1); sources->slots[i];
         i = (i + 1) & (sources->size - 1)) {
        struct source *moved = sources->slots[i];
        sources->slots[i] = NULL;
        *find(sources, moved->ip) = moved;
    }
}
