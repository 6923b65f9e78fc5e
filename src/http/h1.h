/* SPDX-License-Identifier: Apache-2.0 */
/* h1: reads the heads of HTTP/1.x messages.
 *
 * A reader looks at the bytes that a connection has, from the first byte of a head on, and keeps
 * what it learned in struct h1_reader: each byte is looked at once or twice however the bytes are
 * split. The buffer may move and grow between calls (the reader corrects its texts), but bytes
 * already shown must stay. Nothing is copied: the message's texts point into the buffer; only the
 * array of fields, and the rare text that had to be cleaned, is taken from the arena.
 *
 * The reader is strict: what it gives can be written again without doubt; everything else is
 * refused. docs/decisions/0004 tells which defects are cleaned, which are refused, and how both
 * are classified.
 *
 * Sources  RFC 9112 §2 to §7, RFC 9110 §5 to §7; limits: AWS ALB, "HTTP header quotas". */
#pragma once
#include "base/arena.h"
#include "http/message.h"

/* Begins as {0} for each head; nothing in it needs freeing. */
struct h1_reader {
    const char *base;  /* where the head began at the last call */
    size_t line;       /* offset of the line that is being read */
    size_t scanned;    /* no end of line between `line` and here */
    size_t field_room; /* of the array in the message */
    uint8_t step;
    bool is_odd; /* something to classify was seen */
};

/* Why a head was refused. */
struct h1_refusal {
    struct fault fault; /* rc is RC_BAD or RC_LIMIT */
    int status;         /* requests: what to answer: 400, 405, 414, 501, 505; responses: 502 */
};

/* `in`: every byte there is from the head's first one on. Give the same `reader` and `out` until
 * the answer is not RC_AGAIN; `out` need not be initialised.
 *
 * RC_OK     *out is complete, *consumed is the length of the head.
 * RC_AGAIN  more bytes are needed; *consumed is untouched. An empty `in` is fine.
 * RC_BAD, RC_LIMIT  *refusal tells why; *out holds what was read so far (for the log), desync class
 *           and reason included. Nothing behind this head can be trusted: close the connection. */
MUST_USE enum rc h1_request_read(struct h1_reader *reader, struct text in, struct arena *arena,
                                 struct http_request *out, size_t *consumed,
                                 struct h1_refusal *refusal);

/* As h1_request_read; `asked` is the request's method, since it decides about the body
 * (RFC 9112 §6.3). 1xx are responses like any other: read again behind them. */
MUST_USE enum rc h1_response_read(struct h1_reader *reader, struct text in, struct arena *arena,
                                  enum http_method asked, struct http_response *out,
                                  size_t *consumed, struct h1_refusal *refusal);

/* Whether a head has begun to arrive: then silence is 408, else an idle close. */
bool h1_reader_is_started(const struct h1_reader *reader);
