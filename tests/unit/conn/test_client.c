/* SPDX-License-Identifier: Apache-2.0 */
#include "wire.h"

#include "base/limits.h"
#include "conn/client.h"

/* One connection to a target that the test plays itself, at the far end of the wire. */
struct caller {
    struct wire wire;
    struct client *client;
    struct client_conn *conn; /* NULL: closed */
    struct client_req *req;   /* started and not finished */
    struct arena *arena;
    int gone;
    int wakes;
};

static void on_gone(void *arg, struct client_conn *conn)
{
    struct caller *caller = arg;

    assert_ptr_equal(conn, caller->conn);
    caller->conn = NULL;
    caller->gone++;
}

static void on_wake(void *arg)
{
    struct caller *caller = arg;

    caller->wakes++;
}

static int set_up(void **state)
{
    static struct caller caller;

    caller.req = NULL;
    caller.gone = caller.wakes = 0;
    wire_open(&caller.wire);
    caller.client = client_new(caller.wire.loop);
    caller.conn = client_adopt(caller.client, caller.wire.stream, false, on_gone, &caller);
    caller.arena = arena_new(1024, 65536);
    *state = &caller;
    return 0;
}

static int tear_down(void **state)
{
    struct caller *caller = *state;

    if (caller->req && !client_req_finish(caller->req)) {
        caller->conn = NULL;
    }
    if (caller->conn) {
        client_close(caller->conn);
    }
    client_free(caller->client);
    arena_free(caller->arena);
    wire_close(&caller->wire);
    return 0;
}

static void start(struct caller *caller, enum http_method method, enum http_framing framing,
                  uint64_t length)
{
    static struct http_field host = {TEXT_INIT("Host"), TEXT_INIT("x"), HTTP_FIELD_HOST};
    const struct http_request head = {
        .method = method == HTTP_GET    ? TEXT("GET")
                  : method == HTTP_HEAD ? TEXT("HEAD")
                                        : TEXT("POST"),
        .method_id = method,
        .target = TEXT("/t"),
        .fields = {&host, 1},
        .version = HTTP_1_1,
        .framing = framing,
        .content_length = length,
    };

    assert_int_equal(
        client_start(caller->conn, &head, caller->arena, on_wake, caller, &caller->req), RC_OK);
}

static void ask(struct caller *caller)
{
    start(caller, HTTP_GET, HTTP_NO_BODY, 0);
    assert_int_equal(client_req_end(caller->req, NULL), RC_OK);
    wire_hear(&caller->wire);
}

static int read_status(struct caller *caller)
{
    const struct http_response *head = NULL;

    assert_int_equal(client_req_read_head(caller->req, &head), RC_OK);
    return head->status;
}

static enum rc read_body(struct caller *caller, char *into, size_t *len)
{
    struct text data;
    enum rc rc;

    while ((rc = client_req_read(caller->req, &data)) == RC_OK) {
        if (into) {
            memcpy(into + *len, data.at, data.len);
        }
        *len += data.len;
        client_req_consume(caller->req, data.len);
    }
    return rc;
}

static bool finish(struct caller *caller)
{
    struct client_req *req = MOVE(caller->req);
    const bool stays = client_req_finish(req);

    if (!stays) {
        caller->conn = NULL;
    }
    return stays;
}

TEST(client, asks_in_one_piece_and_uses_the_connection_again)
{
    struct caller *caller = *state_;

    for (int i = 0; i < 3; i++) {
        char body[16];
        size_t len = 0;
        const struct http_response *head;

        start(caller, HTTP_POST, HTTP_LENGTH, 5);
        assert_false(client_is_usable(caller->conn));
        assert_false(client_req_sent_anything(caller->req));
        assert_int_equal(client_req_write(caller->req, TEXT("hello"), &len), RC_OK);
        assert_int_equal(client_req_end(caller->req, NULL), RC_OK);
        assert_true(client_req_sent_anything(caller->req));
        assert_text_equal(wire_hear(&caller->wire),
                          TEXT("POST /t HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"));
        wire_forget(&caller->wire);
        assert_int_equal(client_req_read_head(caller->req, &head), RC_AGAIN);
        assert_false(client_req_got_anything(caller->req));
        wire_say(&caller->wire, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
        assert_int_equal(caller->wakes, i + 1);
        assert_int_equal(read_status(caller), 200);
        assert_true(client_req_got_anything(caller->req));
        len = 0;
        assert_int_equal(read_body(caller, body, &len), RC_END);
        assert_text_equal(((struct text){body, len}), TEXT("abc"));
        assert_true(finish(caller));
        assert_true(client_is_usable(caller->conn));
    }
    assert_int_equal(caller->gone, 0);
}

TEST(client, answers_come_chunked_with_trailers)
{
    struct caller *caller = *state_;
    char body[32];
    size_t len = 0;

    ask(caller);
    wire_say(&caller->wire, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel");
    assert_int_equal(read_status(caller), 200);
    assert_int_equal(read_body(caller, body, &len), RC_AGAIN);
    assert_null(client_req_trailers(caller->req));
    wire_say(&caller->wire, "lo\r\n0\r\nGrpc-Status: 0\r\n\r\n");
    assert_int_equal(read_body(caller, body, &len), RC_END);
    assert_text_equal(((struct text){body, len}), TEXT("hello"));
    assert_non_null(client_req_trailers(caller->req));
    assert_text_equal(client_req_trailers(caller->req)->at[0].value, TEXT("0"));
    assert_true(finish(caller));
}

TEST(client, an_answer_until_close_is_complete_at_the_end_and_the_connection_gone)
{
    struct caller *caller = *state_;
    size_t len = 0;

    ask(caller);
    wire_say(&caller->wire, "HTTP/1.1 200 OK\r\n\r\nabc");
    assert_int_equal(read_status(caller), 200);
    assert_int_equal(read_body(caller, NULL, &len), RC_AGAIN);
    assert_int_equal(shutdown(caller->wire.far, SHUT_WR), 0);
    wire_turn(&caller->wire);
    assert_int_equal(read_body(caller, NULL, &len), RC_END);
    assert_int_equal(len, 3);
    assert_false(finish(caller));
}

TEST(client, a_body_cut_off_is_an_error_of_the_target)
{
    static const char *const answers[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    };
    struct caller *caller = *state_;

    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        size_t len = 0;

        ask(caller);
        wire_say(&caller->wire, answers[i]);
        assert_int_equal(shutdown(caller->wire.far, SHUT_WR), 0);
        wire_turn(&caller->wire);
        assert_int_equal(read_status(caller), 200);
        assert_int_equal(read_body(caller, NULL, &len), RC_IO);
        assert_int_equal(client_req_fault(caller->req)->side, FAULT_TARGET);
        assert_false(client_req_fault(caller->req)->may_try_another);
        assert_false(finish(caller));
        close(caller->wire.far);
        client_free(caller->client);
        loop_free(caller->wire.loop);
        wire_open(&caller->wire);
        caller->client = client_new(caller->wire.loop);
        caller->conn = client_adopt(caller->client, caller->wire.stream, false, on_gone, caller);
    }
}

TEST(client, answers_without_body_end_at_once)
{
    static const char *const answers[] = {
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    };
    struct caller *caller = *state_;

    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        ask(caller);
        wire_say(&caller->wire, answers[i]);
        (void)read_status(caller);
        assert_true(finish(caller)); /* also when nobody asked for the end */
    }
    start(caller, HTTP_HEAD, HTTP_NO_BODY, 0);
    assert_int_equal(client_req_end(caller->req, NULL), RC_OK);
    wire_say(&caller->wire, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
    assert_int_equal(read_status(caller), 200);
    size_t len = 0;
    assert_int_equal(read_body(caller, NULL, &len), RC_END);
    assert_true(finish(caller));
}

TEST(client, interim_answers_come_one_after_the_other_but_not_forever)
{
    struct caller *caller = *state_;
    const struct http_response *head;
    enum rc rc = RC_OK;

    ask(caller);
    wire_say(&caller->wire, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n"
                            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(read_status(caller), 100);
    assert_int_equal(read_status(caller), 103);
    assert_int_equal(read_status(caller), 200);
    assert_true(finish(caller));

    ask(caller);
    for (int i = 0; i < 2 * LIMIT_INTERIM_RESPONSES; i++) {
        wire_say(&caller->wire, "HTTP/1.1 102 Processing\r\n\r\n");
    }
    for (int i = 0; i < 2 * LIMIT_INTERIM_RESPONSES && rc == RC_OK; i++) {
        rc = client_req_read_head(caller->req, &head);
    }
    assert_int_equal(rc, RC_BAD);
    assert_false(finish(caller));
}

TEST(client, bytes_behind_an_answer_close_the_connection)
{
    struct caller *caller = *state_;
    size_t len = 0;

    ask(caller);
    wire_say(&caller->wire, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 200 OK\r\n");
    assert_int_equal(read_status(caller), 200);
    assert_int_equal(read_body(caller, NULL, &len), RC_END);
    assert_int_equal(len, 3);
    assert_false(finish(caller));
}

TEST(client, a_broken_chunk_closes_the_connection_whatever_follows_it)
{
    struct caller *caller = *state_;
    size_t len = 0;

    ask(caller);
    wire_say(&caller->wire,
             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n 0\r\n\r\n");
    assert_int_equal(read_status(caller), 200);
    assert_int_equal(read_body(caller, NULL, &len), RC_BAD);
    assert_false(finish(caller));
}

TEST(client, bytes_that_nobody_asked_for_close_an_idle_connection)
{
    struct caller *caller = *state_;

    ask(caller);
    wire_say(&caller->wire, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(read_status(caller), 200);
    assert_true(finish(caller));
    wire_say(&caller->wire, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
    assert_int_equal(caller->gone, 1);
    assert_null(caller->conn);
}

TEST(client, an_idle_connection_that_the_target_closes_is_told_once)
{
    struct caller *caller = *state_;

    close(caller->wire.far);
    wire_turn(&caller->wire);
    assert_int_equal(caller->gone, 1);
    caller->wire.far = dup(0);
}

/* The end may come together with the news that the connection stands: before anybody listens. */
TEST(client, a_connection_that_ended_while_it_was_made_starts_nothing)
{
    struct caller *caller = *state_;
    const struct http_request head = {.method = TEXT("GET"), .target = TEXT("/")};

    caller->wire.stream->is_ending = true;
    assert_int_equal(
        client_start(caller->conn, &head, caller->arena, on_wake, caller, &caller->req), RC_IO);
    assert_null(caller->req);
}

TEST(client, connection_close_from_the_target_ends_it)
{
    struct caller *caller = *state_;
    size_t len = 0;

    ask(caller);
    wire_say(&caller->wire, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx");
    assert_int_equal(read_status(caller), 200);
    assert_int_equal(read_body(caller, NULL, &len), RC_END);
    assert_false(finish(caller));
}

TEST(client, an_early_answer_ends_the_connection_behind_it)
{
    struct caller *caller = *state_;
    size_t len = 0;

    start(caller, HTTP_POST, HTTP_LENGTH, 1000000);
    assert_int_equal(client_req_write(caller->req, TEXT("part"), &len), RC_OK);
    wire_say(&caller->wire, "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(read_status(caller), 413);
    assert_int_equal(read_body(caller, NULL, &len), RC_END);
    assert_false(finish(caller));
}

TEST(client, a_target_that_closes_before_its_answer_is_told_from_one_that_breaks_off)
{
    struct caller *caller = *state_;
    const struct http_response *head;

    ask(caller);
    assert_int_equal(shutdown(caller->wire.far, SHUT_WR), 0);
    wire_turn(&caller->wire);
    assert_int_equal(client_req_read_head(caller->req, &head), RC_END);
    assert_false(client_req_got_anything(caller->req));
    assert_false(finish(caller));
}

TEST(client, an_end_inside_the_head_is_an_error)
{
    struct caller *caller = *state_;
    const struct http_response *head;

    ask(caller);
    wire_say(&caller->wire, "HTTP/1.1 200 O");
    assert_int_equal(shutdown(caller->wire.far, SHUT_WR), 0);
    wire_turn(&caller->wire);
    assert_int_equal(client_req_read_head(caller->req, &head), RC_IO);
    assert_true(client_req_got_anything(caller->req));
    assert_non_null(client_req_fault(caller->req));
    assert_false(finish(caller));
}

TEST(client, garbage_is_refused_with_a_reason)
{
    struct caller *caller = *state_;
    const struct http_response *head;

    ask(caller);
    wire_say(&caller->wire, "SSH-2.0-OpenSSH\r\n\r\n");
    assert_int_equal(client_req_read_head(caller->req, &head), RC_BAD);
    assert_int_equal(client_req_fault(caller->req)->side, FAULT_TARGET);
    assert_false(finish(caller));
}

TEST(client, a_head_beyond_the_limit_is_refused)
{
    static char head[LIMIT_RESPONSE_HEAD_BYTES + 1000];
    struct caller *caller = *state_;
    const struct http_response *response;

    memset(head, 'v', sizeof(head) - 1);
    memcpy(head, "HTTP/1.1 200 OK\r\nX: ", 20);
    ask(caller);
    wire_say(&caller->wire, head);
    assert_int_equal(client_req_read_head(caller->req, &response), RC_LIMIT);
    assert_false(finish(caller));
}

TEST(client, an_upgrade_makes_a_tunnel_both_ways)
{
    struct caller *caller = *state_;
    struct text data;
    size_t taken;

    ask(caller);
    wire_forget(&caller->wire);
    wire_say(&caller->wire, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                            "Upgrade: websocket\r\n\r\nearly");
    assert_int_equal(read_status(caller), 101);
    assert_int_equal(client_req_read(caller->req, &data), RC_OK);
    assert_text_equal(data, TEXT("early"));
    client_req_consume(caller->req, data.len);
    assert_int_equal(client_req_read(caller->req, &data), RC_AGAIN);
    assert_int_equal(client_req_write(caller->req, TEXT("raw"), &taken), RC_OK);
    assert_text_equal(wire_hear(&caller->wire), TEXT("raw"));
    assert_int_equal(client_req_end(caller->req, NULL), RC_OK);
    wire_hear(&caller->wire);
    assert_true(caller->wire.is_ended);
    wire_say(&caller->wire, "last");
    assert_int_equal(client_req_read(caller->req, &data), RC_OK);
    client_req_consume(caller->req, data.len);
    assert_int_equal(shutdown(caller->wire.far, SHUT_WR), 0);
    wire_turn(&caller->wire);
    assert_int_equal(client_req_read(caller->req, &data), RC_END);
    assert_false(finish(caller));
}

TEST(client, a_long_answer_flows_whole_and_in_turns)
{
    static char part[100000];
    struct caller *caller = *state_;
    size_t written = 0;
    size_t len = 0;

    memset(part, 'd', sizeof(part));
    ask(caller);
    wire_say(&caller->wire, "HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n");
    assert_int_equal(read_status(caller), 200);
    while (written < 5000000) {
        const size_t left = 5000000 - written;
        const ssize_t now =
            write(caller->wire.far, part, left < sizeof(part) ? left : sizeof(part));

        written += now > 0 ? (size_t)now : 0;
        wire_turn(&caller->wire);
        (void)read_body(caller, NULL, &len);
    }
    wire_turn(&caller->wire);
    assert_int_equal(read_body(caller, NULL, &len), RC_END);
    assert_int_equal(len, 5000000);
    assert_true(finish(caller));
}

TEST(client, a_request_that_no_head_may_hold_is_refused_and_the_connection_stays)
{
    struct caller *caller = *state_;
    const struct http_request evil = {
        .method = TEXT("GET"),
        .method_id = HTTP_GET,
        .target = TEXT("/ HTTP/1.1\r\nX: y"),
        .authority = TEXT("x"),
    };

    assert_int_equal(
        client_start(caller->conn, &evil, caller->arena, on_wake, caller, &caller->req), RC_BAD);
    assert_null(caller->req);
    assert_true(client_is_usable(caller->conn));
    ask(caller);
}

#define CASE_CALLER(name) cmocka_unit_test_setup_teardown(client__##name, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE_CALLER(asks_in_one_piece_and_uses_the_connection_again),
        CASE_CALLER(answers_come_chunked_with_trailers),
        CASE_CALLER(an_answer_until_close_is_complete_at_the_end_and_the_connection_gone),
        CASE_CALLER(a_body_cut_off_is_an_error_of_the_target),
        CASE_CALLER(answers_without_body_end_at_once),
        CASE_CALLER(interim_answers_come_one_after_the_other_but_not_forever),
        CASE_CALLER(bytes_behind_an_answer_close_the_connection),
        CASE_CALLER(a_broken_chunk_closes_the_connection_whatever_follows_it),
        CASE_CALLER(bytes_that_nobody_asked_for_close_an_idle_connection),
        CASE_CALLER(an_idle_connection_that_the_target_closes_is_told_once),
        CASE_CALLER(connection_close_from_the_target_ends_it),
        CASE_CALLER(a_connection_that_ended_while_it_was_made_starts_nothing),
        CASE_CALLER(an_early_answer_ends_the_connection_behind_it),
        CASE_CALLER(a_target_that_closes_before_its_answer_is_told_from_one_that_breaks_off),
        CASE_CALLER(an_end_inside_the_head_is_an_error),
        CASE_CALLER(garbage_is_refused_with_a_reason),
        CASE_CALLER(a_head_beyond_the_limit_is_refused),
        CASE_CALLER(an_upgrade_makes_a_tunnel_both_ways),
        CASE_CALLER(a_long_answer_flows_whole_and_in_turns),
        CASE_CALLER(a_request_that_no_head_may_hold_is_refused_and_the_connection_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
