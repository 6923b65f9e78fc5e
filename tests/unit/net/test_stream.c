/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "net/stream.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

struct world {
    struct loop *loop;
    struct stream *stream;
    int other; /* the far end */
    int wakes;
};

static void woke(void *arg)
{
    struct world *world = arg;

    world->wakes++;
}

static int set_up(void **state)
{
    static struct world world;
    int fds[2];

    world = (struct world){.loop = loop_new()};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
    assert_int_equal(
        stream_open_plain(world.loop, fds[0], (struct net_addr){.family = NET_NONE}, &world.stream),
        RC_OK);
    stream_on_wake(world.stream, woke, &world);
    world.other = fds[1];
    *state = &world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;

    stream_close(world->stream);
    close(world->other);
    loop_free(world->loop);
    return 0;
}

static void say(struct world *world, struct text text)
{
    assert_int_equal(write(world->other, text.at, text.len), (ssize_t)text.len);
}

TEST(stream_read, asks_the_kernel_before_epoll_and_not_again_after_a_short_read)
{
    struct world *world = *state_;
    char bytes[16];
    size_t len = 0;

    say(world, TEXT("hello"));
    assert_int_equal(stream_read(world->stream, bytes, sizeof(bytes), &len), RC_OK);
    assert_text_equal(((struct text){bytes, len}), TEXT("hello"));
    assert_false(world->stream->is_readable);
    say(world, TEXT("more"));
    /* Bytes are there, but no edge was seen: it does not look. */
    assert_int_equal(stream_read(world->stream, bytes, sizeof(bytes), &len), RC_AGAIN);
    loop_turn(world->loop, 0);
    assert_int_equal(world->wakes, 1);
    assert_int_equal(stream_read(world->stream, bytes, sizeof(bytes), &len), RC_OK);
    assert_int_equal(len, 4);
}

TEST(stream_read, a_full_read_may_be_followed_by_another)
{
    struct world *world = *state_;
    char bytes[4];
    size_t len = 0;

    say(world, TEXT("12345678"));
    assert_int_equal(stream_read(world->stream, bytes, sizeof(bytes), &len), RC_OK);
    assert_true(world->stream->is_readable);
    assert_int_equal(stream_read(world->stream, bytes, sizeof(bytes), &len), RC_OK);
    assert_text_equal(((struct text){bytes, len}), TEXT("5678"));
    assert_int_equal(stream_read(world->stream, bytes, sizeof(bytes), &len), RC_AGAIN);
}

TEST(stream_read, an_end_that_came_with_the_last_bytes_is_seen)
{
    struct world *world = *state_;
    char bytes[16];
    size_t len = 0;

    say(world, TEXT("bye"));
    assert_int_equal(shutdown(world->other, SHUT_WR), 0);
    loop_turn(world->loop, 0); /* one edge for both */
    assert_int_equal(stream_read(world->stream, bytes, sizeof(bytes), &len), RC_OK);
    assert_int_equal(stream_read(world->stream, bytes, sizeof(bytes), &len), RC_END);
    assert_int_equal(stream_read(world->stream, bytes, sizeof(bytes), &len), RC_END);
}

TEST(stream_read, an_end_behind_a_read_that_was_tried_first_is_an_edge)
{
    struct world *world = *state_;
    char bytes[16];
    size_t len = 0;

    say(world, TEXT("bye"));
    assert_int_equal(shutdown(world->other, SHUT_WR), 0);
    assert_int_equal(stream_read(world->stream, bytes, sizeof(bytes), &len), RC_OK);
    loop_turn(world->loop, 0);
    assert_int_equal(world->wakes, 1);
    assert_int_equal(stream_read(world->stream, bytes, sizeof(bytes), &len), RC_END);
}

TEST(stream_watch, brings_what_happened_before)
{
    struct world *world = *state_;
    char bytes[16];
    size_t len = 0;

    stream_close(world->stream);
    close(world->other);
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
    world->stream =
        stream_open_unwatched(world->loop, fds[0], (struct net_addr){.family = NET_NONE});
    world->other = fds[1];
    stream_on_wake(world->stream, woke, world);

    say(world, TEXT("hello"));
    assert_int_equal(stream_read(world->stream, bytes, sizeof(bytes), &len), RC_OK);
    say(world, TEXT("more"));
    assert_int_equal(shutdown(world->other, SHUT_WR), 0);
    loop_turn(world->loop, 0);
    assert_int_equal(world->wakes, 0);
    assert_int_equal(stream_watch(world->stream), RC_OK);
    assert_int_equal(stream_watch(world->stream), RC_OK); /* once is enough */
    loop_turn(world->loop, 0);
    assert_int_equal(world->wakes, 1);
    assert_int_equal(stream_read(world->stream, bytes, sizeof(bytes), &len), RC_OK);
    assert_int_equal(len, 4);
    assert_int_equal(stream_read(world->stream, bytes, sizeof(bytes), &len), RC_END);
}

TEST(stream_write, takes_what_the_kernel_takes_and_wakes_when_there_is_room)
{
    static char much[1 << 20];
    struct world *world = *state_;
    const struct iovec parts[2] = {{much, sizeof(much) / 2}, {much, sizeof(much) / 2}};
    size_t len = 0;

    assert_int_equal(stream_write(world->stream, parts, 2, &len), RC_OK);
    assert_true(len > 0 && len < sizeof(much));
    assert_false(world->stream->is_writable);
    loop_turn(world->loop, 0);
    world->wakes = 0;
    world->stream->is_writable = true;
    while (stream_write(world->stream, parts, 1, &len) == RC_OK) {
        world->stream->is_writable = true;
    }
    assert_false(world->stream->is_writable);
    while (read(world->other, much, sizeof(much)) > 0) {
    }
    loop_turn(world->loop, 0);
    assert_true(world->wakes > 0);
    assert_int_equal(stream_write(world->stream, parts, 1, &len), RC_OK);
}

TEST(stream_write, to_one_who_is_gone_is_an_error_and_no_signal)
{
    struct world *world = *state_;
    const struct iovec part = {(char[]){"x"}, 1};
    size_t len = 0;

    close(world->other);
    assert_int_equal(stream_write(world->stream, &part, 1, &len), RC_IO);
    loop_turn(world->loop, 0);
    assert_true(world->stream->is_closed);
    world->other = dup(0);
}

TEST(stream_shutdown, lets_the_other_side_read_the_end_and_still_answer)
{
    struct world *world = *state_;
    const struct iovec part = {(char[]){"ask"}, 3};
    char bytes[16];
    size_t len = 0;

    assert_int_equal(stream_write(world->stream, &part, 1, &len), RC_OK);
    assert_int_equal(stream_shutdown(world->stream), RC_OK);
    assert_int_equal(read(world->other, bytes, sizeof(bytes)), 3);
    assert_int_equal(read(world->other, bytes, sizeof(bytes)), 0);
    say(world, TEXT("answer"));
    loop_turn(world->loop, 0);
    assert_int_equal(stream_read(world->stream, bytes, sizeof(bytes), &len), RC_OK);
    assert_int_equal(len, 6);
}

/* Two ends of a TCP connection: on a socket pair, nothing is ever held back. */
static void connect_tcp(int *ours, int *other)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof(address);
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(bind(listener, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &len), 0);
    *other = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(*other, (struct sockaddr *)&address, len), 0);
    *ours = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    assert_true(*ours >= 0);
    (void)close(listener);
}

TEST(stream_close, sends_what_was_written_last_with_the_end)
{
    struct world *world = *state_;
    const struct iovec part = {(char[]){"last"}, 4};
    struct stream *stream;
    char bytes[16];
    size_t len = 0;
    int ours;
    int other;

    connect_tcp(&ours, &other);
    assert_int_equal(
        stream_open_plain(world->loop, ours, (struct net_addr){.family = NET_NONE}, &stream),
        RC_OK);
    stream->is_closing = true;
    assert_int_equal(stream_write(stream, &part, 1, &len), RC_OK);
    assert_int_equal(recv(other, bytes, sizeof(bytes), MSG_DONTWAIT), -1);
    stream_close(stream);
    assert_int_equal(recv(other, bytes, sizeof(bytes), 0), 4);
    assert_int_equal(recv(other, bytes, sizeof(bytes), MSG_DONTWAIT), 0); /* it is here already */
    (void)close(other);
}

#define CASE_WITH_WORLD(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
TESTS({
    CASE_WITH_WORLD(stream_read__asks_the_kernel_before_epoll_and_not_again_after_a_short_read),
    CASE_WITH_WORLD(stream_read__a_full_read_may_be_followed_by_another),
    CASE_WITH_WORLD(stream_read__an_end_that_came_with_the_last_bytes_is_seen),
    CASE_WITH_WORLD(stream_read__an_end_behind_a_read_that_was_tried_first_is_an_edge),
    CASE_WITH_WORLD(stream_watch__brings_what_happened_before),
    CASE_WITH_WORLD(stream_write__takes_what_the_kernel_takes_and_wakes_when_there_is_room),
    CASE_WITH_WORLD(stream_write__to_one_who_is_gone_is_an_error_and_no_signal),
    CASE_WITH_WORLD(stream_shutdown__lets_the_other_side_read_the_end_and_still_answer),
    CASE_WITH_WORLD(stream_close__sends_what_was_written_last_with_the_end),
})
