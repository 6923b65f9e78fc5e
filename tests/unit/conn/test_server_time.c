/* SPDX-License-Identifier: Apache-2.0 */
#include "host.h"

#include "base/limits.h"

TEST(server, lingering_ends_by_itself)
{
    struct host *host = *state_;

    host_start(host);
    wire_say(&host->wire, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\nxxxx");
    host_answer(host, "too much");
    wire_wait(&host->wire, LIMIT_LINGER_MS / 2);
    wire_say(&host->wire, "still here");
    assert_int_equal(host->closed, 0);
    wire_wait(&host->wire, LIMIT_LINGER_MS / 2 + 200);
    assert_int_equal(host->closed, 1);
}

TEST(server, a_slow_head_gets_408)
{
    struct host *host = *state_;

    host->config.head_timeout_ms = 60;
    host_start(host);
    for (int i = 0; i < 4 && !host->req; i++) {
        wire_say(&host->wire, i == 0 ? "GET / HTTP/1.1\r\n" : "A: b\r\n");
        wire_wait(&host->wire, 25); /* never silent for long, and yet too slow */
    }
    assert_int_equal(server_req_fault_status(host->req), 408);
    assert_int_equal(server_req_fault(host->req)->rc, RC_LATE);
    host_answer(host, "slow");
    assert_true(text_ends(host_hear(host), TEXT("slow")));
    assert_true(host->wire.is_ended);
}

TEST(server, silence_inside_a_head_gets_408_and_silence_before_it_a_close)
{
    struct host *host = *state_;

    host->config.idle_timeout_ms = 40;
    host_start(host);
    wire_say(&host->wire, "GET / HTTP/1.1\r\n");
    wire_wait(&host->wire, 60);
    assert_int_equal(server_req_fault_status(host->req), 408);
    host_answer(host, "slow");
    host_hear(host);
    close(host->wire.far);
    wire_turn(&host->wire);
    server_free(host->server);
    loop_free(host->wire.loop);

    wire_open(&host->wire);
    host->server = server_new(host->wire.loop, &host_user);
    host_start(host);
    wire_wait(&host->wire, 60);
    assert_int_equal(host_hear(host).len, 0);
    assert_true(host->wire.is_ended);
    assert_int_equal(host->requests, 1);
    assert_int_equal(host->closed, 2);
}

TEST(server, an_idle_connection_is_closed_after_its_last_byte_not_after_its_first)
{
    struct host *host = *state_;

    host->config.idle_timeout_ms = 60;
    host_start(host);
    for (int i = 0; i < 4; i++) {
        wire_say(&host->wire, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        host_answer(host, "x");
        wire_wait(&host->wire, 35);
        assert_int_equal(host->closed, 0);
    }
    wire_wait(&host->wire, 50);
    assert_int_equal(host->closed, 1);
}

TEST(server, a_body_without_progress_is_late)
{
    struct host *host = *state_;
    size_t len = 0;

    host->config.idle_timeout_ms = 50;
    host_start(host);
    wire_say(&host->wire, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
    server_req_on_wake(host->req, host_on_wake, host);
    assert_int_equal(host_read_body(host, NULL, &len), RC_AGAIN);
    wire_wait(&host->wire, 30);
    wire_say(&host->wire, "d");
    assert_int_equal(host_read_body(host, NULL, &len), RC_AGAIN);
    host->wakes = 0;
    wire_wait(&host->wire, 30);
    assert_int_equal(host->wakes, 0);
    wire_wait(&host->wire, 40);
    assert_int_equal(host->wakes, 1);
    assert_int_equal(host_read_body(host, NULL, &len), RC_LATE);
    host_answer(host, "late");
    assert_true(text_ends(host_hear(host), TEXT("late")));
}

TEST(server, a_request_that_waits_for_nothing_is_never_late)
{
    struct host *host = *state_;
    size_t len = 0;

    host->config.idle_timeout_ms = 20;
    host_start(host);
    wire_say(&host->wire, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    server_req_on_wake(host->req, host_on_wake, host);
    assert_int_equal(host_read_body(host, NULL, &len), RC_END);
    wire_wait(&host->wire, 80); /* its target thinks */
    assert_int_equal(host->wakes, 0);
    host_answer(host, "at last");
    assert_true(text_ends(host_hear(host), TEXT("at last")));
    assert_int_equal(host->closed, 0);
}

TEST(server, a_client_that_takes_nothing_is_late)
{
    static char much[4000000];
    struct host *host = *state_;
    size_t taken;
    enum rc rc;

    host->config.idle_timeout_ms = 40;
    host_start(host);
    wire_say(&host->wire, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    server_req_on_wake(host->req, host_on_wake, host);
    host_respond(host, 200, HTTP_LENGTH, sizeof(much));
    do {
        rc = server_req_write(host->req, (struct text){much, 1000}, &taken);
    } while (rc == RC_OK);
    assert_int_equal(rc, RC_AGAIN);
    wire_wait(&host->wire, 60);
    assert_true(host->wakes >= 1);
    assert_int_equal(server_req_write(host->req, (struct text){much, 1}, &taken), RC_LATE);
    host_finish(host);
    assert_int_equal(host->closed, 1);
}

TEST(server, old_age_closes_behind_the_next_answer)
{
    struct host *host = *state_;

    host->config.keep_alive_ms = 20;
    host_start(host);
    wire_say(&host->wire, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    host_answer(host, "young");
    assert_false(host_contains(host_hear(host), "Connection: close"));
    wire_wait(&host->wire, 30);
    assert_int_equal(host->closed, 0);
    wire_say(&host->wire, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    host_answer(host, "old");
    assert_true(host_contains(host_hear(host), "Connection: close"));
    assert_true(host->wire.is_ended);
}

TEST(server, draining_closes_idle_connections_at_once_and_others_behind_their_answer)
{
    struct host *host = *state_;

    host_start(host);
    wire_say(&host->wire, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    server_drain(host->server);
    wire_turn(&host->wire);
    assert_int_equal(host->closed, 0);
    host_answer(host, "last");
    assert_true(host_contains(host_hear(host), "Connection: close"));
    assert_true(host->wire.is_ended);

    struct wire other;
    wire_open(&other);
    assert_int_equal(server_accept(host->server, other.stream, &host->config, host), RC_LIMIT);
    wire_hear(&other);
    assert_true(other.is_ended);
    wire_close(&other);
}

TEST(server, an_idle_connection_is_closed_by_draining)
{
    struct host *host = *state_;

    host_start(host);
    wire_say(&host->wire, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    host_answer(host, "x");
    server_drain(host->server);
    assert_int_equal(host->closed, 1);
    assert_int_equal(server_connections(host->server), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE_HOST(lingering_ends_by_itself),
        CASE_HOST(a_slow_head_gets_408),
        CASE_HOST(silence_inside_a_head_gets_408_and_silence_before_it_a_close),
        CASE_HOST(an_idle_connection_is_closed_after_its_last_byte_not_after_its_first),
        CASE_HOST(a_body_without_progress_is_late),
        CASE_HOST(a_request_that_waits_for_nothing_is_never_late),
        CASE_HOST(a_client_that_takes_nothing_is_late),
        CASE_HOST(old_age_closes_behind_the_next_answer),
        CASE_HOST(draining_closes_idle_connections_at_once_and_others_behind_their_answer),
        CASE_HOST(an_idle_connection_is_closed_by_draining),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
