/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pool.h"

#include "base/mem.h"

void pool_init(struct pool *pool, size_t object_bytes, size_t count_max)
{
    const size_t least = sizeof(void *);

    *pool = (struct pool){
        .size = object_bytes < least ? least : object_bytes,
        .count_max = count_max,
    };
}

void pool_done(struct pool *pool)
{
    ASSERT(pool->count_taken == 0);
    pool_trim(pool, 0);
}

void *pool_take(struct pool *pool)
{
    void *object = pool->free;

    if (pool->count_max && pool->count_taken == pool->count_max) {
        return NULL;
    }
    if (object) {
        pool->free = *(void **)object;
        pool->count_free--;
        mem_fetch(pool->free, sizeof(void *));
    } else {
        object = mem_grow(NULL, pool->size);
    }
    pool->count_taken++;
    return object;
}

void pool_give(struct pool *pool, void *object)
{
    if (!object) {
        return;
    }
    ASSERT(pool->count_taken > 0);
    *(void **)object = pool->free;
    pool->free = object;
    pool->count_free++;
    pool->count_taken--;
}

void pool_trim(struct pool *pool, size_t keep)
{
    while (pool->count_free > keep) {
        void *object = pool->free;

        pool->free = *(void **)object;
        pool->count_free--;
        mem_give(object);
    }
}
