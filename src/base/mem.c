/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mem.h"

#include <malloc.h>
#include <stdlib.h>

void *mem_take(size_t bytes)
{
    return mem_take_array(1, bytes);
}

void *mem_take_array(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size ? size : 1);

    ASSERT(memory != NULL);
    return memory;
}

void *mem_take_aligned(size_t count, size_t size, size_t align)
{
    size_t bytes;
    const bool is_huge = __builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX - align;

    ASSERT(!is_huge);
    bytes = (bytes + align - 1) & ~(align - 1);
    void *memory = aligned_alloc(align, bytes ? bytes : align);
    ASSERT(memory != NULL);
    return memset(memory, 0, bytes);
}

void *mem_grow(void *old, size_t bytes)
{
    void *memory = realloc(old, bytes ? bytes : 1);

    ASSERT(memory != NULL);
    return memory;
}

char *mem_string(struct text text)
{
    char *copy = mem_take(text.len + 1);

    if (text.len) {
        memcpy(copy, text.at, text.len);
    }
    return copy;
}

void mem_give(void *memory)
{
    free(memory);
}

size_t mem_size(void *memory)
{
    return malloc_usable_size(memory);
}
