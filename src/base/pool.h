/* SPDX-License-Identifier: Apache-2.0 */
/* pool: objects or buffers of one size that come and go. Last in, first out, so what is handed out
 * is warm in the cache. Nothing is returned to the system before pool_trim() or pool_done().
 *
 * Thread   one. */
#pragma once
#include "base/rc.h"

struct pool {
    void *free;  /* own: singly linked through the first word */
    size_t size; /* of one object, at least a pointer */
    size_t count_free;
    size_t count_taken;
    size_t count_max; /* taken at once; 0: no limit */
};

void pool_init(struct pool *pool, size_t object_bytes, size_t count_max);
void pool_done(struct pool *pool); /* asserts that everything came back */

/* Not zeroed; NULL at count_max. */
void *pool_take(struct pool *pool);
void pool_give(struct pool *pool, void *object); /* NULL is fine */
/* Frees unused objects beyond `keep`. */
void pool_trim(struct pool *pool, size_t keep);
