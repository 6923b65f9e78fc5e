/* SPDX-License-Identifier: Apache-2.0 */
#include "http/h2.h"

#include "base/crate.h"
#include "base/mem.h"
#include "http/h2_stream.h"

static void start(struct h2 *h2);
static void fail(struct h2 *h2, int error);
static void end_session(struct h2 *h2);

struct h2 *h2_new(const struct h2_config *config)
{
    struct h2 *h2 = MEM_NEW(struct h2);
    nghttp2_session_callbacks *calls = h2_calls();
    nghttp2_option *option;
    nghttp2_mem memory;
    int failed;

    h2->config = *config;
    list_init(&h2->streams);
    list_init(&h2->ready);
    list_init(&h2->full);
    list_init(&h2->blocked);
    h2_budget_init(&h2->budget);
    ASSERT(nghttp2_option_new(&option) == 0);
    nghttp2_option_set_no_auto_window_update(option, 1);
    nghttp2_option_set_max_outbound_ack(option, LIMIT_H2_ACKS);
    nghttp2_option_set_no_closed_streams(option, 1);
    nghttp2_option_set_server_fallback_rfc7540_priorities(option, 0);
    nghttp2_option_set_max_deflate_dynamic_table_size(option, 4096);
    nghttp2_option_set_peer_max_concurrent_streams(option, 100);
    for (unsigned type = H2_FRAME_CONTINUATION + 1; type <= UINT8_MAX; type++) {
        /* To be shown their heads, which cost points; their payload is skipped. */
        nghttp2_option_set_user_recv_extension_type(option, (uint8_t)type);
    }
    h2->is_being_made = true;
    memory = h2_memory(h2);
    failed = config->is_server
                 ? nghttp2_session_server_new3(&h2->session, calls, h2, option, &memory)
                 : nghttp2_session_client_new3(&h2->session, calls, h2, option, &memory);
    ASSERT(!failed); /* memory is the only reason */
    h2->is_being_made = false;
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(calls);
    start(h2);
    return h2;
}

/* Our SETTINGS and the larger window of the connection wait for the first flush. */
static void start(struct h2 *h2)
{
    const nghttp2_settings_entry server[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, LIMIT_H2_STREAMS},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, LIMIT_H2_STREAM_WINDOW_BYTES},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, LIMIT_REQUEST_HEAD_BYTES},
        {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
    };
    const nghttp2_settings_entry client[] = {
        {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, LIMIT_H2_STREAM_WINDOW_BYTES},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, LIMIT_RESPONSE_HEAD_BYTES},
    };
    const bool is_server = h2->config.is_server;

    ASSERT(nghttp2_submit_settings(h2->session, NGHTTP2_FLAG_NONE, is_server ? server : client,
                                   is_server ? ARRAY_LEN(server) : ARRAY_LEN(client)) == 0);
    ASSERT(nghttp2_session_set_local_window_size(h2->session, NGHTTP2_FLAG_NONE, 0,
                                                 is_server ? LIMIT_H2_CONN_WINDOW_BYTES
                                                           : LIMIT_H2_TARGET_WINDOW_BYTES) == 0);
}

void h2_free(struct h2 *h2)
{
    if (!h2) {
        return;
    }
    LIST_EACH (&h2->streams, link) {
        struct h2_stream *stream = LIST_ITEM(link, struct h2_stream, link);

        ASSERT(!stream->is_delivered); /* its user finishes it first */
        h2_drop(stream);
    }
    h2_wake(h2);
    nghttp2_session_del(h2->session);
    crate_free(h2->crate);
    mem_give(h2->spare);
    mem_give(h2);
}

enum rc h2_receive(struct h2 *h2, struct text in, int64_t now_ms, struct fault *fault)
{
    ssize_t used = 0;

    h2_wake(h2);
    h2_budget_refill(&h2->budget, now_ms);
    if (!h2->is_over && in.len > 0) {
        used = nghttp2_session_mem_recv(h2->session, (const uint8_t *)in.at, in.len);
    }
    if (used < 0 && h2->fault.rc == RC_OK) {
        fail(h2, (int)used);
    }
    if (h2->fault.rc != RC_OK) {
        end_session(h2);
        *fault = h2->fault;
        return h2->fault.rc;
    }
    return RC_OK;
}

/* nghttp2 gave up: the connection's fault, unless one of its own limits was reached. */
static void fail(struct h2 *h2, int error)
{
    const bool is_flood = error == NGHTTP2_ERR_FLOODED || h2->continuations > 0;

    h2->fault = (struct fault){.rc = is_flood ? RC_LIMIT : RC_BAD, .why = nghttp2_strerror(error)};
    if (error != NGHTTP2_ERR_BAD_CLIENT_MAGIC) {
        (void)!nghttp2_session_terminate_session(h2->session, is_flood ? NGHTTP2_ENHANCE_YOUR_CALM
                                                                       : NGHTTP2_INTERNAL_ERROR);
    }
}

/* Nothing more will come of it: whoever holds a stream is told. */
static void end_session(struct h2 *h2)
{
    h2->is_over = true;
    LIST_EACH (&h2->streams, link) {
        struct h2_stream *stream = LIST_ITEM(link, struct h2_stream, link);

        stream->is_gone |= !stream->is_remote_done || !stream->is_ended;
        stream->is_closed = true;
        if (stream->is_delivered) {
            h2_tell(stream, H2_CHANGED);
        } else {
            h2_drop(stream);
        }
    }
}

/* Nobody has seen it yet. */
void h2_drop(struct h2_stream *stream)
{
    struct h2 *h2 = stream->h2;

    h2_stream_forget(stream);
    h2->config.arena_back(h2->config.arg, stream->arg);
}

/* Each frame of a stream, and each field of its head, asks again. */
struct h2_stream *h2_find(struct h2 *h2, int32_t id)
{
    if (!h2->found || h2->found->id != id) {
        h2->found = nghttp2_session_get_stream_user_data(h2->session, id);
    }
    return h2->found;
}

void h2_tell(struct h2_stream *stream, unsigned news)
{
    if (stream->news == 0) {
        list_push_back(&stream->h2->ready, &stream->ready);
    }
    stream->news |= news;
}

bool h2_next(struct h2 *h2, struct h2_event *out)
{
    struct list *link = list_pop_front(&h2->ready);
    struct h2_stream *stream;

    if (!link) {
        return false;
    }
    stream = LIST_ITEM(link, struct h2_stream, ready);
    *out = (struct h2_event){stream, stream->arg, stream->news};
    stream->news = 0;
    stream->is_delivered = true;
    return true;
}

void h2_output(struct h2 *h2, struct h2_output *output)
{
    h2->output = output;
}

/* Those that wait for it get their event now. */
void h2_tell_all(struct list *waiting)
{
    struct list *link;

    while ((link = list_pop_front(waiting))) {
        h2_tell(LIST_ITEM(link, struct h2_stream, waiting), H2_CHANGED);
    }
}

enum rc h2_flush(struct h2 *h2)
{
    enum rc rc;

    h2_wake(h2);
    if (!h2->output) {
        return h2_wants_output(h2) ? RC_AGAIN : RC_OK;
    }
    rc = h2_pump(h2);
    if (rc == RC_OK && h2->output->size - h2->output->len >= H2_ROOM_MIN) {
        h2_tell_all(&h2->full);
    }
    if (rc == RC_LIMIT || (!nghttp2_session_want_read(h2->session) && !h2_wants_output(h2))) {
        end_session(h2);
    }
    return rc;
}

/* What is left of a frame; false: the output is full. */
static bool carry(struct h2 *h2)
{
    struct h2_output *output = h2->output;
    const struct text part = text_slice(h2->pending, 0, output->size - output->len);

    if (part.len > 0) {
        memcpy(output->at + output->len, part.at, part.len);
        output->len += part.len;
        h2->pending = text_slice(h2->pending, part.len, h2->pending.len);
    }
    return h2->pending.len == 0;
}

/* RC_OK: one frame that is not DATA is in the output, or what fits of it. RC_END: there is none. */
enum rc h2_pump_frame(struct h2 *h2)
{
    const uint8_t *frame;
    const ssize_t len = nghttp2_session_mem_send(h2->session, &frame);

    if (len <= 0) {
        return len == 0 ? RC_END : RC_LIMIT;
    }
    h2->pending = (struct text){(const char *)frame, (size_t)len};
    (void)carry(h2);
    return RC_OK;
}

/* Moves frames into the output until it is full or nothing is left. DATA goes there on its own way:
 * h2_stream_send_data(). */
enum rc h2_pump(struct h2 *h2)
{
    while (carry(h2)) {
        const enum rc rc = h2_pump_frame(h2);

        if (rc != RC_OK) {
            return rc == RC_END ? RC_OK : rc;
        }
    }
    return RC_AGAIN;
}

bool h2_wants_output(const struct h2 *h2)
{
    return !h2_is_resting(h2) && (h2->pending.len > 0 || nghttp2_session_want_write(h2->session));
}

void h2_drain(struct h2 *h2)
{
    h2_wake(h2);
    if (h2->drains == 0 && h2->config.is_server) {
        (void)!nghttp2_submit_shutdown_notice(h2->session);
    } else if (h2->drains < 2) {
        (void)!nghttp2_submit_goaway(h2->session, NGHTTP2_FLAG_NONE,
                                     nghttp2_session_get_last_proc_stream_id(h2->session),
                                     NGHTTP2_NO_ERROR, NULL, 0);
    }
    h2->drains = h2->drains == 0 && h2->config.is_server ? 1 : 2;
}

bool h2_is_over(const struct h2 *h2)
{
    return h2->is_over ||
           (h2->stream_count == 0 && (h2->drains == 2 || h2->got_goaway) && !h2_wants_output(h2));
}

size_t h2_streams(const struct h2 *h2)
{
    return h2->stream_count;
}

uint64_t h2_progress(const struct h2 *h2)
{
    return h2->progress;
}

void h2_spend(struct h2 *h2, int64_t points, const char *why)
{
    if (h2->fault.rc == RC_OK && !h2_budget_spend(&h2->budget, points)) {
        h2->fault = (struct fault){.rc = RC_LIMIT, .why = why};
        (void)!nghttp2_session_terminate_session(h2->session, NGHTTP2_ENHANCE_YOUR_CALM);
    }
}
