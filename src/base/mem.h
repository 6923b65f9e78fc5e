/* SPDX-License-Identifier: Apache-2.0 */
/* mem: the only door to malloc. It aborts when memory is gone, so no code pretends to handle that.
 * Zeroed. For things with a lifetime of their own; what dies with a request, a call or a snapshot
 * belongs into its arena. */
#pragma once
#include "base/text.h"

void *mem_take(size_t bytes);                    /* zeroed */
void *mem_take_array(size_t count, size_t size); /* zeroed; overflow aborts */
/* The same on a boundary of `align` (a power of two): for what threads must not share lines of. */
void *mem_take_aligned(size_t count, size_t size, size_t align);
void *mem_grow(void *old, size_t bytes); /* realloc: the new part is not zeroed */
char *mem_string(struct text text);      /* a terminated copy; mem_give it back */
void mem_give(void *memory);             /* NULL is fine */
size_t mem_size(void *memory);           /* bytes that it has room for: what was asked, or more */

/* Says what will be used soon, so that it is in the cache by then. Any pointer will do, and more
 * bytes than there are. */
static inline void mem_fetch(const void *at, size_t bytes)
{
    for (uintptr_t line = (uintptr_t)at; line < (uintptr_t)at + bytes; line += 64) {
        __builtin_prefetch((const void *)line, 1);
    }
}

#define MEM_NEW(type) ((type *)mem_take(sizeof(type)))
