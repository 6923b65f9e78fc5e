/* SPDX-License-Identifier: Apache-2.0 */
#include "host.h"

#include "base/limits.h"

TEST(server, answers_and_keeps_the_connection)
{
    struct host *host = *state_;

    host_start(host);
    for (int i = 1; i <= 3; i++) {
        wire_say(&host->wire, "GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n");
        assert_int_equal(host->requests, i);
        assert_text_equal(server_req_head(host->req)->path, TEXT("/a"));
        assert_null(server_req_fault(host->req));
        assert_int_equal(server_req_received_bytes(host->req), 30);
        host_answer(host, "hello");
        assert_text_equal(
            host_hear(host),
            TEXT("HTTP/1.1 200 Fine\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello"));
        wire_forget(&host->wire);
    }
    assert_int_equal(host->closed, 0);
    assert_int_equal(server_connections(host->server), 1);
}

TEST(server, bytes_that_came_before_accept_are_served_at_once)
{
    struct host *host = *state_;

    wire_say(&host->wire, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    host_start(host);
    assert_int_equal(host->requests, 1);
}

#define CLOSING_GET "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

/* What came along with the connection is under way, and epoll was not asked. */
static void start_unwatched(struct host *host, const char *said)
{
    wire_open_unwatched(&host->wire);
    wire_say(&host->wire, said);
    host_start(host);
    wire_turn(&host->wire);
    assert_true(host->wire.stream->is_unwatched);
}

TEST(server, a_request_that_came_along_and_ends_soon_is_served_unwatched)
{
    struct host *host = *state_;

    start_unwatched(host, CLOSING_GET);
    host_answer(host, "bye");
    assert_int_equal(host->closed, 1);
    assert_true(text_ends(host_hear(host), TEXT("bye")));
    assert_true(host->wire.is_ended);
}

TEST(server, more_than_it_should_say_does_not_cut_off_an_unwatched_clients_answer)
{
    struct host *host = *state_;

    start_unwatched(host, CLOSING_GET);
    wire_say(&host->wire, CLOSING_GET); /* behind "close": nobody will serve it */
    host_answer(host, "bye");
    assert_true(text_ends(host_hear(host), TEXT("bye")));
    assert_false(host->wire.is_reset);
    assert_int_equal(host->requests, 1);
}

TEST(server, an_unwatched_client_that_leaves_is_noticed_soon)
{
    struct host *host = *state_;

    wire_open_unwatched(&host->wire);
    wire_say(&host->wire, CLOSING_GET);
    host_start(host);
    server_req_on_wake(host->req, host_on_wake, host);
    close(host->wire.far);
    wire_turn(&host->wire);
    assert_false(server_req_is_gone(host->req));
    wire_wait(&host->wire, 2 * LIMIT_UNWATCHED_MS);
    assert_true(server_req_is_gone(host->req));
    assert_int_equal(host->wakes, 1);
    host->wire.far = dup(0);
}

TEST(server, who_has_to_wait_for_an_unwatched_client_watches_it)
{
    struct host *host = *state_;

    wire_open_unwatched(&host->wire);
    host_start(host); /* nothing to read */
    assert_false(host->wire.stream->is_unwatched);
    wire_say(&host->wire, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    host_answer(host, "one");
    wire_say(&host->wire, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    host_answer(host, "two");
    assert_int_equal(host->closed, 0);
}

TEST(server, a_kept_connection_is_watched_behind_its_first_answer)
{
    struct host *host = *state_;

    wire_open_unwatched(&host->wire);
    wire_say(&host->wire, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    host_start(host);
    assert_true(host->wire.stream->is_unwatched);
    host_answer(host, "one");
    assert_false(host->wire.stream->is_unwatched);
    wire_say(&host->wire, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    host_answer(host, "two");
    assert_int_equal(host->requests, 2);
}

TEST(server, more_than_the_body_behind_an_unwatched_head_does_not_cut_off_the_answer)
{
    struct host *host = *state_;
    size_t len = 0;

    start_unwatched(host, "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                          "Content-Length: 2\r\n\r\nab");
    assert_int_equal(host_read_body(host, NULL, &len), RC_END);
    wire_say(&host->wire, "\r\n"); /* as old browsers do */
    host_answer(host, "bye");
    assert_true(text_ends(host_hear(host), TEXT("bye")));
    assert_false(host->wire.is_reset);
}

TEST(server, a_head_may_come_byte_by_byte)
{
    struct host *host = *state_;
    static const char head[] = "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n";

    host_start(host);
    for (size_t i = 0; i + 1 < sizeof(head); i++) {
        const char byte[] = {head[i], '\0'};

        assert_int_equal(host->requests, 0);
        wire_say(&host->wire, byte);
    }
    assert_int_equal(host->requests, 1);
    assert_text_equal(server_req_head(host->req)->path, TEXT("/slow"));
}

TEST(server, pipelined_requests_come_one_at_a_time_in_order)
{
    struct host *host = *state_;

    host_start(host);
    wire_say(&host->wire, "GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"
                          "POST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
                          "GET /3 HTTP/1.1\r\nHost: x\r\n\r\nGET /4 HT");
    for (int i = 1; i <= 3; i++) {
        char body[8];
        size_t len = 0;

        assert_int_equal(host->requests, i);
        assert_int_equal(server_req_head(host->req)->path.at[1], '0' + i);
        assert_int_equal(host_read_body(host, body, &len), RC_END);
        assert_int_equal(len, i == 2 ? 3 : 0);
        host_answer(host, i == 1 ? "one" : i == 2 ? "two" : "three");
        assert_int_equal(host->requests, i); /* never from inside finish */
        wire_turn(&host->wire);
    }
    assert_null(host->req);
    wire_say(&host->wire, "TP/1.1\r\nHost: x\r\n\r\n");
    assert_text_equal(server_req_head(host->req)->path, TEXT("/4"));
    host_hear(host);
    assert_int_equal(host->wire.got_len, 3 * 64 + 3 + 3 + 5);
}

TEST(server, a_body_nobody_read_is_dropped_and_the_next_request_served)
{
    struct host *host = *state_;

    host_start(host);
    wire_say(&host->wire, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nGET ");
    host_answer(host, "no");
    wire_turn(&host->wire);
    assert_int_equal(host->requests, 1);
    wire_say(&host->wire, "/evil ");
    wire_say(&host->wire, "GET /next HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(host->requests, 2);
    assert_text_equal(server_req_head(host->req)->path, TEXT("/next"));
}

TEST(server, an_early_answer_to_a_long_body_closes_but_the_client_reads_it)
{
    struct host *host = *state_;

    host_start(host);
    wire_say(&host->wire, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\nxxxx");
    host_answer(host, "too much");
    const struct text heard = host_hear(host);
    assert_true(text_ends(heard, TEXT("too much")));
    assert_true(host_contains(heard, "Connection: close"));
    assert_true(host->wire.is_ended);
    assert_int_equal(host->closed, 0);
    wire_say(&host->wire, "more of it"); /* no reset: read and dropped */
    wire_hear(&host->wire);
    assert_false(host->wire.is_reset);
    close(host->wire.far);
    wire_turn(&host->wire);
    assert_int_equal(host->closed, 1);
    host->wire.far = dup(0);
}

TEST(server, bodies_arrive_whole_by_length_and_chunked)
{
    struct host *host = *state_;
    char body[64];
    size_t len = 0;

    host_start(host);
    wire_say(&host->wire, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\nhello");
    assert_int_equal(host_read_body(host, body, &len), RC_AGAIN);
    server_req_on_wake(host->req, host_on_wake, host);
    wire_say(&host->wire, " world");
    assert_true(host->wakes >= 1);
    assert_int_equal(host_read_body(host, body, &len), RC_END);
    assert_text_equal(((struct text){body, len}), TEXT("hello world"));
    assert_int_equal(server_req_received_bytes(host->req), 48 + 11);
    host_answer(host, "");

    len = 0;
    wire_say(&host->wire, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                          "6\r\nhello \r\n5;x=y\r\nwo");
    assert_int_equal(host_read_body(host, body, &len), RC_AGAIN);
    wire_say(&host->wire, "rld\r\n0\r\nA: b\r\n\r\n");
    assert_int_equal(host_read_body(host, body, &len), RC_END);
    assert_text_equal(((struct text){body, len}), TEXT("hello world"));
    host_answer(host, "");
    wire_say(&host->wire, "GET /after HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(host->requests, 3);
}

TEST(server, a_long_upload_flows_through_bounded_buffers)
{
    static char part[100000];
    struct host *host = *state_;
    size_t written = 0;
    size_t len = 0;

    host_start(host);
    memset(part, 'u', sizeof(part));
    wire_say(&host->wire, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n");
    while (written < 5000000) {
        const size_t left = 5000000 - written;
        const ssize_t now = write(host->wire.far, part, left < sizeof(part) ? left : sizeof(part));

        written += now > 0 ? (size_t)now : 0;
        wire_turn(&host->wire);
        assert_true(host_read_body(host, NULL, &len) != RC_BAD);
    }
    wire_turn(&host->wire);
    assert_int_equal(host_read_body(host, NULL, &len), RC_END);
    assert_int_equal(len, 5000000);
    host_answer(host, "thanks");
    assert_true(text_ends(host_hear(host), TEXT("thanks")));
}

TEST(server, broken_chunks_are_told_and_the_connection_closes)
{
    struct host *host = *state_;
    size_t len = 0;

    host_start(host);
    wire_say(&host->wire, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
    assert_int_equal(host_read_body(host, NULL, &len), RC_BAD);
    assert_int_equal(server_req_fault(host->req)->side, FAULT_CLIENT);
    host_answer(host, "bad");
    host_hear(host);
    assert_true(host->wire.is_ended);
}

/* A defect that is followed by what looks like the end of the body, and by another request. */
TEST(server, what_follows_a_broken_chunk_is_no_request)
{
    struct host *host = *state_;
    size_t len = 0;

    host_start(host);
    wire_say(&host->wire, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                          " 0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(host_read_body(host, NULL, &len), RC_BAD);
    host_answer(host, "bad");
    assert_true(host_contains(host_hear(host), "Connection: close"));
    assert_true(host->wire.is_ended);
    assert_int_equal(host->requests, 1);
}

TEST(server, a_client_that_leaves_inside_its_body_is_an_error)
{
    struct host *host = *state_;
    size_t len = 0;

    host_start(host);
    wire_say(&host->wire, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
    assert_int_equal(shutdown(host->wire.far, SHUT_WR), 0);
    wire_turn(&host->wire);
    assert_int_equal(host_read_body(host, NULL, &len), RC_IO);
    assert_int_equal(len, 3);
    assert_non_null(server_req_fault(host->req));
}

TEST(server, a_half_closed_client_still_gets_its_answer)
{
    struct host *host = *state_;

    host_start(host);
    wire_say(&host->wire, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(shutdown(host->wire.far, SHUT_WR), 0);
    wire_turn(&host->wire);
    assert_false(server_req_is_gone(host->req));
    host_answer(host, "still for you");
    assert_true(text_ends(host_hear(host), TEXT("still for you")));
    assert_true(host->wire.is_ended);
    assert_int_equal(host->closed, 1);
}

TEST(server, a_client_that_is_gone_wakes_its_request)
{
    struct host *host = *state_;
    size_t taken;

    host_start(host);
    wire_say(&host->wire, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    server_req_on_wake(host->req, host_on_wake, host);
    close(host->wire.far);
    wire_turn(&host->wire);
    assert_int_equal(host->wakes, 1);
    assert_true(server_req_is_gone(host->req));
    host_respond(host, 200, HTTP_LENGTH, 1);
    assert_int_equal(server_req_write(host->req, TEXT("x"), &taken), RC_OK); /* little: it waits */
    assert_int_equal(server_req_flush(host->req), RC_IO);
    host_finish(host);
    assert_int_equal(host->closed, 1);
    host->wire.far = dup(0);
}

TEST(server, continue_is_sent_when_the_body_is_wanted)
{
    struct host *host = *state_;
    size_t len = 0;

    host_start(host);
    wire_say(&host->wire,
             "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    assert_int_equal(host_hear(host).len, 0);
    assert_int_equal(host_read_body(host, NULL, &len), RC_AGAIN);
    assert_text_equal(host_hear(host), TEXT("HTTP/1.1 100 Continue\r\n\r\n"));
    wire_say(&host->wire, "abc");
    assert_int_equal(host_read_body(host, NULL, &len), RC_END);
    wire_forget(&host->wire);
    host_answer(host, "ok");
    assert_text_equal(
        host_hear(host),
        TEXT("HTTP/1.1 200 Fine\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok"));
}

TEST(server, without_continue_an_answer_closes)
{
    struct host *host = *state_;

    host_start(host);
    wire_say(&host->wire,
             "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    host_answer(host, "no");
    const struct text heard = host_hear(host);
    assert_true(host_contains(heard, "Connection: close"));
    assert_false(host_contains(heard, "100 Continue"));
    assert_true(host->wire.is_ended);
}

TEST(server, a_body_that_came_unasked_needs_no_continue)
{
    struct host *host = *state_;
    size_t len = 0;

    host_start(host);
    wire_say(&host->wire,
             "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nExpect: 100-continue\r\n\r\nabc");
    assert_int_equal(host_read_body(host, NULL, &len), RC_AGAIN);
    assert_int_equal(host_hear(host).len, 0);
}

TEST(server, answers_of_unknown_length_are_chunked_or_end_by_close)
{
    struct host *host = *state_;

    host_start(host);
    wire_say(&host->wire, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    host_respond(host, 200, HTTP_UNTIL_CLOSE, 0);
    host_write_all(host, TEXT("abc"));
    host_end(host);
    host_finish(host);
    assert_text_equal(host_hear(host), TEXT("HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\n"
                                            "Connection: keep-alive\r\n\r\n"
                                            "3\r\nabc\r\n0\r\n\r\n"));
    wire_forget(&host->wire);
    wire_say(&host->wire, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    host_respond(host, 200, HTTP_CHUNKED, 0);
    host_write_all(host, TEXT("abc"));
    host_end(host);
    host_finish(host);
    assert_text_equal(host_hear(host), TEXT("HTTP/1.1 200 Fine\r\nConnection: close\r\n\r\nabc"));
    assert_true(host->wire.is_ended);
}

TEST(server, an_answer_cut_off_does_not_look_complete)
{
    struct host *host = *state_;

    host_start(host);
    wire_say(&host->wire, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    host_respond(host, 200, HTTP_CHUNKED, 0);
    host_write_all(host, TEXT("abc"));
    assert_int_equal(server_req_flush(host->req), RC_OK);
    host_finish(host);
    const struct text heard = host_hear(host);
    assert_true(text_ends(heard, TEXT("3\r\nabc\r\n")));
    assert_true(host->wire.is_ended || host->wire.is_reset);
    assert_int_equal(host->closed, 1);
}

TEST(server, a_head_without_body_yet_can_be_flushed)
{
    struct host *host = *state_;

    host_start(host);
    wire_say(&host->wire, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    host_respond(host, 200, HTTP_LENGTH, 3);
    assert_int_equal(host_hear(host).len, 0);
    assert_int_equal(server_req_flush(host->req), RC_OK);
    assert_text_equal(
        host_hear(host),
        TEXT("HTTP/1.1 200 Fine\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\n"));
    host_write_all(host, TEXT("abc"));
    host_end(host);
    host_finish(host);
    assert_true(text_ends(host_hear(host), TEXT("abc")));
}

TEST(server, interim_answers_come_before_the_final_one)
{
    struct host *host = *state_;

    host_start(host);
    wire_say(&host->wire, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    host_respond(host, 103, HTTP_NO_BODY, 0);
    assert_int_equal(server_req_flush(host->req), RC_OK);
    assert_text_equal(host_hear(host), TEXT("HTTP/1.1 103 Fine\r\n\r\n"));
    host_answer(host, "x");
    assert_true(
        text_ends(host_hear(host), TEXT("Content-Length: 1\r\nConnection: keep-alive\r\n\r\nx")));
}

TEST(server, head_answers_have_no_body_whatever_is_written)
{
    struct host *host = *state_;

    host_start(host);
    wire_say(&host->wire, "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
    host_answer(host, "hello");
    assert_text_equal(
        host_hear(host),
        TEXT("HTTP/1.1 200 Fine\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n"));
    wire_say(&host->wire, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(host->requests, 2);
}

TEST(server, connection_close_is_honoured)
{
    struct host *host = *state_;

    host_start(host);
    wire_say(&host->wire, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    host_answer(host, "bye");
    assert_text_equal(host_hear(host), TEXT("HTTP/1.1 200 Fine\r\nContent-Length: 3\r\n"
                                            "Connection: close\r\n\r\nbye"));
    assert_true(host->wire.is_ended);
    assert_int_equal(host->closed, 1);
}

TEST(server, what_cannot_be_read_is_delivered_as_a_fault)
{
    static const struct {
        const char *words;
        int status;
    } cases[] = {
        {"GET / HTTP/1.1\r\nHost: x\r\nBad Name: y\r\n\r\n", 400},
        {"GET / HTTP/3.0\r\nHost: x\r\n\r\n", 505},
        {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
    };
    struct host *host = *state_;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t len = 0;

        host_start(host);
        wire_say(&host->wire, cases[i].words);
        assert_non_null(server_req_fault(host->req));
        assert_int_equal(server_req_fault(host->req)->side, FAULT_CLIENT);
        assert_int_equal(server_req_fault_status(host->req), cases[i].status);
        assert_int_equal(host_read_body(host, NULL, &len), RC_END);
        host_answer(host, "sorry");
        assert_true(text_ends(host_hear(host), TEXT("sorry")));
        assert_true(host->wire.is_ended);
        server_free(host->server);
        assert_int_equal(host->closed, (int)i + 1);
        wire_close(&host->wire);
        wire_open(&host->wire);
        host->server = server_new(host->wire.loop, &host_user);
    }
    stream_close(host->wire.stream);
}

TEST(server, a_request_line_without_end_is_414_or_400)
{
    static char line[LIMIT_REQUEST_LINE_BYTES + 100];
    struct host *host = *state_;

    memset(line, 'a', sizeof(line) - 1);
    memcpy(line, "GET /", 5);
    host_start(host);
    wire_say(&host->wire, line);
    assert_int_equal(server_req_fault_status(host->req), 414);
    host_answer(host, "long");
    assert_true(text_ends(host_hear(host), TEXT("long")));
}

TEST(server, a_head_longer_than_a_small_buffer_is_read)
{
    static char head[40000];
    struct host *host = *state_;
    char *at = stpcpy(head, "GET /big HTTP/1.1\r\nHost: x\r\n");

    for (int i = 0; i < 3; i++) {
        at = stpcpy(at, "X-Much: ");
        memset(at, 'v', 10000);
        at = stpcpy(at + 10000, "\r\n");
    }
    (void)stpcpy(at, "\r\n");
    host_start(host);
    wire_say(&host->wire, head);
    assert_null(server_req_fault(host->req));
    assert_int_equal(server_req_head(host->req)->fields.count, 4);
    assert_int_equal(server_req_head(host->req)->fields.at[3].value.len, 10000);
}

TEST(server, an_upgrade_makes_a_tunnel_both_ways)
{
    struct host *host = *state_;
    struct text data;

    host_start(host);
    wire_say(&host->wire, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
                          "Upgrade: websocket\r\n\r\nearly");
    const struct http_response response = {
        .status = 101, .reason = TEXT("Switching Protocols"), .upgrade = TEXT("websocket")};
    assert_int_equal(server_req_respond(host->req, &response), RC_OK);
    assert_int_equal(server_req_flush(host->req), RC_OK);
    const struct text heard = host_hear(host);
    assert_true(text_starts(heard, TEXT("HTTP/1.1 101 Switching Protocols\r\n")));
    assert_true(host_contains(heard, "Upgrade: websocket"));
    wire_forget(&host->wire);

    assert_int_equal(server_req_read(host->req, &data), RC_OK);
    assert_text_equal(data, TEXT("early"));
    server_req_consume(host->req, data.len);
    assert_int_equal(server_req_read(host->req, &data), RC_AGAIN);
    host_write_all(host, TEXT("GET / raw"));
    assert_text_equal(host_hear(host), TEXT("GET / raw"));
    wire_say(&host->wire, "\r\n0\r\n");
    assert_int_equal(server_req_read(host->req, &data), RC_OK);
    assert_text_equal(data, TEXT("\r\n0\r\n"));
    server_req_consume(host->req, data.len);
    host_end(host); /* our side is done; the client's goes on */
    host_hear(host);
    assert_true(host->wire.is_ended);
    wire_say(&host->wire, "last words");
    assert_int_equal(server_req_read(host->req, &data), RC_OK);
    server_req_consume(host->req, data.len);
    assert_int_equal(shutdown(host->wire.far, SHUT_WR), 0);
    wire_turn(&host->wire);
    assert_int_equal(server_req_read(host->req, &data), RC_END);
    host_finish(host);
    assert_int_equal(host->closed, 1);
}

TEST(server, an_answer_that_no_head_may_hold_is_refused_and_another_may_follow)
{
    struct host *host = *state_;
    struct http_field field = {TEXT("X"), TEXT("a\r\nSet-Cookie: b"), 0};
    const struct http_response split = {
        .status = 200, .reason = TEXT("Fine"), .fields = {&field, 1}};

    host_start(host);
    wire_say(&host->wire, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(server_req_respond(host->req, &split), RC_BAD);
    host_answer(host, "safe");
    assert_text_equal(
        host_hear(host),
        TEXT("HTTP/1.1 200 Fine\r\nContent-Length: 4\r\nConnection: keep-alive\r\n\r\nsafe"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE_HOST(answers_and_keeps_the_connection),
        CASE_HOST(a_request_that_came_along_and_ends_soon_is_served_unwatched),
        CASE_HOST(more_than_it_should_say_does_not_cut_off_an_unwatched_clients_answer),
        CASE_HOST(an_unwatched_client_that_leaves_is_noticed_soon),
        CASE_HOST(who_has_to_wait_for_an_unwatched_client_watches_it),
        CASE_HOST(a_kept_connection_is_watched_behind_its_first_answer),
        CASE_HOST(more_than_the_body_behind_an_unwatched_head_does_not_cut_off_the_answer),
        CASE_HOST(bytes_that_came_before_accept_are_served_at_once),
        CASE_HOST(a_head_may_come_byte_by_byte),
        CASE_HOST(pipelined_requests_come_one_at_a_time_in_order),
        CASE_HOST(a_body_nobody_read_is_dropped_and_the_next_request_served),
        CASE_HOST(an_early_answer_to_a_long_body_closes_but_the_client_reads_it),
        CASE_HOST(bodies_arrive_whole_by_length_and_chunked),
        CASE_HOST(a_long_upload_flows_through_bounded_buffers),
        CASE_HOST(broken_chunks_are_told_and_the_connection_closes),
        CASE_HOST(what_follows_a_broken_chunk_is_no_request),
        CASE_HOST(a_client_that_leaves_inside_its_body_is_an_error),
        CASE_HOST(a_half_closed_client_still_gets_its_answer),
        CASE_HOST(a_client_that_is_gone_wakes_its_request),
        CASE_HOST(continue_is_sent_when_the_body_is_wanted),
        CASE_HOST(without_continue_an_answer_closes),
        CASE_HOST(a_body_that_came_unasked_needs_no_continue),
        CASE_HOST(answers_of_unknown_length_are_chunked_or_end_by_close),
        CASE_HOST(an_answer_cut_off_does_not_look_complete),
        CASE_HOST(a_head_without_body_yet_can_be_flushed),
        CASE_HOST(interim_answers_come_before_the_final_one),
        CASE_HOST(head_answers_have_no_body_whatever_is_written),
        CASE_HOST(connection_close_is_honoured),
        CASE_HOST(what_cannot_be_read_is_delivered_as_a_fault),
        CASE_HOST(a_request_line_without_end_is_414_or_400),
        CASE_HOST(a_head_longer_than_a_small_buffer_is_read),
        CASE_HOST(an_upgrade_makes_a_tunnel_both_ways),
        CASE_HOST(an_answer_that_no_head_may_hold_is_refused_and_another_may_follow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
