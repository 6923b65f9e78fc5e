/* SPDX-License-Identifier: Apache-2.0 */
#include "conn/outbox.h"

#include "http/h1_write.h"

#include <string.h>

/* Up to this size copying data behind what is pending is cheaper than a call of its own, or than
 * the kernel's handling of two parts. */
#define SMALL_DATA_BYTES 4096

void outbox_init(struct outbox *outbox, struct buffers *buffers)
{
    *outbox = (struct outbox){.buffers = buffers};
}

void outbox_done(struct outbox *outbox)
{
    buffers_give(outbox->buffers, outbox->at, outbox->size);
    outbox->at = NULL;
    outbox->start = outbox->end = outbox->size = 0;
}

char *outbox_room(struct outbox *outbox, size_t bytes)
{
    const size_t pending = outbox_pending(outbox);

    if (bytes > LIMIT_LARGE_BUFFER_BYTES - pending) {
        return NULL;
    }
    if (outbox->size - outbox->end < bytes) {
        uint32_t size;
        char *at = buffers_take(outbox->buffers, pending + bytes, &size);

        if (pending) {
            memcpy(at, outbox->at + outbox->start, pending);
        }
        outbox_done(outbox);
        outbox->at = at;
        outbox->size = size;
        outbox->end = (uint32_t)pending;
    }
    return outbox->at + outbox->end;
}

void outbox_added(struct outbox *outbox, size_t bytes)
{
    ASSERT(bytes <= outbox->size - outbox->end);
    outbox->end += (uint32_t)bytes;
}

void outbox_begin(struct outbox *outbox, enum http_framing framing, uint64_t content_length)
{
    ASSERT(framing != HTTP_UNTIL_END);
    outbox->framing = (uint8_t)framing;
    outbox->left = framing == HTTP_LENGTH ? content_length : 0;
}

void outbox_begin_raw(struct outbox *outbox)
{
    outbox->is_raw = true;
    outbox->is_ending = outbox->is_ended = false;
}

static void add(struct outbox *outbox, struct text text)
{
    char *at = outbox_room(outbox, text.len);

    ASSERT(at != NULL); /* callers add a few bytes, or what they know to fit */
    memcpy(at, text.at, text.len);
    outbox_added(outbox, text.len);
}

/* Whether `bytes` more wait for the next call. What goes through a tunnel never waits. */
static bool is_little(const struct outbox *outbox, size_t bytes)
{
    return !outbox->is_raw && bytes <= SMALL_DATA_BYTES &&
           outbox_pending(outbox) < SMALL_DATA_BYTES;
}

/* Offers what is pending, then `data`, then `tail`. *taken: bytes of data; what the kernel did not
 * take of the tail, once all of data went, becomes pending. */
static enum rc send_parts(struct outbox *outbox, struct stream *stream, struct text data,
                          struct text tail, size_t *taken)
{
    const size_t pending = outbox_pending(outbox);
    struct iovec parts[3];
    int count = 0;
    size_t len;

    if (pending) {
        parts[count++] = (struct iovec){outbox->at + outbox->start, pending};
    }
    if (data.len) {
        parts[count++] = (struct iovec){(void *)(uintptr_t)data.at, data.len};
    }
    if (tail.len) {
        parts[count++] = (struct iovec){(void *)(uintptr_t)tail.at, tail.len};
    }
    TRY(stream_write(stream, parts, count, &len));
    outbox->sent_bytes += len;
    if (len < pending) {
        outbox->start += (uint32_t)len;
        *taken = 0;
        return RC_OK;
    }
    if (pending) {
        outbox_done(outbox);
    }
    len -= pending;
    *taken = len < data.len ? len : data.len;
    if (len >= data.len && len - data.len < tail.len) {
        add(outbox, text_slice(tail, len - data.len, tail.len));
    }
    return RC_OK;
}

static enum rc write_plain(struct outbox *outbox, struct stream *stream, struct text data,
                           size_t *taken)
{
    size_t len = data.len;

    if (is_little(outbox, data.len)) {
        add(outbox, data);
    } else {
        TRY(send_parts(outbox, stream, data, TEXT(""), &len));
    }
    if (len == 0) {
        return RC_AGAIN;
    }
    if (outbox->framing == HTTP_LENGTH && !outbox->is_raw) {
        outbox->left -= len;
    }
    *taken = len;
    return RC_OK;
}

static void add_chunk_head(struct outbox *outbox, size_t data_bytes)
{
    char head[H1_CHUNK_HEAD_BYTES];

    add(outbox, (struct text){head, h1_write_chunk_head(data_bytes, head)});
}

static enum rc write_chunked(struct outbox *outbox, struct stream *stream, struct text data,
                             size_t *taken)
{
    if (outbox->left == 0) {
        add_chunk_head(outbox, data.len);
        if (is_little(outbox, data.len)) {
            add(outbox, data);
            add(outbox, H1_CHUNK_END);
            *taken = data.len;
            return RC_OK;
        }
        outbox->left = data.len;
    }
    const struct text part = text_slice(data, 0, outbox->left);
    size_t len;
    TRY(send_parts(outbox, stream, part, part.len == outbox->left ? H1_CHUNK_END : TEXT(""), &len));
    if (len == 0) {
        return RC_AGAIN;
    }
    outbox->left -= len;
    *taken = len;
    return RC_OK;
}

enum rc outbox_write(struct outbox *outbox, struct stream *stream, struct text data, size_t *taken)
{
    ASSERT(data.len > 0);
    ASSERT(!outbox->is_ending);
    if (outbox->is_raw) {
        return write_plain(outbox, stream, data, taken);
    }
    switch ((enum http_framing)outbox->framing) {
    case HTTP_NO_BODY:
        *taken = data.len;
        return RC_OK;
    case HTTP_LENGTH:
        return data.len > outbox->left ? RC_BAD : write_plain(outbox, stream, data, taken);
    case HTTP_CHUNKED:
        return write_chunked(outbox, stream, data, taken);
    case HTTP_UNTIL_CLOSE:
    case HTTP_UNTIL_END:
        break;
    }
    return write_plain(outbox, stream, data, taken);
}

enum rc outbox_flush(struct outbox *outbox, struct stream *stream)
{
    size_t none;

    while (outbox_pending(outbox) > 0) {
        TRY(send_parts(outbox, stream, TEXT(""), TEXT(""), &none));
    }
    return RC_OK;
}

static enum rc add_last_chunk(struct outbox *outbox, const struct http_fields *trailers)
{
    const size_t size = LIMIT_TRAILER_BYTES + 1024; /* ours added to what a target may send */
    char *at = outbox_room(outbox, size);
    size_t len;

    if (outbox->left > 0 || !at) {
        return RC_BAD;
    }
    TRY(h1_write_last_chunk(trailers, at, size, &len));
    outbox_added(outbox, len);
    return RC_OK;
}

enum rc outbox_end(struct outbox *outbox, struct stream *stream, const struct http_fields *trailers)
{
    if (outbox->is_ended) {
        return RC_OK;
    }
    if (!outbox->is_ending && !outbox->is_raw) {
        if (outbox->framing == HTTP_LENGTH && outbox->left > 0) {
            return RC_BAD;
        }
        if (outbox->framing == HTTP_CHUNKED && add_last_chunk(outbox, trailers) != RC_OK) {
            return RC_BAD;
        }
    }
    outbox->is_ending = true;
    TRY(outbox_flush(outbox, stream));
    if (outbox->is_raw) {
        TRY(stream_shutdown(stream));
    }
    outbox->is_ended = true;
    return RC_OK;
}
