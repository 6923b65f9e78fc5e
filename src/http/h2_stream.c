/* SPDX-License-Identifier: Apache-2.0 */
#include "http/h2_stream.h"

#include "base/budget.h"
#include "base/mem.h"

#define BLOCK_BYTES (16 * 1024 - sizeof(struct h2_block))

static bool is_dead(const struct h2_stream *stream)
{
    return stream->is_gone || stream->h2->is_over;
}

struct h2_stream *h2_stream_new(struct h2 *h2, struct arena *arena, int32_t id)
{
    struct h2_stream *stream = ARENA_NEW(arena, struct h2_stream);

    if (!stream) {
        return NULL;
    }
    stream->h2 = h2;
    stream->id = id;
    stream->arena = arena;
    list_push_back(&h2->streams, &stream->link);
    list_init(&stream->ready);
    list_init(&stream->waiting);
    h2->stream_count++;
    return stream;
}

static void give_block(struct h2 *h2, struct h2_block *block)
{
    budget_give(h2->config.budget, block->size);
    if (!h2->spare && block->size == BLOCK_BYTES) {
        h2->spare = block;
        return;
    }
    mem_give(block);
}

void h2_stream_forget(struct h2_stream *stream)
{
    struct h2_block *next;

    for (struct h2_block *block = stream->first; block; block = next) {
        next = block->next;
        give_block(stream->h2, block);
    }
    stream->first = NULL;
    if (stream->h2->found == stream) {
        stream->h2->found = NULL;
    }
    list_remove(&stream->link);
    list_remove(&stream->ready);
    list_remove(&stream->waiting);
    stream->h2->stream_count--;
}

void h2_stream_finish(struct h2_stream *stream, uint32_t error_code)
{
    struct h2 *h2 = stream->h2;
    struct text rest;

    while (h2_stream_read(stream, &rest) == RC_OK) {
        h2_stream_consume(stream, rest.len);
    }
    if (!stream->is_closed) {
        nghttp2_session_set_stream_user_data(h2->session, stream->id, NULL);
        (void)!nghttp2_submit_rst_stream(h2->session, NGHTTP2_FLAG_NONE, stream->id,
                                         stream->is_ended ? NGHTTP2_NO_ERROR : error_code);
    }
    h2_stream_forget(stream);
}

struct arena *h2_stream_arena(struct h2_stream *stream)
{
    return stream->arena;
}

size_t h2_stream_sent_head_bytes(const struct h2_stream *stream)
{
    return stream->sent_head_bytes;
}

bool h2_stream_is_gone(const struct h2_stream *stream)
{
    return stream->is_gone;
}

uint32_t h2_stream_error(const struct h2_stream *stream)
{
    return stream->error;
}

uint32_t h2_stream_reset_code(const struct h2_stream *stream)
{
    return stream->reset_code;
}

const struct http_request *h2_stream_request(const struct h2_stream *stream)
{
    return &stream->request;
}

const struct fault *h2_stream_fault(const struct h2_stream *stream, int *status)
{
    *status = stream->fault_status;
    return stream->fault_status ? &stream->fault : NULL;
}

/* ---- receiving ---------------------------------------------------------------------------- */

/* While memory is plenty the connection's window has received bytes back at once, so that streams
 * whose target is slow hold back nobody but themselves. */
static void grant_window(struct h2_stream *stream, size_t len)
{
    struct h2 *h2 = stream->h2;

    if (budget_allows(h2->config.budget, 0, LIMIT_H2_GRANT_PERCENT)) {
        stream->granted += len;
        (void)!nghttp2_session_consume_connection(h2->session, len);
    }
}

void h2_stream_add_data(struct h2_stream *stream, const uint8_t *data, size_t len)
{
    struct h2 *h2 = stream->h2;

    grant_window(stream, len);
    while (len > 0) {
        struct h2_block *block = stream->first ? stream->last : NULL;
        size_t part;

        if (!block || block->end == block->size) {
            block = h2->spare ? h2->spare : mem_grow(NULL, sizeof(*block) + BLOCK_BYTES);
            h2->spare = NULL;
            budget_take(h2->config.budget, BLOCK_BYTES);
            *block = (struct h2_block){.size = BLOCK_BYTES};
            if (stream->first) {
                ASSERT(stream->last != NULL);
                stream->last->next = block;
            } else {
                stream->first = block;
            }
            stream->last = block;
        }
        part = block->size - block->end < len ? block->size - block->end : len;
        memcpy(block->bytes + block->end, data, part);
        block->end += part;
        data += part;
        len -= part;
    }
}

/* The stream's window has `len` back, and the connection's what it was not granted before. */
static void return_window(struct h2_stream *stream, size_t len)
{
    nghttp2_session *session = stream->h2->session;
    const size_t granted = stream->granted < len ? stream->granted : len;

    stream->granted -= granted;
    (void)!nghttp2_session_consume_connection(session, len - granted);
    (void)!nghttp2_session_consume_stream(session, stream->id, len);
}

enum rc h2_stream_read(struct h2_stream *stream, struct text *out)
{
    const struct h2_block *block = stream->first;

    if (block) {
        *out = (struct text){block->bytes + block->start, block->end - block->start};
        return RC_OK;
    }
    if (stream->is_remote_done) {
        return RC_END;
    }
    return is_dead(stream) ? RC_IO : RC_AGAIN;
}

void h2_stream_consume(struct h2_stream *stream, size_t len)
{
    struct h2_block *block = stream->first;

    if (len == 0) {
        return;
    }
    ASSERT(block != NULL);
    ASSERT(len <= block->end - block->start);
    block->start += len;
    if (block->start == block->end) {
        stream->first = block->next;
        give_block(stream->h2, block);
    }
    if (!stream->h2->is_over) {
        return_window(stream, len);
    }
}

const struct http_fields *h2_stream_trailers(const struct h2_stream *stream)
{
    return &stream->trailers;
}

enum rc h2_stream_read_head(struct h2_stream *stream, const struct http_response **out)
{
    struct h2_interim *interim = stream->interims;

    if (interim) {
        stream->interims = interim->next;
        *out = &interim->head;
        return RC_OK;
    }
    if (!stream->has_head) {
        return is_dead(stream) ? RC_IO : RC_AGAIN;
    }
    if (stream->fault_status) {
        return stream->fault.rc;
    }
    *out = &stream->response;
    return RC_OK;
}

/* ---- sending ------------------------------------------------------------------------------ */

/* The head is copied if it has to wait. Else its texts are used in place: with nothing in front of
 * it, nghttp2 makes its frame now, or refuses it. A GOAWAY of the session's end may be behind it.
 */
static enum rc send_head(struct h2_stream *stream, const struct http_response *response,
                         bool tells_length, const nghttp2_data_provider *provider)
{
    struct h2 *h2 = stream->h2;
    const bool is_next = h2->output && h2->pending.len == 0 &&
                         nghttp2_session_get_outbound_queue_size(h2->session) == 0;
    const uint8_t flags =
        is_next ? NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE : 0;
    nghttp2_nv *nv;
    size_t count;
    int failed;

    TRY(h2_head_from_response(response, tells_length, flags, stream->arena, &nv, &count));
    failed = response->status < 200
                 ? nghttp2_submit_headers(h2->session, NGHTTP2_FLAG_NONE, stream->id, NULL, nv,
                                          count, NULL)
                 : nghttp2_submit_response(h2->session, stream->id, nv, count, provider);
    if (!failed && is_next) {
        failed = h2_pump_frame(h2) != RC_OK;
        ASSERT(nghttp2_session_get_outbound_queue_size(h2->session) == 0 || h2->fault.rc != RC_OK);
    }
    return failed ? RC_IO : RC_OK;
}

enum rc h2_stream_respond(struct h2_stream *stream, const struct http_response *response)
{
    const struct arena_mark mark = arena_mark(stream->arena);
    const bool is_bodiless = stream->request.method_id == HTTP_HEAD || response->status == 204 ||
                             response->status == 304 || response->framing == HTTP_NO_BODY ||
                             (response->framing == HTTP_LENGTH && response->content_length == 0);
    enum rc rc;

    if (is_dead(stream)) {
        return RC_IO;
    }
    if (response->status == 101) {
        return RC_BAD; /* RFC 9113 §8.6 */
    }
    /* As h1_plan_response(): what is known, but never in 1xx and 204. */
    rc = send_head(stream, response,
                   response->status >= 200 && response->status != 204 &&
                       (response->framing == HTTP_LENGTH || response->tells_length),
                   is_bodiless ? NULL : &h2_stream_provider);
    arena_rewind(stream->arena, mark); /* the head was packed or copied */
    if (rc == RC_BAD || rc == RC_LIMIT || response->status < 200) {
        return rc;
    }
    stream->is_submitted = true;
    stream->drops_body = is_bodiless;
    stream->knows_length = response->framing == HTTP_LENGTH && !is_bodiless;
    stream->left = response->content_length;
    return rc;
}

bool h2_is_usable(const struct h2 *h2)
{
    const uint32_t streams_max =
        nghttp2_session_get_remote_settings(h2->session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);

    return !h2->is_over && !h2->got_goaway && h2->drains == 0 && h2->stream_count < streams_max &&
           h2->stream_count < LIMIT_H2_STREAMS &&
           nghttp2_session_check_request_allowed(h2->session);
}

enum rc h2_request(struct h2 *h2, const struct http_request *request, struct arena *arena,
                   void *arg, struct h2_stream **out)
{
    const bool is_bodiless = request->framing == HTTP_NO_BODY;
    struct h2_stream *stream;
    nghttp2_nv *nv;
    size_t count;
    int32_t id;

    if (!h2_is_usable(h2)) {
        return RC_LIMIT;
    }
    TRY(h2_head_from_request(request, h2->config.is_tls, arena, &nv, &count));
    stream = h2_stream_new(h2, arena, -1);
    if (!stream) {
        return RC_LIMIT;
    }
    id = nghttp2_submit_request(h2->session, NULL, nv, count,
                                is_bodiless ? NULL : &h2_stream_provider, stream);
    if (id < 0) {
        h2_stream_forget(stream);
        return RC_LIMIT;
    }
    stream->id = id;
    stream->arg = arg;
    stream->is_delivered = true;
    stream->is_submitted = true;
    stream->drops_body = is_bodiless;
    stream->knows_length = request->framing == HTTP_LENGTH;
    stream->left = request->content_length;
    stream->request.method_id = request->method_id;
    *out = stream;
    return RC_OK;
}

bool h2_stream_may_be_served(const struct h2_stream *stream)
{
    return stream->is_sent && stream->error != NGHTTP2_REFUSED_STREAM;
}

static bool is_full(const struct h2 *h2)
{
    return !h2->output || h2->pending.len > 0 || h2->output->size - h2->output->len < H2_ROOM_MIN;
}

/* Whoever was told RC_AGAIN gets an event when room or window come. */
static enum rc wait(struct h2_stream *stream)
{
    struct h2 *h2 = stream->h2;

    list_remove(&stream->waiting);
    list_push_back(is_full(h2) ? &h2->full : &h2->blocked, &stream->waiting);
    return RC_AGAIN;
}

/* Lets nghttp2 ask for what is offered. */
static enum rc run(struct h2_stream *stream)
{
    struct h2 *h2 = stream->h2;
    enum rc rc;

    if (!h2->output) {
        return RC_AGAIN;
    }
    if (stream->is_deferred) {
        stream->is_deferred = false;
        (void)!nghttp2_session_resume_data(h2->session, stream->id); /* unknown: it is closed */
    }
    rc = h2_pump(h2);
    return rc == RC_LIMIT || is_dead(stream) ? RC_IO : RC_OK;
}

enum rc h2_stream_write(struct h2_stream *stream, struct text data, size_t *taken)
{
    const struct h2 *h2 = stream->h2;
    struct text offer = data;
    enum rc rc;

    ASSERT(stream->is_submitted);
    ASSERT(!stream->is_ending);
    if (is_dead(stream)) {
        return RC_IO;
    }
    if (stream->drops_body) {
        *taken = data.len;
        return RC_OK;
    }
    if (stream->knows_length && data.len > stream->left) {
        return RC_BAD;
    }
    if (!list_is_empty(&h2->full) && offer.len > LIMIT_H2_DATA_TURN_BYTES) {
        offer.len = LIMIT_H2_DATA_TURN_BYTES;
    }
    stream->offer = offer;
    rc = run(stream);
    *taken = offer.len - stream->offer.len;
    stream->offer = (struct text){0};
    if (*taken > 0) {
        return RC_OK;
    }
    return rc == RC_IO ? rc : wait(stream);
}

enum rc h2_stream_end(struct h2_stream *stream, const struct http_fields *trailers)
{
    nghttp2_nv *nv;

    ASSERT(stream->is_submitted);
    if (stream->is_ended) {
        return RC_OK;
    }
    if (is_dead(stream)) {
        return RC_IO;
    }
    if (stream->knows_length && stream->left > 0) {
        return RC_BAD;
    }
    if (!stream->is_ending && trailers && trailers->count > 0 && !stream->drops_body) {
        TRY(h2_head_from_trailers(trailers, stream->arena, &nv, &stream->trailer_count));
        stream->trailer_nv = nv;
    }
    stream->is_ending = true;
    if (run(stream) == RC_IO && !stream->is_ended) {
        return RC_IO;
    }
    return stream->is_ended ? RC_OK : wait(stream);
}

static ssize_t end_data(struct h2_stream *stream, uint32_t *flags)
{
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (stream->trailer_count > 0) {
        *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
        if (nghttp2_submit_trailer(stream->h2->session, stream->id, stream->trailer_nv,
                                   stream->trailer_count) != 0) {
            return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
        }
    }
    return 0;
}

/* How much of what is offered goes into the next frame. The bytes themselves are copied once, by
 * h2_stream_send_data(), straight into the output. */
static ssize_t read_data(nghttp2_session *session, int32_t id, uint8_t *buf, size_t size,
                         uint32_t *flags, nghttp2_data_source *source, void *arg)
{
    struct h2 *h2 = arg;
    struct h2_stream *stream = h2_find(h2, id);
    const size_t room = h2->output ? h2->output->size - h2->output->len : 0;
    size_t len;

    if (!stream) {
        return NGHTTP2_ERR_DEFERRED; /* its RST_STREAM waits behind this */
    }
    if (stream->offer.len == 0 && stream->is_ending) {
        return end_data(stream, flags);
    }
    if (stream->offer.len == 0 || room < H2_ROOM_MIN) {
        stream->is_deferred = true;
        return NGHTTP2_ERR_DEFERRED;
    }
    len = stream->offer.len < size ? stream->offer.len : size;
    if (len > room - H2_FRAME_HEAD_BYTES) {
        len = room - H2_FRAME_HEAD_BYTES;
    }
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (stream->knows_length && stream->left == len) {
        *flags |= NGHTTP2_DATA_FLAG_EOF; /* the end rides on the last frame */
    }
    return (ssize_t)len;
}

const nghttp2_data_provider h2_stream_provider = {.read_callback = read_data};

int h2_stream_send_data(struct h2 *h2, struct h2_stream *stream, const uint8_t *head, size_t len)
{
    struct h2_output *output = h2->output;

    ASSERT(stream != NULL);
    ASSERT(len <= stream->offer.len);
    ASSERT(output->size - output->len >= H2_FRAME_HEAD_BYTES + len);
    memcpy(output->at + output->len, head, H2_FRAME_HEAD_BYTES);
    memcpy(output->at + output->len + H2_FRAME_HEAD_BYTES, stream->offer.at, len);
    output->len += H2_FRAME_HEAD_BYTES + len;
    stream->offer = text_slice(stream->offer, len, stream->offer.len);
    stream->left -= stream->knows_length ? len : 0;
    return 0;
}
