/* SPDX-License-Identifier: Apache-2.0 */
/* h2: HTTP/2 as a pure machine: bytes in, events out; messages in, bytes out. No sockets, no
 * clocks. Both sides: towards clients (server) and towards targets (client).
 *
 *   bytes came:       h2_receive(), then h2_next() until it is false, then h2_flush()
 *   room came:        h2_output() a buffer, h2_flush(); its bytes leave; h2_output() again
 *   an event says:    call the stream's functions again; whatever they write is flushed at once
 *                     into the output, so the frames of many streams leave in one write
 *
 * Backpressure both ways: what the output and the other side's windows do not take is not taken
 * from the caller; what the caller does not consume is not granted to the other side again.
 *
 * Strict      RFC 9113 §8.2 and §8.3: a malformed message is a stream error; a request that can be
 *             read but not served is delivered with a fault. Nothing is passed on unchecked.
 * Floods      frames cost points, work earns them (h2_budget below); who runs out gets GOAWAY
 *             ENHANCE_YOUR_CALM: rapid reset, MadeYouReset, CONTINUATION, SETTINGS, PING, empty
 *             DATA, WINDOW_UPDATE, PRIORITY and header bombs.
 * Memory      a stream lives in an arena that the caller lends it; received bodies in blocks: each
 *             stream's window, or, once h2_config.budget is short, LIMIT_H2_CONN_WINDOW_BYTES a
 *             session, where streams that nobody reads hold back the others. One that rests is
 *             packed.
 * Thread      one at a time. No function calls back but h2_config.arena and arena_back.
 * Sources     RFC 9113, RFC 7541, RFC 9218 (priorities are ignored); nghttp2 does the framing. */
#pragma once
#include "base/arena.h"
#include "http/message.h"

struct h2;
struct h2_stream; /* one exchange */

struct budget;
struct shelf;

struct h2_config {
    bool is_server;
    bool is_tls; /* client: the scheme it tells */
    /* Server: lends an arena to a stream that begins, and says what its events tell as `arg`; NULL
     * refuses it. Not to call h2 from. */
    struct arena *(*arena)(void *arg, void **stream_arg);
    void (*arena_back)(void *arg, void *stream_arg); /* the stream was never delivered */
    struct budget *budget; /* borrowed: unread bodies count here; NULL: nowhere */
    struct shelf *shelf;   /* borrowed: memory of streams and frames */
    void *arg;
};

/* Where frames go; the caller's, of 16 KiB at least. */
struct h2_output {
    char *at;
    size_t len; /* filled */
    size_t size;
};

struct h2 *h2_new(const struct h2_config *config);
void h2_free(struct h2 *h2); /* its streams must be finished; NULL is fine */
AUTO_DEFINE(h2)

/* ---- the session -------------------------------------------------------------------------- */

/* Takes all of `in`. RC_OK; RC_BAD, RC_LIMIT: the session is over: flush what there is (GOAWAY),
 * then close; every stream that is left has an event. */
MUST_USE enum rc h2_receive(struct h2 *h2, struct text in, int64_t now_ms, struct fault *fault);

enum h2_news {
    H2_REQUEST = 1, /* server: a head is complete, the stream is the caller's until finish */
    H2_CHANGED = 2, /* what answered RC_AGAIN is worth another try, or the stream is gone */
};
struct h2_event {
    struct h2_stream *stream;
    void *arg; /* the stream's, as lent or as given to h2_request() */
    unsigned news;
};
/* The next stream that has news; false: none. */
bool h2_next(struct h2 *h2, struct h2_event *out);

/* The buffer to write into from now on, NULL: none. */
void h2_output(struct h2 *h2, struct h2_output *output);
/* Writes what waits. RC_OK: nothing is left; RC_AGAIN: the output is full; RC_LIMIT: the session
 * broke. Streams that wait for room get their event. */
MUST_USE enum rc h2_flush(struct h2 *h2);
/* Whether h2_flush() would write anything. */
bool h2_wants_output(const struct h2 *h2);

/* Announces the end (GOAWAY): first that no new streams should come, then, called again a round
 * trip later, which was the last. Open streams go on. */
void h2_drain(struct h2 *h2);
/* Neither side will do anything more: flush and close. */
bool h2_is_over(const struct h2 *h2);
/* Takes up next to no memory until the next call, which costs a few microseconds more. False: there
 * is a stream or output, or it holds too much for that. Server only. */
bool h2_rest(struct h2 *h2);
bool h2_is_resting(const struct h2 *h2);
size_t h2_streams(const struct h2 *h2); /* not finished by their users */
/* Grows with what belongs to a message, either way: whole heads and content. PING, SETTINGS and
 * WINDOW_UPDATE are no life (AWS ALB: PING does not reset the idle timer). */
uint64_t h2_progress(const struct h2 *h2);

/* ---- a stream ----------------------------------------------------------------------------- */

struct arena *h2_stream_arena(struct h2_stream *stream);
/* RST_STREAM came, or the session ended, before both sides were done. */
bool h2_stream_is_gone(const struct h2_stream *stream);
/* The code it ended with (RFC 9113 §7). */
uint32_t h2_stream_error(const struct h2_stream *stream);
/* The code of an RST_STREAM that came; 0: none did, or NO_ERROR. */
uint32_t h2_stream_reset_code(const struct h2_stream *stream);

/* Server: the request, complete after H2_REQUEST. With a fault: what could be read of it, and
 * *status is the answer it asks for. */
const struct http_request *h2_stream_request(const struct h2_stream *stream);
const struct fault *h2_stream_fault(const struct h2_stream *stream, int *status); /* NULL: none */
/* Server: the answer's head; 1xx may come before. It leaves with the first write, end or flush.
 * RC_OK; RC_BAD: it holds what no head may hold; RC_LIMIT; RC_IO: the stream is gone. */
MUST_USE enum rc h2_stream_respond(struct h2_stream *stream, const struct http_response *response);

/* Client: starts a request; `arena` (borrowed) outlives the stream. RC_LIMIT: no more streams on
 * this session; RC_BAD as above. */
MUST_USE enum rc h2_request(struct h2 *h2, const struct http_request *request, struct arena *arena,
                            void *arg, struct h2_stream **out);
/* Whether h2_request() may succeed. */
bool h2_is_usable(const struct h2 *h2);
/* Client: whether the other side may have acted on the request: its head left, and was not refused
 * (RFC 9113 §8.7). */
bool h2_stream_may_be_served(const struct h2_stream *stream);
/* Client: the next head, 1xx first. RC_OK, RC_AGAIN, RC_LIMIT (too large), RC_IO (gone). */
MUST_USE enum rc h2_stream_read_head(struct h2_stream *stream, const struct http_response **out);

/* Received body bytes, borrowed until consume or finish: RC_OK, RC_AGAIN, RC_END (complete, with
 * trailers), RC_IO (gone). */
MUST_USE enum rc h2_stream_read(struct h2_stream *stream, struct text *out);
void h2_stream_consume(struct h2_stream *stream, size_t len);
const struct http_fields *h2_stream_trailers(const struct h2_stream *stream);

/* RC_OK: *taken >= 1; RC_AGAIN: no room in the output or the windows; RC_BAD: more than the length
 * told; RC_IO: gone. An answer without a body takes and drops all. */
MUST_USE enum rc h2_stream_write(struct h2_stream *stream, struct text data, size_t *taken);
/* RC_OK: our side is complete and in the output; RC_AGAIN; RC_BAD: less than the length told;
 * RC_IO. `trailers` may be NULL. */
MUST_USE enum rc h2_stream_end(struct h2_stream *stream, const struct http_fields *trailers);

/* Of heads and trailers, packed, that left so far. */
size_t h2_stream_sent_head_bytes(const struct h2_stream *stream);

/* The exchange is over, in any state; what is not complete is reset with `error_code` (server:
 * a request body that nobody read, after a complete answer: NO_ERROR). Frees the stream. */
void h2_stream_finish(struct h2_stream *stream, uint32_t error_code);
