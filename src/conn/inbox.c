/* SPDX-License-Identifier: Apache-2.0 */
#include "conn/inbox.h"

#include <string.h>

/* A read into less room is not worth its call. */
#define WORTH_BYTES 2048

void inbox_init(struct inbox *inbox, struct buffers *buffers)
{
    *inbox = (struct inbox){.buffers = buffers};
}

static void give_current(struct inbox *inbox)
{
    if (inbox->at != inbox->pinned) {
        buffers_give(inbox->buffers, inbox->at, inbox->size);
    }
    inbox->at = NULL;
    inbox->start = inbox->end = inbox->size = 0;
}

void inbox_done(struct inbox *inbox)
{
    give_current(inbox);
    buffers_give(inbox->buffers, inbox->pinned, inbox->pinned_size);
    inbox->pinned = NULL;
}

void inbox_drop(struct inbox *inbox, size_t len)
{
    ASSERT(len <= inbox->end - inbox->start);
    inbox->start += (uint32_t)len;
}

/* To a new buffer of at least `bytes`; the old one goes unless it is pinned. */
static void move(struct inbox *inbox, size_t bytes)
{
    const struct text unused = inbox_bytes(inbox);
    uint32_t size;
    char *at = buffers_take(inbox->buffers, bytes, &size);

    if (unused.len) {
        ASSERT(unused.at != NULL);
        memcpy(at, unused.at, unused.len);
    }
    give_current(inbox);
    inbox->at = at;
    inbox->size = size;
    inbox->end = (uint32_t)unused.len;
}

static size_t first_size(const struct inbox *inbox, uint64_t expected_bytes)
{
    const bool is_large = inbox->is_bulky || expected_bytes > LIMIT_SMALL_BUFFER_BYTES;

    return is_large && buffers_allow(inbox->buffers, LIMIT_LARGE_BUFFER_BYTES)
               ? LIMIT_LARGE_BUFFER_BYTES
               : LIMIT_SMALL_BUFFER_BYTES;
}

/* To a large one, or where memory is short to a small one that can be read into. */
static enum rc grow(struct inbox *inbox)
{
    const size_t unused = inbox->end - inbox->start;

    if (buffers_allow(inbox->buffers, LIMIT_LARGE_BUFFER_BYTES)) {
        move(inbox, LIMIT_LARGE_BUFFER_BYTES);
        return RC_OK;
    }
    if (unused + WORTH_BYTES > LIMIT_SMALL_BUFFER_BYTES ||
        !buffers_allow(inbox->buffers, LIMIT_SMALL_BUFFER_BYTES)) {
        return RC_LIMIT;
    }
    move(inbox, LIMIT_SMALL_BUFFER_BYTES);
    return RC_OK;
}

static enum rc make_room(struct inbox *inbox, uint64_t expected_bytes)
{
    const uint32_t room = inbox->size - inbox->end;

    if (!inbox->at) {
        if (!buffers_allow(inbox->buffers, LIMIT_SMALL_BUFFER_BYTES)) {
            return RC_LIMIT;
        }
        move(inbox, first_size(inbox, expected_bytes));
        return RC_OK;
    }
    if (inbox->at == inbox->pinned) {
        /* Behind the head, if all of what comes fits there or a good part of the unknown. */
        if (room == 0 || room < (expected_bytes ? expected_bytes : WORTH_BYTES)) {
            TRY(grow(inbox));
        }
        return inbox->end < inbox->size ? RC_OK : RC_LIMIT;
    }
    if (room < WORTH_BYTES && inbox->start > 0) {
        memmove(inbox->at, inbox->at + inbox->start, inbox->end - inbox->start);
        inbox->end -= inbox->start;
        inbox->start = 0;
    }
    if (inbox->end == inbox->size && inbox->size < LIMIT_LARGE_BUFFER_BYTES) {
        TRY(grow(inbox));
    }
    return inbox->end < inbox->size ? RC_OK : RC_LIMIT;
}

enum rc inbox_fill(struct inbox *inbox, struct stream *stream, uint64_t expected_bytes)
{
    size_t len;

    if (!stream->is_readable) {
        return RC_AGAIN; /* known without a buffer */
    }
    if (inbox_is_empty(inbox) && inbox->at != inbox->pinned) {
        inbox->start = inbox->end = 0;
    }
    TRY(make_room(inbox, expected_bytes));
    const uint32_t room = inbox->size - inbox->end;
    TRY(stream_read(stream, inbox->at + inbox->end, room, &len));
    inbox->end += (uint32_t)len;
    inbox->was_filled |= len == room;
    return RC_OK;
}

void inbox_pin(struct inbox *inbox)
{
    if (inbox->pinned != inbox->at) {
        buffers_give(inbox->buffers, inbox->pinned, inbox->pinned_size);
    }
    inbox->pinned = inbox->at;
    inbox->pinned_size = inbox->size;
}

void inbox_unpin(struct inbox *inbox)
{
    if (inbox->pinned != inbox->at) {
        buffers_give(inbox->buffers, inbox->pinned, inbox->pinned_size);
    }
    inbox->pinned = NULL;
}

void inbox_rest(struct inbox *inbox)
{
    if (inbox_is_empty(inbox) && inbox->at != inbox->pinned) {
        give_current(inbox);
    }
}
