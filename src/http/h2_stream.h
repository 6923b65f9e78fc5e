/* SPDX-License-Identifier: Apache-2.0 */
/* h2_stream: what the parts of h2 share: the session (h2.c), what nghttp2 calls of it
 * (h2_calls.c), the heads it receives and sends (h2_head.c), and the streams (h2_stream.c). Private
 * to this room. */
#pragma once
#include "base/list.h"
#include "http/h2.h"
#include "http/h2_budget.h"

#include <nghttp2/nghttp2.h>

#define H2_FRAME_CONTINUATION 9    /* RFC 9113 §6.10: the last of the usual types */
#define H2_FRAME_HEAD_BYTES   9    /* RFC 9113 §4.1 */
#define H2_ROOM_MIN           1024 /* with less room in the output, DATA waits for a fresh one */

/* Received content, in pieces that never move. */
struct h2_block {
    struct h2_block *next;
    size_t start, end; /* of the unread bytes */
    size_t size;
    char bytes[];
};

/* A head (1xx) in front of the final one. */
struct h2_interim {
    struct h2_interim *next;
    struct http_response head;
};

/* What sending touches stands in front: by the time of an answer, the rest has left the cache. */
struct h2_stream {
    struct h2 *h2;
    int32_t id;
    struct arena *arena; /* borrowed; holds this very struct */
    void *arg;
    struct list link;    /* in h2->streams */
    struct list ready;   /* in h2->ready, when `news` is not 0 */
    struct list waiting; /* in h2->full or ->blocked: was told RC_AGAIN by write or end */
    unsigned news;
    uint32_t error;
    uint32_t reset_code; /* of the other side's RST_STREAM */
    bool is_delivered;   /* the user has seen it, and finishes it */
    bool is_closed;      /* nghttp2 forgot it */
    bool is_gone;
    bool is_remote_done; /* END_STREAM came */

    /* Sending. */
    bool knows_length;
    bool is_submitted; /* the final head */
    bool is_sent;      /* it is in the output */
    bool drops_body;
    bool is_deferred; /* nghttp2 asks for no more of it before it is resumed */
    bool is_ending;
    bool is_ended;     /* END_STREAM is in the output */
    struct text offer; /* of the running write */
    const nghttp2_nv *trailer_nv;
    size_t trailer_count;
    uint64_t left;          /* of the length told */
    size_t sent_head_bytes; /* frames of heads and trailers, as they left */

    /* Receiving. */
    struct h2_block *first, *last; /* own */
    size_t granted;                /* unused bytes that the connection's window has back already */
    struct {
        struct text method, path, authority, status, host;
    } pseudo;
    struct http_fields fields; /* of the block that is coming in */
    size_t field_room;
    size_t head_bytes;
    unsigned cookies;
    bool is_too_large;
    bool has_head; /* the final one */
    struct http_request request;
    struct http_response response;
    struct h2_interim *interims;
    unsigned interim_count;
    struct http_fields trailers;
    struct fault fault;
    int fault_status;
};

struct h2 {
    struct h2_config config;
    struct crate *crate; /* own: what nghttp2 keeps for good; NULL: it has no place of its own */
    nghttp2_session *session; /* own */
    struct h2_output *output; /* borrowed; NULL: none */
    struct text pending;      /* of nghttp2: a frame that did not fit yet */
    struct h2_stream *found;  /* borrowed: by h2_find(), the last time; NULL: none */
    struct list streams, ready;
    struct list full;    /* streams that wait for room in the output */
    struct list blocked; /* ... for the other side's windows */
    size_t stream_count;
    struct h2_block *spare; /* own: one unused block */
    struct h2_budget budget;
    struct fault fault;
    uint64_t progress;
    uint32_t requests;
    unsigned continuations; /* of this header block */
    size_t block_bytes;     /* of this header block, decoded */
    uint8_t drains;         /* times h2_drain() was called */
    bool is_being_made;
    bool is_over;
    bool got_goaway;
};

/* h2_calls.c */
nghttp2_session_callbacks *h2_calls(void); /* to be deleted by the caller */

/* h2.c */
struct h2_stream *h2_find(struct h2 *h2, int32_t id); /* NULL: nobody has it */
void h2_tell_all(struct list *waiting); /* of streams in full or blocked: it is their turn */
void h2_drop(struct h2_stream *stream); /* one that nobody has seen yet */
void h2_tell(struct h2_stream *stream, unsigned news);
enum rc h2_pump(struct h2 *h2);
enum rc h2_pump_frame(struct h2 *h2); /* nothing may be pending */
/* Spends points; ends the session when they have run out. */
void h2_spend(struct h2 *h2, int64_t points, const char *why);

/* h2_rest.c */
nghttp2_mem h2_memory(struct h2 *h2); /* makes h2->crate */
void h2_wake(struct h2 *h2);          /* before nghttp2 is called */

/* h2_stream.c */
struct h2_stream *h2_stream_new(struct h2 *h2, struct arena *arena, int32_t id);
void h2_stream_forget(struct h2_stream *stream); /* drops its blocks, leaves all lists */
void h2_stream_add_data(struct h2_stream *stream, const uint8_t *data, size_t len);
extern const nghttp2_data_provider h2_stream_provider;
int h2_stream_send_data(struct h2 *h2, struct h2_stream *stream, const uint8_t *head, size_t len);

/* h2_head.c: one field of a block, and its end. */
void h2_head_field(struct h2_stream *stream, struct text name, struct text value);
void h2_head_request(struct h2_stream *stream, bool is_end);
void h2_head_response(struct h2_stream *stream, bool is_end);
void h2_head_trailers(struct h2_stream *stream);
/* The fields of a message as nghttp2 wants them, from the arena; rc as of h2_stream_respond. They
 * are borrowed from the message where `flags` say so (NGHTTP2_NV_FLAG_NO_COPY_*). */
MUST_USE enum rc h2_head_from_request(const struct http_request *request, bool is_tls,
                                      struct arena *arena, nghttp2_nv **out, size_t *count);
MUST_USE enum rc h2_head_from_response(const struct http_response *response, bool tells_length,
                                       uint8_t flags, struct arena *arena, nghttp2_nv **out,
                                       size_t *count);
MUST_USE enum rc h2_head_from_trailers(const struct http_fields *trailers, struct arena *arena,
                                       nghttp2_nv **out, size_t *count);
