/* SPDX-License-Identifier: Apache-2.0 */
/* buffers: the two sizes of buffer that connections use, last in, first out, so that what is handed
 * out is warm in the cache. A connection holds one only while it holds bytes.
 *
 * Thread   one worker's. */
#pragma once
#include "base/limits.h"
#include "base/pool.h"

#include <stdint.h>

struct buffers {
    struct pool small; /* LIMIT_SMALL_BUFFER_BYTES */
    struct pool large; /* LIMIT_LARGE_BUFFER_BYTES */
};

void buffers_init(struct buffers *buffers);
void buffers_done(struct buffers *buffers); /* asserts that all came back */

/* One of at least `bytes` (up to the large size); *size tells. */
char *buffers_take(struct buffers *buffers, size_t bytes, uint32_t *size);
void buffers_give(struct buffers *buffers, char *buffer, uint32_t size); /* NULL is fine */
