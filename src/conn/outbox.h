/* SPDX-License-Identifier: Apache-2.0 */
/* outbox: writes one HTTP/1.1 message after its head was planned: head, framing and body bytes
 * leave in one call, long bodies without a copy.
 *
 * Pending bytes (heads, chunk heads, small pieces of a body) wait in a buffer for the next write,
 * flush or end. Other bytes of a body are the caller's: what the kernel did not take stays with it.
 *
 * Owner    embedded in a request; holds a buffer only while bytes are pending. */
#pragma once
#include "conn/buffers.h"
#include "http/message.h"
#include "net/stream.h"

struct outbox {
    char *at;       /* own; NULL: nothing pending */
    uint32_t start; /* of the pending bytes */
    uint32_t end;
    uint32_t size;
    uint8_t framing;         /* enum http_framing of the body */
    bool is_raw;             /* a tunnel: no framing, ends by shutdown */
    bool is_ending;          /* the last chunk is pending or sent */
    bool is_ended;           /* all is sent */
    uint64_t left;           /* of the length, or of the chunk that was announced */
    uint64_t sent_bytes;     /* that the kernel took, heads and framing included */
    struct buffers *buffers; /* borrowed */
};

void outbox_init(struct outbox *outbox, struct buffers *buffers);
void outbox_done(struct outbox *outbox);

/* Room for `bytes` (at most a large buffer in all) behind what is pending: NULL when there is no
 * more. outbox_added() says how many came. */
char *outbox_room(struct outbox *outbox, size_t bytes);
void outbox_added(struct outbox *outbox, size_t bytes);
static inline size_t outbox_pending(const struct outbox *outbox)
{
    return outbox->end - outbox->start;
}

/* The head is pending; a body with this framing (not HTTP_UNTIL_END) follows. */
void outbox_begin(struct outbox *outbox, enum http_framing framing, uint64_t content_length);
/* A tunnel follows, also behind a message that has ended. */
void outbox_begin_raw(struct outbox *outbox);

/* RC_OK     *taken >= 1. A little may be pending: it leaves with the next write, flush or end.
 * RC_AGAIN  nothing taken.   RC_BAD  more than the length told.   RC_IO.
 * With HTTP_NO_BODY everything is taken and dropped. A chunk that was begun must be continued with
 * the bytes that were offered. */
MUST_USE enum rc outbox_write(struct outbox *outbox, struct stream *stream, struct text data,
                              size_t *taken);
/* RC_OK: nothing is pending. RC_AGAIN, RC_IO. */
MUST_USE enum rc outbox_flush(struct outbox *outbox, struct stream *stream);
/* RC_OK: all is sent (a tunnel: and shut down). RC_AGAIN: call again. RC_BAD: less than the length
 * told, or trailers that don't fit. RC_IO. */
MUST_USE enum rc outbox_end(struct outbox *outbox, struct stream *stream,
                            const struct http_fields *trailers);
