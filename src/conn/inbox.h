/* SPDX-License-Identifier: Apache-2.0 */
/* inbox: the bytes that a connection has received and nobody has used yet, always in one piece.
 *
 * A message's head stays where it was read while its texts are used: inbox_pin(). What follows is
 * read behind it as long as that is worth a call, else into a buffer of its own.
 *
 * Owner    embedded in a request; holds buffers only while it holds bytes or a pin. */
#pragma once
#include "conn/buffers.h"
#include "net/stream.h"

struct inbox {
    char *at;       /* own; NULL: no bytes */
    uint32_t start; /* of the unused bytes */
    uint32_t end;
    uint32_t size;
    uint32_t pinned_size;
    char *pinned;            /* own; often the same as `at` */
    struct buffers *buffers; /* borrowed */
    bool is_bulky;           /* begin with a large buffer */
    bool was_filled;         /* a read filled a buffer: the next message may want a large one */
};

void inbox_init(struct inbox *inbox, struct buffers *buffers);
void inbox_done(struct inbox *inbox); /* gives the buffers back */

static inline struct text inbox_bytes(const struct inbox *inbox)
{
    /* Without a buffer there is no address to count from: not even 0 bytes (C17 6.5.6). */
    return (struct text){inbox->at ? inbox->at + inbox->start : NULL, inbox->end - inbox->start};
}

static inline bool inbox_is_empty(const struct inbox *inbox)
{
    return inbox->start == inbox->end;
}

/* Whether a message like this one, of so many bytes, had better begin with a large buffer: it is
 * longer than a small one, and not so long that all behind a small one is spliced. */
static inline bool inbox_was_bulky(const struct inbox *inbox, uint64_t message_bytes)
{
    return message_bytes < LIMIT_SMALL_BUFFER_BYTES + LIMIT_SPLICE_LEAST_BYTES &&
           (inbox->was_filled || (inbox->is_bulky && message_bytes > LIMIT_SMALL_BUFFER_BYTES));
}

void inbox_drop(struct inbox *inbox, size_t len);

enum { INBOX_ANY = 0 }; /* as expected_bytes: not known */

/* Reads once; the results of stream_read(), and RC_LIMIT when a piece as large as a large buffer is
 * unused, or memory is short. `expected_bytes` known to follow decide about the buffer. Unused
 * bytes may move. */
MUST_USE enum rc inbox_fill(struct inbox *inbox, struct stream *stream, uint64_t expected_bytes);

/* What was read and dropped so far in this buffer stays in place until the next pin or unpin. */
void inbox_pin(struct inbox *inbox);
void inbox_unpin(struct inbox *inbox);

/* To be called before waiting: without bytes it needs no buffer, but for a pinned one. */
void inbox_rest(struct inbox *inbox);
