/* SPDX-License-Identifier: Apache-2.0 */
/* h1_body: finds the content in the bytes behind a head, in place: by length, chunked, or until
 * close.
 *
 *   for (;;) {
 *       rc = h1_body_read(&body, bytes_there_are, &skip, &data, &fault);
 *       drop `skip` bytes from the front of the buffer, whatever rc is;
 *       RC_OK:    use up to data.len bytes from the new front, drop them, h1_body_consume(how many)
 *       RC_AGAIN: get more bytes;  RC_END: over, what follows is the next message
 *   }
 *
 * Chunk extensions are checked, limited and dropped. Trailers are checked, limited, filtered
 * (RFC 9110 §6.5.1) and copied to the arena.
 *
 * Sources  RFC 9112 §6.3, §7.1. */
#pragma once
#include "base/arena.h"
#include "http/message.h"

struct h1_body {
    enum http_framing framing;
    uint8_t step;
    uint64_t left;         /* of the length, or of this chunk */
    uint64_t excess_bytes; /* of chunk lines beyond what small chunks need: LIMIT_CHUNK_EXCESS */
    uint64_t line_bytes;   /* of the chunk line being read */
    size_t scanned;        /* of a trailer line */
    size_t trailer_bytes;
    size_t trailer_room;
    struct arena *arena;         /* borrowed; NULL: trailers are checked and dropped */
    struct http_fields trailers; /* complete after RC_END */
};

/* `framing` and `content_length` as the reader found them; HTTP_UNTIL_END is not for h1. */
void h1_body_init(struct h1_body *body, enum http_framing framing, uint64_t content_length,
                  struct arena *arena);

/* RC_OK     *data is not empty and starts behind the skipped bytes of `in`.
 * RC_AGAIN  *skip bytes were used up; more are needed.
 * RC_END    the body is complete (trailers included), *skip bytes were used up. Again and again.
 * RC_BAD, RC_LIMIT  *fault.why tells; its side is the caller's to set. From then on RC_BAD. */
MUST_USE enum rc h1_body_read(struct h1_body *body, struct text in, size_t *skip, struct text *data,
                              struct fault *fault);
void h1_body_consume(struct h1_body *body, size_t len);

/* The other side closed: RC_END if that ends this body in order, else RC_BAD. */
MUST_USE enum rc h1_body_close(struct h1_body *body);

/* Content bytes that come next with no framing in between: for splice. UINT64_MAX: until close. */
uint64_t h1_body_run(const struct h1_body *body);
