/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include "base/budget.h"
#include "base/mem.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>

struct block {
    struct block *before;
    size_t size;
    size_t used;
    alignas(max_align_t) char bytes[];
};

struct arena {
    struct block *last;
    size_t bytes;
    size_t ceiling;
    struct budget *budget; /* borrowed; NULL: none */
    struct block first;    /* here, so that what is taken first is next to all of this */
};

static struct block *block_init(struct block *block, struct block *before, size_t size)
{
    block->before = before;
    block->size = size;
    block->used = 0;
    return block;
}

struct arena *arena_new(size_t first_bytes, size_t ceiling_bytes)
{
    /* Raw on purpose: a request's arena is not worth clearing whole. */
    struct arena *arena = mem_grow(NULL, sizeof(*arena) + first_bytes);

    ASSERT(first_bytes <= ceiling_bytes);
    arena->last = block_init(&arena->first, NULL, first_bytes);
    arena->bytes = first_bytes;
    arena->ceiling = ceiling_bytes;
    arena->budget = NULL;
    return arena;
}

void arena_charge(struct arena *arena, struct budget *budget)
{
    arena->budget = budget;
    budget_take(budget, arena->bytes);
}

static void drop_last(struct arena *arena)
{
    struct block *block = arena->last;

    ASSERT(block != &arena->first);
    budget_give(arena->budget, block->size);
    arena->last = block->before;
    arena->bytes -= block->size;
    mem_give(block);
}

void arena_free(struct arena *arena)
{
    if (!arena) {
        return;
    }
    arena_reset(arena);
    budget_give(arena->budget, arena->bytes);
    mem_give(arena);
}

static bool add_block(struct arena *arena, size_t bytes)
{
    const size_t room = arena->ceiling - arena->bytes;
    size_t size = arena->last->size * 2;

    if (bytes > room) {
        return false;
    }
    if (size < bytes) {
        size = bytes;
    }
    if (size > room) {
        size = room;
    }
    if (!budget_allows(arena->budget, size, 100)) {
        return false;
    }
    budget_take(arena->budget, size);
    struct block *block = mem_grow(NULL, sizeof(*block) + size);
    arena->last = block_init(block, arena->last, size);
    arena->bytes += size;
    return true;
}

void *arena_take_raw(struct arena *arena, size_t bytes)
{
    const size_t align = alignof(max_align_t);

    if (bytes > SIZE_MAX - align) {
        return NULL;
    }
    bytes = (bytes + align - 1) & ~(align - 1);
    if (bytes > arena->last->size - arena->last->used && !add_block(arena, bytes)) {
        return NULL;
    }
    void *taken = arena->last->bytes + arena->last->used;
    arena->last->used += bytes;
    return taken;
}

void *arena_take(struct arena *arena, size_t bytes)
{
    void *taken = arena_take_raw(arena, bytes);

    return taken ? memset(taken, 0, bytes) : NULL;
}

void *arena_take_array(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;

    return __builtin_mul_overflow(count, size, &bytes) ? NULL : arena_take(arena, bytes);
}

struct text arena_text(struct arena *arena, struct text text)
{
    char *copy = arena_take_raw(arena, text.len + 1);

    if (!copy) {
        return (struct text){NULL, 0};
    }
    if (text.len) {
        memcpy(copy, text.at, text.len);
    }
    copy[text.len] = '\0';
    return (struct text){copy, text.len};
}

struct text arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    ASSERT(len >= 0);

    char *copy = arena_take_raw(arena, (size_t)len + 1);
    if (!copy) {
        return (struct text){NULL, 0};
    }
    va_start(args, format);
    (void)vsnprintf(copy, (size_t)len + 1, format, args);
    va_end(args);
    return (struct text){copy, (size_t)len};
}

struct arena_mark arena_mark(const struct arena *arena)
{
    return (struct arena_mark){arena->last, arena->last->used};
}

void arena_rewind(struct arena *arena, struct arena_mark mark)
{
    while (arena->last != mark.block) {
        drop_last(arena);
    }
    ASSERT(mark.used <= arena->last->used);
    arena->last->used = mark.used;
}

void arena_reset(struct arena *arena)
{
    while (arena->last != &arena->first) {
        drop_last(arena);
    }
    arena->first.used = 0;
}

size_t arena_bytes(const struct arena *arena)
{
    return arena->bytes;
}
