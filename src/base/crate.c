/* SPDX-License-Identifier: Apache-2.0 */
#include "base/crate.h"

#include "base/mem.h"

#include <sys/mman.h>

enum { ALIGN = 16, PAGE_BYTES = 4096 };

/* Packed: runs of words that are not zero, one behind the other, each behind a word that says where
 * it belongs (upper half) and how long it is. */
struct crate {
    uint64_t *at; /* own: a mapping */
    size_t bytes; /* of it */
    size_t used;
    uint64_t *packed; /* own; NULL: unpacked */
    size_t packed_words;
};

struct crate *crate_new(size_t bytes)
{
    const size_t size = (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                    -1, 0);

    if (at == MAP_FAILED) {
        return NULL;
    }
    /* One huge page below many crates would make all of it resident. Kernels without them say no.
     */
    (void)madvise(at, size, MADV_NOHUGEPAGE);
    struct crate *crate = MEM_NEW(struct crate);
    crate->at = at;
    crate->bytes = size;
    return crate;
}

/* What was set aside may be keys. */
static void forget_packed(struct crate *crate)
{
    if (crate->packed) {
        explicit_bzero(crate->packed, crate->packed_words * sizeof(uint64_t));
        mem_give(crate->packed);
        crate->packed = NULL;
    }
}

void crate_free(struct crate *crate)
{
    if (!crate) {
        return;
    }
    forget_packed(crate);
    /* A hole in the middle of a mapping needs a slot in the kernel's table, which may be full. */
    if (munmap(crate->at, crate->bytes) != 0) {
        (void)madvise(crate->at, crate->bytes, MADV_DONTNEED);
    }
    mem_give(crate);
}

void crate_clear(struct crate *crate)
{
    if (!crate_is_packed(crate)) {
        explicit_bzero(crate->at, crate->used);
    }
    forget_packed(crate);
    crate->used = 0;
}

void *crate_take(struct crate *crate, size_t bytes)
{
    ASSERT(!crate_is_packed(crate));
    if (bytes > crate->bytes - crate->used) {
        return NULL;
    }
    void *object = (char *)crate->at + crate->used;
    const size_t end = (crate->used + bytes + ALIGN - 1) / ALIGN * ALIGN;
    crate->used = end < crate->bytes ? end : crate->bytes;
    return object;
}

bool crate_holds(const struct crate *crate, const void *object)
{
    const uintptr_t begin = (uintptr_t)crate->at;

    return (uintptr_t)object >= begin && (uintptr_t)object < begin + crate->bytes;
}

bool crate_is_empty(const struct crate *crate)
{
    return crate->used == 0;
}

bool crate_is_packed(const struct crate *crate)
{
    return crate->packed != NULL;
}

/* The next run of words that are not zero, from *begin on; its length, 0: there is none. */
static size_t next_run(const struct crate *crate, size_t *begin)
{
    const size_t count = crate->used / sizeof(uint64_t);
    size_t i = *begin;

    while (i < count && !crate->at[i]) {
        i++;
    }
    *begin = i;
    while (i < count && crate->at[i]) {
        i++;
    }
    return i - *begin;
}

static size_t packed_words(const struct crate *crate)
{
    size_t words = 0;

    for (size_t begin = 0, run; (run = next_run(crate, &begin)) > 0; begin += run) {
        words += 1 + run;
    }
    return words;
}

bool crate_pack(struct crate *crate)
{
    ASSERT(!crate_is_packed(crate));
    const size_t words = packed_words(crate);
    if (words * sizeof(uint64_t) > crate->bytes / 2) {
        return false;
    }
    uint64_t *to = mem_take_array(words, sizeof(uint64_t));
    crate->packed = to;
    crate->packed_words = words;
    for (size_t begin = 0, run; (run = next_run(crate, &begin)) > 0; begin += run) {
        *to++ = (uint64_t)begin << 32 | run;
        memcpy(to, crate->at + begin, run * sizeof(uint64_t));
        to += run;
    }
    /* A private mapping without a file reads as zeros afterwards; were it not given back, the same
     * bytes are written over it later. */
    (void)madvise(crate->at, crate->bytes, MADV_DONTNEED);
    return true;
}

void crate_unpack(struct crate *crate)
{
    const uint64_t *from = crate->packed;

    if (!from) {
        return;
    }
    const uint64_t *end = from + crate->packed_words;
    while (from < end) {
        const size_t begin = *from >> 32;
        const size_t run = *from++ & UINT32_MAX;
        memcpy(crate->at + begin, from, run * sizeof(uint64_t));
        from += run;
    }
    forget_packed(crate);
}
