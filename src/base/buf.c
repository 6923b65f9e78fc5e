/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>

void buf_init(struct buf *buf, size_t ceiling_bytes)
{
    *buf = (struct buf){.ceiling = ceiling_bytes};
}

void buf_done(struct buf *buf)
{
    mem_give(buf->at);
    buf_init(buf, buf->ceiling);
}

void buf_clear(struct buf *buf)
{
    buf->len = 0;
    buf->is_full = false;
}

char *buf_room(struct buf *buf, size_t bytes)
{
    size_t size = buf->size ? buf->size : 256;

    if (bytes > buf->ceiling || buf->len > buf->ceiling - bytes) {
        buf->is_full = true;
        return NULL;
    }
    while (size - buf->len < bytes) {
        size *= 2;
    }
    if (size != buf->size) {
        buf->at = mem_grow(buf->at, size);
        buf->size = size;
    }
    return buf->at + buf->len;
}

void buf_added(struct buf *buf, size_t bytes)
{
    ASSERT(bytes <= buf->size - buf->len);
    buf->len += bytes;
}

void buf_add(struct buf *buf, struct text text)
{
    char *room = text.len ? buf_room(buf, text.len) : NULL;

    if (room) {
        memcpy(room, text.at, text.len);
        buf_added(buf, text.len);
    }
}

void buf_add_byte(struct buf *buf, char byte)
{
    buf_add(buf, (struct text){&byte, 1});
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    ASSERT(len >= 0);

    char *room = buf_room(buf, (size_t)len + 1); /* vsnprintf terminates */
    if (!room) {
        return;
    }
    va_start(args, format);
    (void)vsnprintf(room, (size_t)len + 1, format, args);
    va_end(args);
    buf_added(buf, (size_t)len);
}

void buf_consume(struct buf *buf, size_t bytes)
{
    ASSERT(bytes <= buf->len);
    buf->len -= bytes;
    if (buf->len) {
        memmove(buf->at, buf->at + bytes, buf->len);
    }
}

enum rc buf_result(const struct buf *buf)
{
    return buf->is_full ? RC_LIMIT : RC_OK;
}
