/* SPDX-License-Identifier: Apache-2.0 */
/* count_malloc: preloaded into a node, counts the calls that its workers make to get memory. The
 * count is the first 8 bytes of the file $COUNT_MALLOC, which must have at least that many.
 *
 * Workers are the threads other than the first; that one checks health and reports. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* What glibc calls them, so that dlsym() is not needed, which itself asks for memory. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t align, size_t size);

static _Atomic(_Atomic uint64_t *) calls;

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("COUNT_MALLOC");
    const int fd = path ? open(path, O_RDWR) : -1;

    if (fd >= 0) {
        void *shared = mmap(NULL, sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

        if (shared != MAP_FAILED) {
            atomic_store(&calls, shared);
        }
        close(fd);
    }
}

static void count(void)
{
    _Atomic uint64_t *counter = atomic_load(&calls);

    if (counter && gettid() != getpid()) {
        atomic_fetch_add(counter, 1);
    }
}

void *malloc(size_t size)
{
    count();
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size)
{
    count();
    return __libc_calloc(number, size);
}

void *realloc(void *old, size_t size)
{
    count();
    return __libc_realloc(old, size);
}

void *aligned_alloc(size_t align, size_t size)
{
    count();
    return __libc_memalign(align, size);
}
