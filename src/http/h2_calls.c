/* SPDX-License-Identifier: Apache-2.0 */
/* What nghttp2 calls: frames, fields and data as they come, and frames that leave. */
#include "http/h2_stream.h"

/* Input behind the end of patience is not worth reading. */
static int go_on(const struct h2 *h2)
{
    return h2->fault.rc == RC_OK ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
}

/* It is decoded, for the sake of the table, and leads nowhere: its stream is closed, its user was
 * done with it, or we said that no more are served. */
static bool is_head_of_none(struct h2 *h2, int32_t id)
{
    if (h2->config.is_server && h2->drains < 2 &&
        id > nghttp2_session_get_last_proc_stream_id(h2->session)) {
        return false;
    }
    return !h2_find(h2, id);
}

static int on_begin_frame(nghttp2_session *session, const nghttp2_frame_hd *head, void *arg)
{
    struct h2 *h2 = arg;
    const bool is_ack = (head->flags & NGHTTP2_FLAG_ACK) != 0;

    switch (head->type) {
    case NGHTTP2_DATA:
        if (head->length == 0 && !(head->flags & NGHTTP2_FLAG_END_STREAM)) {
            h2_spend(h2, H2_COST_EMPTY_DATA, "a flood of empty DATA");
        }
        break;
    case NGHTTP2_HEADERS:
        h2->continuations = 0;
        h2->block_bytes = 0;
        if (is_head_of_none(h2, head->stream_id)) {
            h2_spend(h2, H2_COST_PRIORITY, "a flood of heads without a stream");
        }
        break;
    case NGHTTP2_RST_STREAM:
        h2_spend(h2, 1, "a flood of RST_STREAM");
        break;
    case NGHTTP2_SETTINGS:
        h2_spend(h2, is_ack ? 1 : H2_COST_SETTINGS, "a flood of SETTINGS");
        break;
    case NGHTTP2_PING:
        h2_spend(h2, H2_COST_PING, "a flood of PING");
        break;
    case NGHTTP2_WINDOW_UPDATE:
        h2_spend(h2, H2_COST_WINDOW_UPDATE, "a flood of WINDOW_UPDATE");
        break;
    case H2_FRAME_CONTINUATION:
        if (++h2->continuations > LIMIT_H2_CONTINUATIONS) {
            h2_spend(h2, INT32_MAX, "a flood of CONTINUATION");
        }
        h2_spend(h2, H2_COST_CONTINUATION, "a flood of CONTINUATION");
        break;
    default:
        h2_spend(h2, H2_COST_PRIORITY, "a flood of frames without use");
        break;
    }
    return go_on(h2);
}

static int on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    struct h2 *h2 = arg;
    struct arena *arena;
    struct h2_stream *stream;
    void *stream_arg = NULL;

    if (frame->headers.cat != NGHTTP2_HCAT_REQUEST) {
        return 0;
    }
    arena = h2->drains == 2 ? NULL : h2->config.arena(h2->config.arg, &stream_arg);
    stream = arena ? h2_stream_new(h2, arena, frame->hd.stream_id) : NULL;
    if (!stream) {
        if (arena) {
            h2->config.arena_back(h2->config.arg, stream_arg);
        }
        h2_spend(h2, H2_COST_RESET, "a flood of refused streams");
        return nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id,
                                         NGHTTP2_REFUSED_STREAM);
    }
    stream->arg = stream_arg;
    nghttp2_session_set_stream_user_data(session, stream->id, stream);
    if (++h2->requests == LIMIT_H2_REQUESTS) {
        h2->drains = 1;
        h2_drain(h2); /* AWS ALB: more than 10,000 requests end the connection */
    }
    return 0;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                     size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags,
                     void *arg)
{
    struct h2 *h2 = arg;
    struct h2_stream *stream = h2_find(h2, frame->hd.stream_id);

    /* RFC 9113 §10.5.1: a field counts with 32 bytes of its own. */
    h2->block_bytes += name_len + value_len + 32;
    if (h2->block_bytes > LIMIT_H2_BLOCK_BYTES) {
        h2_spend(h2, INT32_MAX, "a bomb of header fields");
    }
    if (stream && go_on(h2) == 0) {
        h2_head_field(stream, (struct text){(const char *)name, name_len},
                      (struct text){(const char *)value, value_len});
    }
    return go_on(h2);
}

/* nghttp2 would drop it and go on; RFC 9113 §8.2.1 calls the message malformed. */
static int on_invalid_header(nghttp2_session *session, const nghttp2_frame *frame,
                             const uint8_t *name, size_t name_len, const uint8_t *value,
                             size_t value_len, uint8_t flags, void *arg)
{
    (void)!nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id,
                                     NGHTTP2_PROTOCOL_ERROR);
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

static void got_headers(struct h2 *h2, struct h2_stream *stream, bool is_end)
{
    stream->is_remote_done |= is_end;
    if (stream->has_head) {
        h2_head_trailers(stream);
    } else if (h2->config.is_server) {
        h2_head_request(stream, is_end);
        h2_tell(stream, H2_REQUEST);
        return;
    } else {
        h2_head_response(stream, is_end);
    }
    h2_tell(stream, H2_CHANGED);
}

static int on_frame_recv(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    struct h2 *h2 = arg;
    struct h2_stream *stream = frame->hd.stream_id ? h2_find(h2, frame->hd.stream_id) : NULL;
    const bool is_end = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;

    switch (frame->hd.type) {
    case NGHTTP2_HEADERS:
        if (stream) {
            h2->progress++;
            got_headers(h2, stream, is_end);
        }
        break;
    case NGHTTP2_DATA:
        if (frame->hd.length > frame->data.padlen) {
            h2_budget_earn(&h2->budget, H2_EARN_DATA);
        } else if (frame->hd.length > 0) {
            h2_spend(h2, H2_COST_EMPTY_DATA, "a flood of padding");
        }
        if (stream && is_end) {
            stream->is_remote_done = true;
            h2_tell(stream, H2_CHANGED);
        }
        break;
    case NGHTTP2_RST_STREAM:
        if (stream) {
            stream->reset_code = frame->rst_stream.error_code;
        }
        break;
    case NGHTTP2_SETTINGS:
    case NGHTTP2_WINDOW_UPDATE:
        h2_tell_all(&h2->blocked);
        break;
    case NGHTTP2_GOAWAY:
        h2->got_goaway = true;
        break;
    default:
        break;
    }
    return go_on(h2);
}

static int on_data_chunk(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *data,
                         size_t len, void *arg)
{
    struct h2 *h2 = arg;
    struct h2_stream *stream = h2_find(h2, id);

    if (!stream) { /* its user gave it up */
        h2_spend(h2, 1, "a flood of DATA for nobody");
        return nghttp2_session_consume(session, id, len) ? NGHTTP2_ERR_CALLBACK_FAILURE : go_on(h2);
    }
    h2->progress++;
    h2_stream_add_data(stream, data, len);
    h2_tell(stream, H2_CHANGED);
    return 0;
}

static int on_frame_send(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    struct h2 *h2 = arg;
    const bool is_message = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    struct h2_stream *stream = is_message ? h2_find(h2, frame->hd.stream_id) : NULL;

    if (stream) {
        h2->progress++;
        stream->is_sent = true;
        if (frame->hd.type == NGHTTP2_HEADERS) {
            stream->sent_head_bytes += H2_FRAME_HEAD_BYTES + frame->hd.length;
        }
        stream->is_ended |= (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    }
    if (frame->hd.type == NGHTTP2_DATA && frame->hd.length > 0) {
        h2_budget_earn(&h2->budget, H2_EARN_DATA);
    }
    return 0;
}

/* CVE-2025-8671: the other side provokes a reset of ours, and sends the next request. */
static int on_invalid_frame(nghttp2_session *session, const nghttp2_frame *frame, int error,
                            void *arg)
{
    h2_spend(arg, H2_COST_RESET, "a flood of broken frames");
    return go_on(arg);
}

static int on_stream_close(nghttp2_session *session, int32_t id, uint32_t error_code, void *arg)
{
    struct h2 *h2 = arg;
    struct h2_stream *stream = h2_find(h2, id);

    if (!stream) {
        return 0; /* its user was done with it */
    }
    h2->found = NULL; /* nghttp2 will not find it any more */
    stream->is_closed = true;
    stream->error = error_code;
    stream->is_gone =
        error_code != NGHTTP2_NO_ERROR || !stream->is_remote_done || !stream->is_ended;
    /* RFC 9113 §8.1: a complete answer, and no more of the request is wanted. */
    const bool is_answered = !h2->config.is_server && stream->is_remote_done && !error_code;
    if (stream->is_gone && !is_answered) {
        h2_spend(h2, H2_COST_RESET, "a flood of streams that end early");
    } else {
        h2_budget_earn(&h2->budget, H2_EARN_REQUEST);
    }
    if (!stream->is_delivered) {
        h2_drop(stream); /* a rapid reset costs nothing but points */
    } else {
        h2_tell(stream, H2_CHANGED);
    }
    return 0;
}

static int skip_extension(nghttp2_session *session, void **payload, const nghttp2_frame_hd *head,
                          void *arg)
{
    return NGHTTP2_ERR_CANCEL;
}

static int on_send_data(nghttp2_session *session, nghttp2_frame *frame, const uint8_t *head,
                        size_t len, nghttp2_data_source *source, void *arg)
{
    struct h2 *h2 = arg;

    return h2_stream_send_data(h2, h2_find(h2, frame->hd.stream_id), head, len);
}

nghttp2_session_callbacks *h2_calls(void)
{
    nghttp2_session_callbacks *calls;

    ASSERT(nghttp2_session_callbacks_new(&calls) == 0);
    nghttp2_session_callbacks_set_on_begin_frame_callback(calls, on_begin_frame);
    nghttp2_session_callbacks_set_on_begin_headers_callback(calls, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(calls, on_header);
    nghttp2_session_callbacks_set_on_invalid_header_callback(calls, on_invalid_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(calls, on_frame_recv);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(calls, on_data_chunk);
    nghttp2_session_callbacks_set_on_frame_send_callback(calls, on_frame_send);
    nghttp2_session_callbacks_set_on_stream_close_callback(calls, on_stream_close);
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(calls, on_invalid_frame);
    nghttp2_session_callbacks_set_unpack_extension_callback(calls, skip_extension);
    nghttp2_session_callbacks_set_send_data_callback(calls, on_send_data);
    return calls;
}
