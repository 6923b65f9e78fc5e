/* SPDX-License-Identifier: Apache-2.0 */
/* buffers: the two sizes of buffer that connections use, last in, first out, so that what is handed
 * out is warm in the cache. A connection holds one only while it holds bytes.
 *
 * Thread   one worker's. */
#pragma once
#include "base/budget.h"
#include "base/limits.h"
#include "base/pool.h"

#include <stdint.h>

struct buffers {
    struct pool small;     /* LIMIT_SMALL_BUFFER_BYTES */
    struct pool large;     /* LIMIT_LARGE_BUFFER_BYTES */
    struct budget *budget; /* borrowed: what is taken counts here; NULL: nowhere */
};

void buffers_init(struct buffers *buffers);
void buffers_done(struct buffers *buffers); /* asserts that all came back */

/* Whether the budget has room for one of at least `bytes`; for reading, which can wait or end.
 * Large ones end first, so that heads still find a small one. */
bool buffers_allow(const struct buffers *buffers, size_t bytes);
/* One of at least `bytes` (up to the large size); *size tells. Never refused. */
char *buffers_take(struct buffers *buffers, size_t bytes, uint32_t *size);
void buffers_give(struct buffers *buffers, char *buffer, uint32_t size); /* NULL is fine */
