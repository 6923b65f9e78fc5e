/* SPDX-License-Identifier: Apache-2.0 */
/* A server's wire over a stream that counts its calls; the other side is a session in memory. */
#include "conn/h2_wire.h"

#include "base/mem.h"
#include "base/shelf.h"
#include "test.h"

#define STREAMS      32
#define ANSWER_BYTES 1024

struct socket {
    struct stream stream; /* first */
    struct text in;       /* what it has for its reader */
    size_t writes;
    size_t room; /* it takes so much more */
    size_t bytes;
};

struct play {
    struct socket socket;
    struct shelf shelf;
    struct budget budget;
    struct buffers buffers;
    struct h2_wire wire;
    struct h2 *client;
    struct h2_output asked;
    struct arena *arena;
    struct h2_stream *asking[STREAMS];
    struct h2_stream *answering[STREAMS];
};

static enum rc read_socket(struct stream *stream, char *into, size_t size, size_t *len)
{
    struct socket *socket = CONTAINER_OF(stream, struct socket, stream);

    *len = socket->in.len < size ? socket->in.len : size;
    memcpy(into, socket->in.at, *len);
    socket->in = text_slice(socket->in, *len, socket->in.len);
    stream->is_readable = socket->in.len > 0;
    return RC_OK;
}

static enum rc write_socket(struct stream *stream, const struct iovec *parts, int count,
                            size_t *len)
{
    struct socket *socket = CONTAINER_OF(stream, struct socket, stream);

    assert_int_equal(count, 1);
    *len = parts->iov_len < socket->room ? parts->iov_len : socket->room;
    stream->is_writable = *len == parts->iov_len;
    socket->room -= *len;
    socket->bytes += *len;
    socket->writes += *len > 0;
    return *len > 0 ? RC_OK : RC_AGAIN;
}

static const struct stream_ops socket_ops = {.read = read_socket, .write = write_socket};

static struct arena *lend(void *arg, void **stream_arg)
{
    *stream_arg = arena_new(4096, LIMIT_REQUEST_ARENA_BYTES);
    return *stream_arg;
}

static void take_back(void *arg, void *stream_arg)
{
    arena_free(stream_arg);
}

/* All streams have asked, and the server has heard. */
static void begin(struct play *play, size_t memory_bytes)
{
    *play = (struct play){.budget.max = memory_bytes};
    const struct h2_config server = {
        .is_server = true, .arena = lend, .arena_back = take_back, .shelf = &play->shelf};
    const struct h2_config client = {.shelf = &play->shelf};
    const struct http_request request = {.method = TEXT("GET"),
                                         .method_id = HTTP_GET,
                                         .target = TEXT("/"),
                                         .authority = TEXT("example.com")};
    struct h2_event event;

    play->socket.stream =
        (struct stream){.ops = &socket_ops, .is_readable = true, .is_writable = true};
    play->socket.room = SIZE_MAX;
    buffers_init(&play->buffers);
    play->buffers.budget = &play->budget;
    h2_wire_init(&play->wire, &play->socket.stream, &play->buffers, &server);
    play->client = h2_new(&client);
    play->arena = arena_new(4096, 1 << 20);
    play->asked = (struct h2_output){mem_take(32 * 1024), 0, 32 * 1024};
    h2_output(play->client, &play->asked);
    for (size_t i = 0; i < STREAMS; i++) {
        assert_int_equal(h2_request(play->client, &request, play->arena, NULL, &play->asking[i]),
                         RC_OK);
    }
    assert_int_equal(h2_flush(play->client), RC_OK);
    play->socket.in = (struct text){play->asked.at, play->asked.len};
    assert_int_equal(h2_wire_receive(&play->wire, 0), RC_AGAIN);
    assert_int_equal(h2_wire_flush(&play->wire), RC_OK); /* SETTINGS */
    h2_wire_rest(&play->wire);
    for (size_t i = 0; i < STREAMS; i++) {
        assert_true(h2_next(play->wire.session, &event));
        play->answering[i] = event.stream;
    }
    play->socket.writes = play->socket.bytes = 0;
}

/* How many said all they had. */
static size_t answer(struct play *play)
{
    static const char body[ANSWER_BYTES];
    const struct http_response response = {
        .status = 200, .framing = HTTP_LENGTH, .content_length = sizeof(body)};
    size_t count = 0;

    for (size_t i = 0; i < STREAMS; i++) {
        size_t taken;

        h2_wire_open(&play->wire);
        assert_int_equal(h2_stream_respond(play->answering[i], &response), RC_OK);
        count += h2_stream_write(play->answering[i], (struct text){body, sizeof(body)}, &taken) ==
                     RC_OK &&
                 taken == sizeof(body);
    }
    return count;
}

static void end(struct play *play)
{
    for (size_t i = 0; i < STREAMS; i++) {
        struct arena *arena = h2_stream_arena(play->answering[i]);

        h2_stream_finish(play->answering[i], 0);
        arena_free(arena);
        h2_stream_finish(play->asking[i], 0);
    }
    h2_wire_done(&play->wire);
    h2_free(play->client);
    mem_give(play->asked.at);
    arena_free(play->arena);
    buffers_done(&play->buffers);
    shelf_clear(&play->shelf);
}

TEST(h2_wire, answers_of_many_streams_leave_in_one_call)
{
    struct play play;

    begin(&play, 1 << 30);
    assert_int_equal(answer(&play), STREAMS);
    assert_int_equal(play.socket.writes, 0);
    assert_int_equal(h2_wire_flush(&play.wire), RC_OK);
    assert_int_equal(play.socket.writes, 1);
    assert_true(play.socket.bytes > STREAMS * ANSWER_BYTES);
    h2_wire_rest(&play.wire);
    assert_int_equal(play.budget.used, 0);
    end(&play);
}

TEST(h2_wire, where_memory_is_short_a_small_buffer_must_do)
{
    struct play play;

    begin(&play, LIMIT_LARGE_BUFFER_BYTES);
    assert_in_range(answer(&play), 8, 16);
    assert_int_equal(play.budget.used, LIMIT_SMALL_BUFFER_BYTES);
    assert_int_equal(h2_wire_flush(&play.wire), RC_OK);
    assert_in_range(play.socket.bytes, 8 * ANSWER_BYTES, LIMIT_SMALL_BUFFER_BYTES * 2);
    end(&play);
}

TEST(h2_wire, for_a_socket_that_is_full_nothing_more_is_collected)
{
    struct play play;

    begin(&play, 1 << 30);
    h2_wire_open(&play.wire);
    play.socket.stream.is_writable = false;
    assert_in_range(answer(&play), 8, 16);
    assert_int_equal(play.budget.used, LIMIT_SMALL_BUFFER_BYTES);
    end(&play);
}

TESTS({
    CASE(h2_wire__answers_of_many_streams_leave_in_one_call),
    CASE(h2_wire__where_memory_is_short_a_small_buffer_must_do),
    CASE(h2_wire__for_a_socket_that_is_full_nothing_more_is_collected),
})
