/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include "base/budget.h"
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>

struct arena_block {
    struct arena_block *before;
    size_t size;
    alignas(max_align_t) char bytes[];
};

/* It stands right behind its arena, so that what is taken first is next to all of this. */
static struct arena_block *first_of(struct arena *arena)
{
    _Static_assert(sizeof(*arena) % alignof(struct arena_block) == 0, "a block may stand behind");
    return (struct arena_block *)(arena + 1);
}

/* The last block, with room from `at` on. */
static void go_on_at(struct arena *arena, struct arena_block *block, char *at)
{
    const size_t align = alignof(max_align_t);

    arena->last = block;
    arena->at = at;
    arena->end = block->bytes + (block->size & ~(align - 1));
}

static void append(struct arena *arena, struct arena_block *block, size_t size)
{
    block->before = arena->last;
    block->size = size;
    arena->bytes += size;
    go_on_at(arena, block, block->bytes);
}

struct arena *arena_new(size_t first_bytes, size_t ceiling_bytes)
{
    /* Raw on purpose: a request's arena is not worth clearing whole. */
    struct arena *arena = mem_grow(NULL, sizeof(*arena) + sizeof(struct arena_block) + first_bytes);

    ASSERT(first_bytes <= ceiling_bytes);
    *arena = (struct arena){.ceiling = ceiling_bytes};
    append(arena, first_of(arena), first_bytes);
    return arena;
}

void arena_charge(struct arena *arena, struct budget *budget)
{
    arena->budget = budget;
    budget_take(budget, arena->bytes);
}

static void drop_last(struct arena *arena)
{
    struct arena_block *block = arena->last;

    ASSERT(block != first_of(arena));
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
    append(arena, mem_grow(NULL, sizeof(struct arena_block) + size), size);
    return true;
}

void *arena_take_beyond(struct arena *arena, size_t bytes)
{
    const size_t align = alignof(max_align_t);

    if (bytes > SIZE_MAX - align || !add_block(arena, (bytes + align - 1) & ~(align - 1))) {
        return NULL;
    }
    return arena_take_raw(arena, bytes);
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
    return (struct arena_mark){arena->last, arena->at};
}

void arena_rewind(struct arena *arena, struct arena_mark mark)
{
    while (arena->last != mark.block) {
        drop_last(arena);
    }
    go_on_at(arena, mark.block, mark.at);
    ASSERT(mark.at <= arena->end);
}

void arena_reset(struct arena *arena)
{
    while (arena->last != first_of(arena)) {
        drop_last(arena);
    }
    go_on_at(arena, first_of(arena), first_of(arena)->bytes);
}

size_t arena_bytes(const struct arena *arena)
{
    return arena->bytes;
}
