/* SPDX-License-Identifier: Apache-2.0 */
/* arena: memory by lifetime. Everything in it is freed together.
 *
 * A request, an API call and a snapshot each have one. Blocks grow by need up to a ceiling;
 * reaching it makes allocations return NULL, which callers turn into RC_LIMIT. malloc itself
 * failing aborts. arena_reset() keeps the first block, so an arena that is reused does not allocate
 * after warm-up.
 *
 * Owner    whoever called arena_new; nothing in it may outlive it.
 * Thread   one at a time. */
#pragma once
#include "base/rc.h"
#include "base/text.h"

#include <stdalign.h>
#include <stddef.h>

struct budget;

struct arena {
    char *at;        /* where the next piece begins, and */
    const char *end; /* where there is no more room: both aligned for any type */
    struct arena_block *last;
    size_t bytes;
    size_t ceiling;
    struct budget *budget; /* borrowed; NULL: none */
};

struct arena_mark {
    struct arena_block *block;
    char *at;
};

/* `first_bytes`: size of the first block; `ceiling_bytes`: what all blocks may add up to. */
struct arena *arena_new(size_t first_bytes, size_t ceiling_bytes);
void arena_free(struct arena *arena); /* NULL is fine */
AUTO_DEFINE(arena)

/* From now on its blocks count in `budget` (borrowed for life), whose end is a ceiling, too. */
void arena_charge(struct arena *arena, struct budget *budget);

/* The same as arena_take_raw(), where the block at hand has no room. */
void *arena_take_beyond(struct arena *arena, size_t bytes);

/* Aligned for any type, not zeroed: for bytes that are written at once. NULL at the ceiling. */
static inline void *arena_take_raw(struct arena *arena, size_t bytes)
{
    const size_t align = alignof(max_align_t);
    char *taken = arena->at;

    if (bytes > (size_t)(arena->end - taken)) {
        return arena_take_beyond(arena, bytes);
    }
    arena->at = taken + ((bytes + align - 1) & ~(align - 1));
    return taken;
}

/* The same, zeroed. */
static inline void *arena_take(struct arena *arena, size_t bytes)
{
    void *taken = arena_take_raw(arena, bytes);

    return taken ? memset(taken, 0, bytes) : NULL;
}

#define ARENA_NEW(arena, type) ((type *)arena_take((arena), sizeof(type)))
/* Checked against overflow of the product. */
#define ARENA_ARRAY(arena, type, count) ((type *)arena_take_array((arena), (count), sizeof(type)))
void *arena_take_array(struct arena *arena, size_t count, size_t size);

/* A copy, terminated behind its last byte; .at is NULL at the ceiling. */
struct text arena_text(struct arena *arena, struct text text);
/* A formatted, terminated string; .at is NULL at the ceiling. */
struct text arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

/* A child scope: everything taken after the mark goes at rewind. */
struct arena_mark arena_mark(const struct arena *arena);
void arena_rewind(struct arena *arena, struct arena_mark mark);
/* Empties it; the first block stays for the next use. */
void arena_reset(struct arena *arena);

size_t arena_bytes(const struct arena *arena); /* of all blocks, for budgets and tests */
