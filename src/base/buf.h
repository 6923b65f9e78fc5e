/* SPDX-License-Identifier: Apache-2.0 */
/* buf: bytes that grow, on the heap, up to a ceiling. For building answers, documents and messages.
 * A write beyond the ceiling sets `is_full` and is dropped whole; check once at the end with
 * buf_result(). Not for connections: those use the buffers of their worker's pool. */
#pragma once
#include "base/text.h"

struct buf {
    char *at; /* own */
    size_t len;
    size_t size;
    size_t ceiling;
    bool is_full;
};

void buf_init(struct buf *buf, size_t ceiling_bytes);
void buf_done(struct buf *buf); /* frees; usable again after buf_init */
void buf_clear(struct buf *buf);

void buf_add(struct buf *buf, struct text text);
void buf_add_byte(struct buf *buf, char byte);
void buf_printf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
/* Room for `bytes` more, uninitialised; NULL at the ceiling. Then buf_added() says how many came.
 */
char *buf_room(struct buf *buf, size_t bytes);
void buf_added(struct buf *buf, size_t bytes);
/* Drops `bytes` from the front. */
void buf_consume(struct buf *buf, size_t bytes);

static inline struct text buf_text(const struct buf *buf)
{
    return (struct text){buf->at, buf->len};
}

/* RC_LIMIT if any write was dropped. */
MUST_USE enum rc buf_result(const struct buf *buf);
