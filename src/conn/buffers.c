/* SPDX-License-Identifier: Apache-2.0 */
#include "conn/buffers.h"

void buffers_init(struct buffers *buffers)
{
    buffers->budget = NULL;
    pool_init(&buffers->small, LIMIT_SMALL_BUFFER_BYTES, 0);
    pool_init(&buffers->large, LIMIT_LARGE_BUFFER_BYTES, 0);
}

void buffers_done(struct buffers *buffers)
{
    pool_done(&buffers->small);
    pool_done(&buffers->large);
}

bool buffers_allow(const struct buffers *buffers, size_t bytes)
{
    return bytes <= LIMIT_SMALL_BUFFER_BYTES
               ? budget_allows(buffers->budget, LIMIT_SMALL_BUFFER_BYTES, 100)
               : budget_allows(buffers->budget, LIMIT_LARGE_BUFFER_BYTES,
                               LIMIT_MEMORY_LARGE_PERCENT);
}

char *buffers_take(struct buffers *buffers, size_t bytes, uint32_t *size)
{
    struct pool *pool = bytes <= LIMIT_SMALL_BUFFER_BYTES ? &buffers->small : &buffers->large;

    ASSERT(bytes <= LIMIT_LARGE_BUFFER_BYTES);
    *size = (uint32_t)pool->size;
    budget_take(buffers->budget, pool->size);
    return pool_take(pool);
}

static void give(struct pool *pool, char *buffer, size_t keep)
{
    pool_give(pool, buffer);
    if (pool->count_free > keep) {
        pool_trim(pool, keep);
    }
}

void buffers_give(struct buffers *buffers, char *buffer, uint32_t size)
{
    if (!buffer) {
        return;
    }
    budget_give(buffers->budget, size);
    if (size == LIMIT_SMALL_BUFFER_BYTES) {
        give(&buffers->small, buffer, LIMIT_SMALL_BUFFERS_KEPT);
    } else {
        give(&buffers->large, buffer, LIMIT_LARGE_BUFFERS_KEPT);
    }
}
