/* SPDX-License-Identifier: Apache-2.0 */
/* A client session and a server session that talk to each other in memory, however the bytes are
 * cut. */
#include "h2_side.h"

struct pair {
    struct side client, server;
    struct arena *arena; /* of the client's requests */
    int64_t now_ms;
    size_t piece;
};

static void pair_init_with(struct pair *pair, size_t piece, struct budget *of_server)
{
    *pair = (struct pair){.piece = piece};
    arenas_lent = 0;
    pair->arena = arena_new(4096, 64 * 1024 * 1024);
    side_init(&pair->client, false);
    side_init_with(&pair->server, true, of_server);
}

static void pair_init(struct pair *pair, size_t piece)
{
    pair_init_with(pair, piece, NULL);
}

static void pair_done(struct pair *pair)
{
    side_done(&pair->client);
    side_done(&pair->server);
    arena_free(pair->arena);
    assert_int_equal(arenas_lent, 0);
}

static bool carry(struct pair *pair, struct side *from, struct side *to)
{
    bool moved = false;

    (void)!h2_flush(from->h2);
    for (size_t at = 0; at < from->output.len; at += pair->piece) {
        const struct text part =
            text_slice((struct text){from->output.at, from->output.len}, at, pair->piece);

        if (to->rc == RC_OK) {
            to->rc = h2_receive(to->h2, part, pair->now_ms, &to->fault);
        }
        moved = true;
    }
    from->output.len = 0;
    return moved;
}

/* Until both are silent. */
static void talk(struct pair *pair)
{
    for (int i = 0; i < 100; i++) {
        const bool there = carry(pair, &pair->client, &pair->server);
        const bool back = carry(pair, &pair->server, &pair->client);

        if (!there && !back) {
            return;
        }
    }
}

static struct http_request get_of(struct http_field *at, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        at[i].id = http_field_id(at[i].name);
    }
    return (struct http_request){.method = TEXT("GET"),
                                 .method_id = HTTP_GET,
                                 .target = TEXT("/a?b"),
                                 .authority = TEXT("example.com"),
                                 .fields = {at, count}};
}

/* The request as the server got it. */
static struct h2_stream *next_request(struct pair *pair)
{
    struct h2_event event;

    while (h2_next(pair->server.h2, &event)) {
        if (event.news & H2_REQUEST) {
            return event.stream;
        }
    }
    return NULL;
}

static void drain_events(struct h2 *h2)
{
    struct h2_event event;

    while (h2_next(h2, &event)) {
    }
}

TEST(h2, carries_an_exchange_however_it_is_cut)
{
    static const size_t pieces[] = {1, 2, 7, 100, 100000};

    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        struct pair pair;
        struct http_field at[] = {{TEXT("User-Agent"), TEXT("t"), 0},
                                  {TEXT("Connection"), TEXT("x-hop"), 0},
                                  {TEXT("X-Hop"), TEXT("1"), 0},
                                  {TEXT("TE"), TEXT("trailers"), 0},
                                  {TEXT("Content-Length"), TEXT("9"), 0}};
        struct http_request request = get_of(at, ARRAY_LEN(at));
        struct http_field answer_at[] = {{TEXT("Server"), TEXT("s"), HTTP_FIELD_SERVER},
                                         {TEXT("Keep-Alive"), TEXT("1"), HTTP_FIELD_KEEP_ALIVE}};
        const struct http_response answer = {
            .status = 200, .framing = HTTP_LENGTH, .content_length = 5, .fields = {answer_at, 2}};
        const struct http_response *response;
        struct h2_stream *client;
        struct h2_stream *server;
        struct text data;
        size_t taken;

        pair_init(&pair, pieces[i]);
        assert_int_equal(h2_request(pair.client.h2, &request, pair.arena, NULL, &client), RC_OK);
        talk(&pair);
        server = next_request(&pair);
        assert_non_null(server);
        const struct http_request *got = h2_stream_request(server);
        int status;

        assert_null(h2_stream_fault(server, &status));
        assert_int_equal(got->version, HTTP_2);
        assert_int_equal(got->method_id, HTTP_GET);
        assert_text_equal(got->target, TEXT("/a?b"));
        assert_text_equal(got->path, TEXT("/a"));
        assert_text_equal(got->query, TEXT("b"));
        assert_text_equal(got->authority, TEXT("example.com"));
        assert_int_equal(got->framing, HTTP_NO_BODY);
        assert_int_equal(got->fields.count, 2);
        assert_text_equal(got->fields.at[0].name, TEXT("user-agent"));
        assert_int_equal(got->fields.at[1].id, HTTP_FIELD_TE);
        assert_int_equal(h2_stream_read(server, &data), RC_END);

        assert_int_equal(h2_stream_respond(server, &answer), RC_OK);
        assert_int_equal(h2_stream_write(server, TEXT("hello"), &taken), RC_OK);
        assert_int_equal(taken, 5);
        assert_int_equal(h2_stream_end(server, NULL), RC_OK);
        finish(server);
        talk(&pair);
        assert_int_equal(h2_stream_read_head(client, &response), RC_OK);
        assert_int_equal(response->status, 200);
        assert_int_equal(response->framing, HTTP_LENGTH);
        assert_int_equal(response->content_length, 5);
        assert_int_equal(response->fields.count, 2); /* server, content-length */
        assert_int_equal(h2_stream_read(client, &data), RC_OK);
        h2_stream_consume(client, data.len);
        while (h2_stream_read(client, &data) == RC_OK) {
            h2_stream_consume(client, data.len);
        }
        assert_int_equal(h2_stream_read(client, &data), RC_END);
        assert_false(h2_stream_is_gone(client));
        h2_stream_finish(client, NGHTTP2_CANCEL);
        pair_done(&pair);
    }
}

TEST(h2, carries_trailers_and_interim_answers)
{
    struct pair pair;
    struct http_request request = get_of(NULL, 0);
    struct http_field up[] = {{TEXT("X-Sum"), TEXT("1"), HTTP_FIELD_OTHER},
                              {TEXT("content-length"), TEXT("7"), HTTP_FIELD_CONTENT_LENGTH}};
    struct http_field down[] = {{TEXT("grpc-status"), TEXT("0"), HTTP_FIELD_GRPC_STATUS}};
    const struct http_fields up_trailers = {up, 2};
    const struct http_fields down_trailers = {down, 1};
    const struct http_response hints = {.status = 103};
    const struct http_response answer = {.status = 200, .framing = HTTP_UNTIL_END};
    const struct http_response *response;
    struct h2_stream *client;
    struct h2_stream *server;
    struct text data;
    size_t taken;

    pair_init(&pair, 100000);
    request.method = TEXT("POST");
    request.method_id = HTTP_POST;
    request.framing = HTTP_UNTIL_END;
    assert_int_equal(h2_request(pair.client.h2, &request, pair.arena, NULL, &client), RC_OK);
    assert_int_equal(h2_stream_write(client, TEXT("up"), &taken), RC_OK);
    assert_int_equal(h2_stream_end(client, &up_trailers), RC_OK);
    talk(&pair);
    server = next_request(&pair);
    assert_int_equal(h2_stream_request(server)->framing, HTTP_UNTIL_END);
    assert_int_equal(h2_stream_read(server, &data), RC_OK);
    assert_text_equal(data, TEXT("up"));
    h2_stream_consume(server, 2);
    assert_int_equal(h2_stream_read(server, &data), RC_END);
    assert_int_equal(h2_stream_trailers(server)->count, 1);
    assert_text_equal(h2_stream_trailers(server)->at[0].name, TEXT("x-sum"));

    assert_int_equal(h2_stream_respond(server, &hints), RC_OK);
    assert_int_equal(h2_stream_respond(server, &answer), RC_OK);
    assert_int_equal(h2_stream_write(server, TEXT("down"), &taken), RC_OK);
    assert_int_equal(h2_stream_end(server, &down_trailers), RC_OK);
    finish(server);
    talk(&pair);
    assert_int_equal(h2_stream_read_head(client, &response), RC_OK);
    assert_int_equal(response->status, 103);
    assert_int_equal(h2_stream_read_head(client, &response), RC_OK);
    assert_int_equal(response->status, 200);
    assert_int_equal(response->framing, HTTP_UNTIL_END);
    assert_int_equal(h2_stream_read(client, &data), RC_OK);
    h2_stream_consume(client, data.len);
    assert_int_equal(h2_stream_read(client, &data), RC_END);
    assert_int_equal(h2_stream_trailers(client)->at[0].id, HTTP_FIELD_GRPC_STATUS);
    h2_stream_finish(client, NGHTTP2_CANCEL);
    pair_done(&pair);
}

/* A body larger than every window and buffer: nothing is taken that the reader does not want. */
TEST(h2, holds_back_while_the_reader_rests)
{
    static char content[256 * 1024];
    struct pair pair;
    struct http_request request = get_of(NULL, 0);
    struct h2_stream *client;
    struct h2_stream *server;
    struct text data;
    size_t sent = 0;
    size_t got = 0;
    size_t taken;
    bool is_ended = false;

    pair_init(&pair, 100000);
    for (size_t i = 0; i < sizeof(content); i++) {
        content[i] = (char)(i * 7 + i / 251);
    }
    request.method = TEXT("PUT");
    request.method_id = HTTP_PUT;
    request.framing = HTTP_LENGTH;
    request.content_length = sizeof(content);
    assert_int_equal(h2_request(pair.client.h2, &request, pair.arena, NULL, &client), RC_OK);
    for (int i = 0; i < 100; i++) {
        const struct text rest = {content + sent, sizeof(content) - sent};

        if (rest.len > 0 && h2_stream_write(client, rest, &taken) == RC_OK) {
            sent += taken;
        }
        talk(&pair);
    }
    assert_true(sent >= LIMIT_H2_STREAM_WINDOW_BYTES); /* its window, and then no more */
    assert_true(sent <= LIMIT_H2_STREAM_WINDOW_BYTES + 65536);
    server = next_request(&pair);
    for (int i = 0; i < 10000 && got < sizeof(content); i++) {
        const struct text rest = {content + sent, sizeof(content) - sent};

        if (h2_stream_read(server, &data) == RC_OK) {
            const size_t part = data.len < 1000 ? data.len : 1000;

            assert_memory_equal(data.at, content + got, part);
            h2_stream_consume(server, part);
            got += part;
        }
        if (rest.len > 0 && h2_stream_write(client, rest, &taken) == RC_OK) {
            sent += taken;
        }
        is_ended = sent == sizeof(content) && h2_stream_end(client, NULL) == RC_OK;
        talk(&pair);
        drain_events(pair.client.h2);
        drain_events(pair.server.h2);
    }
    assert_int_equal(got, sizeof(content));
    assert_true(is_ended);
    assert_int_equal(h2_stream_read(server, &data), RC_END);
    finish(server);
    h2_stream_finish(client, NGHTTP2_CANCEL);
    pair_done(&pair);
}

/* As many uploads as fill the connection's window several times over, none of them read. How much
 * the client could send in all. */
static size_t upload_unread(struct budget *budget)
{
    static char content[2 * LIMIT_H2_STREAM_WINDOW_BYTES];
    struct h2_stream *streams[16];
    size_t offsets[ARRAY_LEN(streams)] = {0};
    struct pair pair;
    struct http_request request = get_of(NULL, 0);
    size_t sent = 0;

    pair_init_with(&pair, 100000, budget);
    request.method = TEXT("PUT");
    request.method_id = HTTP_PUT;
    request.framing = HTTP_LENGTH;
    request.content_length = sizeof(content);
    for (size_t i = 0; i < ARRAY_LEN(streams); i++) {
        assert_int_equal(h2_request(pair.client.h2, &request, pair.arena, NULL, &streams[i]),
                         RC_OK);
    }
    for (size_t turn = 0; turn < 64 * ARRAY_LEN(streams); turn++) {
        const size_t i = turn % ARRAY_LEN(streams);
        size_t taken = 0;

        if (h2_stream_write(
                streams[i],
                text_slice((struct text){content, sizeof(content)}, offsets[i], sizeof(content)),
                &taken) == RC_OK) {
            offsets[i] += taken;
            sent += taken;
        }
        talk(&pair);
    }
    for (struct h2_stream *stream = next_request(&pair); stream; stream = next_request(&pair)) {
        finish(stream);
    }
    talk(&pair);
    for (size_t i = 0; i < ARRAY_LEN(streams); i++) {
        h2_stream_finish(streams[i], NGHTTP2_CANCEL);
    }
    pair_done(&pair);
    return sent;
}

TEST(h2, unread_uploads_hold_back_no_other_while_memory_is_plenty)
{
    assert_true(upload_unread(NULL) >= 16 * LIMIT_H2_STREAM_WINDOW_BYTES);
}

TEST(h2, unread_uploads_share_one_window_once_memory_is_short)
{
    struct budget budget = {.max = 100 << 20, .used = (LIMIT_H2_GRANT_PERCENT + 1) << 20};
    const size_t sent = upload_unread(&budget);

    assert_true(sent >= LIMIT_H2_CONN_WINDOW_BYTES);
    assert_true(sent <= LIMIT_H2_CONN_WINDOW_BYTES + 65536);
    assert_int_equal(budget.used, (LIMIT_H2_GRANT_PERCENT + 1) << 20);
}

TEST(h2, keeps_to_the_length_told)
{
    struct pair pair;
    struct http_request request = get_of(NULL, 0);
    const struct http_response answer = {
        .status = 200, .framing = HTTP_LENGTH, .content_length = 3};
    struct h2_stream *client;
    struct h2_stream *server;
    size_t taken;

    pair_init(&pair, 100000);
    assert_int_equal(h2_request(pair.client.h2, &request, pair.arena, NULL, &client), RC_OK);
    talk(&pair);
    server = next_request(&pair);
    assert_int_equal(h2_stream_respond(server, &answer), RC_OK);
    assert_int_equal(h2_stream_write(server, TEXT("four"), &taken), RC_BAD);
    assert_int_equal(h2_stream_write(server, TEXT("ab"), &taken), RC_OK);
    assert_int_equal(h2_stream_end(server, NULL), RC_BAD);
    finish(server);
    talk(&pair);
    assert_true(h2_stream_is_gone(client));
    assert_int_equal(h2_stream_error(client), NGHTTP2_INTERNAL_ERROR);
    h2_stream_finish(client, NGHTTP2_CANCEL);
    pair_done(&pair);
}

TEST(h2, answers_head_and_204_without_a_body)
{
    struct pair pair;
    struct http_request request = get_of(NULL, 0);
    const struct http_response answer = {
        .status = 200, .framing = HTTP_LENGTH, .content_length = 9};
    const struct http_response *response;
    struct h2_stream *client;
    struct h2_stream *server;
    struct text data;
    size_t taken;

    pair_init(&pair, 100000);
    request.method = TEXT("HEAD");
    request.method_id = HTTP_HEAD;
    assert_int_equal(h2_request(pair.client.h2, &request, pair.arena, NULL, &client), RC_OK);
    talk(&pair);
    server = next_request(&pair);
    assert_int_equal(h2_stream_respond(server, &answer), RC_OK);
    assert_int_equal(h2_stream_write(server, TEXT("dropped"), &taken), RC_OK);
    assert_int_equal(h2_stream_end(server, NULL), RC_OK);
    finish(server);
    talk(&pair);
    assert_int_equal(h2_stream_read_head(client, &response), RC_OK);
    assert_int_equal(response->framing, HTTP_NO_BODY);
    assert_true(response->tells_length);
    assert_int_equal(response->content_length, 9);
    assert_int_equal(h2_stream_read(client, &data), RC_END);
    h2_stream_finish(client, NGHTTP2_CANCEL);
    pair_done(&pair);
}

TEST(h2, tells_the_other_side_of_a_reset)
{
    struct pair pair;
    struct http_request request = get_of(NULL, 0);
    struct h2_stream *client;
    struct h2_stream *server;
    struct h2_event event;
    struct text data;

    pair_init(&pair, 100000);
    request.framing = HTTP_UNTIL_END;
    assert_int_equal(h2_request(pair.client.h2, &request, pair.arena, NULL, &client), RC_OK);
    talk(&pair);
    server = next_request(&pair);
    h2_stream_finish(client, NGHTTP2_CANCEL);
    talk(&pair);
    assert_true(h2_next(pair.server.h2, &event));
    assert_ptr_equal(event.stream, server);
    assert_ptr_equal(event.arg, h2_stream_arena(server)); /* as lent */
    assert_true(h2_stream_is_gone(server));
    assert_int_equal(h2_stream_error(server), NGHTTP2_CANCEL);
    assert_int_equal(h2_stream_read(server, &data), RC_IO);
    finish(server);
    pair_done(&pair);
}

TEST(h2, limits_streams_and_says_so)
{
    struct pair pair;
    struct http_request request = get_of(NULL, 0);
    struct h2_stream *streams[LIMIT_H2_STREAMS];
    struct h2_stream *one_more;
    struct h2_stream *server;

    pair_init(&pair, 100000);
    talk(&pair);
    for (size_t i = 0; i < LIMIT_H2_STREAMS; i++) {
        assert_int_equal(h2_request(pair.client.h2, &request, pair.arena, NULL, &streams[i]),
                         RC_OK);
    }
    assert_false(h2_is_usable(pair.client.h2));
    assert_int_equal(h2_request(pair.client.h2, &request, pair.arena, NULL, &one_more), RC_LIMIT);
    talk(&pair);
    assert_int_equal(h2_streams(pair.server.h2), LIMIT_H2_STREAMS);
    while ((server = next_request(&pair))) {
        finish(server);
    }
    for (size_t i = 0; i < LIMIT_H2_STREAMS; i++) {
        h2_stream_finish(streams[i], NGHTTP2_CANCEL);
    }
    pair_done(&pair);
}

TEST(h2, drains_in_order)
{
    struct pair pair;
    struct http_request request = get_of(NULL, 0);
    const struct http_response answer = {.status = 204};
    struct h2_stream *client;
    struct h2_stream *server;

    pair_init(&pair, 100000);
    assert_int_equal(h2_request(pair.client.h2, &request, pair.arena, NULL, &client), RC_OK);
    talk(&pair);
    server = next_request(&pair);
    h2_drain(pair.server.h2);
    talk(&pair);
    assert_false(h2_is_usable(pair.client.h2));
    h2_drain(pair.server.h2);
    talk(&pair);
    assert_false(h2_is_over(pair.server.h2));
    assert_int_equal(h2_stream_respond(server, &answer), RC_OK);
    assert_int_equal(h2_stream_end(server, NULL), RC_OK);
    finish(server);
    talk(&pair);
    assert_true(h2_is_over(pair.server.h2));
    assert_false(h2_stream_is_gone(client));
    h2_stream_finish(client, NGHTTP2_CANCEL);
    assert_true(h2_is_over(pair.client.h2));
    pair_done(&pair);
}

TEST(h2, ends_after_ten_thousand_requests)
{
    struct pair pair;
    struct http_request request = get_of(NULL, 0);
    const struct http_response answer = {.status = 204};
    int served = 0;

    pair_init(&pair, 100000);
    while (h2_is_usable(pair.client.h2)) {
        struct arena *arena = arena_new(4096, 65536);
        struct h2_stream *client;
        struct h2_stream *server;

        assert_int_equal(h2_request(pair.client.h2, &request, arena, NULL, &client), RC_OK);
        talk(&pair);
        server = next_request(&pair);
        assert_int_equal(h2_stream_respond(server, &answer), RC_OK);
        assert_int_equal(h2_stream_end(server, NULL), RC_OK);
        finish(server);
        talk(&pair);
        h2_stream_finish(client, NGHTTP2_CANCEL);
        arena_free(arena);
        served++;
    }
    assert_int_equal(served, LIMIT_H2_REQUESTS);
    assert_true(h2_is_over(pair.server.h2));
    pair_done(&pair);
}

TEST(h2, refuses_to_write_what_no_head_may_hold)
{
    struct pair pair;
    struct http_field at[] = {{TEXT("A"), TEXT("b\r\nc: d"), 0}};
    struct http_request request = get_of(at, 1);
    struct h2_stream *client;

    pair_init(&pair, 100000);
    assert_int_equal(h2_request(pair.client.h2, &request, pair.arena, NULL, &client), RC_BAD);
    at[0] = (struct http_field){TEXT("a b"), TEXT("c"), 0};
    assert_int_equal(h2_request(pair.client.h2, &request, pair.arena, NULL, &client), RC_BAD);
    request = get_of(NULL, 0);
    request.target = TEXT("/a b");
    assert_int_equal(h2_request(pair.client.h2, &request, pair.arena, NULL, &client), RC_BAD);
    pair_done(&pair);
}

/* A request with one field, and its answer. */
static void exchange(struct pair *pair)
{
    struct http_field at[] = {{TEXT("User-Agent"), TEXT("the-same-each-time"), 0}};
    struct http_request request = get_of(at, 1);
    const struct http_response answer = {.status = 200, .framing = HTTP_LENGTH};
    const struct http_response *got;
    struct h2_stream *client;

    assert_int_equal(h2_request(pair->client.h2, &request, pair->arena, NULL, &client), RC_OK);
    talk(pair);
    struct h2_stream *server = next_request(pair);
    assert_non_null(server);
    assert_text_equal(h2_stream_request(server)->fields.at[0].value, TEXT("the-same-each-time"));
    assert_false(h2_rest(pair->server.h2)); /* there is a stream */
    assert_int_equal(h2_stream_respond(server, &answer), RC_OK);
    assert_int_equal(h2_stream_end(server, NULL), RC_OK);
    finish(server);
    talk(pair);
    drain_events(pair->client.h2);
    assert_int_equal(h2_stream_read_head(client, &got), RC_OK);
    assert_int_equal(got->status, 200);
    h2_stream_finish(client, NGHTTP2_NO_ERROR);
    talk(pair);
    drain_events(pair->server.h2);
}

TEST(h2_rest, forgets_nothing)
{
    struct pair pair;

    pair_init(&pair, 100000);
    assert_false(h2_rest(pair.server.h2)); /* its SETTINGS wait */
    exchange(&pair);
    for (int i = 0; i < 5; i++) {
        assert_true(h2_rest(pair.server.h2));
        assert_true(h2_rest(pair.server.h2));
        assert_true(h2_is_resting(pair.server.h2));
        assert_false(h2_wants_output(pair.server.h2));
        assert_false(h2_is_over(pair.server.h2));
        exchange(&pair);
        assert_false(h2_is_resting(pair.server.h2));
    }
    assert_int_equal(pair.server.rc, RC_OK);
    assert_int_equal(pair.client.rc, RC_OK);
    assert_true(h2_rest(pair.server.h2)); /* and ends in its sleep */
    pair_done(&pair);
}

TEST(h2_rest, ends_when_the_session_drains)
{
    struct pair pair;

    pair_init(&pair, 100000);
    talk(&pair);
    assert_true(h2_rest(pair.server.h2));
    h2_drain(pair.server.h2);
    assert_false(h2_is_resting(pair.server.h2));
    h2_drain(pair.server.h2);
    talk(&pair);
    assert_true(h2_is_over(pair.server.h2));
    assert_true(h2_is_over(pair.client.h2));
    pair_done(&pair);
}

TESTS({
    CASE(h2__carries_an_exchange_however_it_is_cut),
    CASE(h2__carries_trailers_and_interim_answers),
    CASE(h2__holds_back_while_the_reader_rests),
    CASE(h2__unread_uploads_hold_back_no_other_while_memory_is_plenty),
    CASE(h2__unread_uploads_share_one_window_once_memory_is_short),
    CASE(h2__keeps_to_the_length_told),
    CASE(h2__answers_head_and_204_without_a_body),
    CASE(h2__tells_the_other_side_of_a_reset),
    CASE(h2__limits_streams_and_says_so),
    CASE(h2__drains_in_order),
    CASE(h2__ends_after_ten_thousand_requests),
    CASE(h2__refuses_to_write_what_no_head_may_hold),
    CASE(h2_rest__forgets_nothing),
    CASE(h2_rest__ends_when_the_session_drains),
})
