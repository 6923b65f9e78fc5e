/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "net/dial.h"
#include "net/listen.h"

#include <sys/socket.h>
#include <unistd.h>

#define HERE 0x7f010002u /* 127.1.0.2 */

struct call {
    struct dial dial;
    struct loop *loop;
    struct stream *stream; /* own: the result */
    enum rc rc;
    int count;
};

static void done(void *arg, enum rc rc, struct stream *stream)
{
    struct call *call = arg;

    call->rc = rc;
    call->stream = stream;
    call->count++;
}

static void call_start(struct call *call, struct net_addr to, int64_t timeout_ms)
{
    *call = (struct call){.loop = loop_new()};
    dial_init(&call->dial);
    const enum rc rc = dial_start(&call->dial, call->loop, to, loop_now_ms(call->loop) + timeout_ms,
                                  done, call, &call->stream);
    if (rc != RC_AGAIN) {
        done(call, rc, call->stream);
    }
}

static void call_wait(struct call *call)
{
    for (int i = 0; i < 50 && call->count == 0; i++) {
        loop_turn(call->loop, 100);
    }
}

static void call_end(struct call *call)
{
    dial_cancel(&call->dial);
    stream_close(call->stream);
    loop_free(call->loop);
}

TEST(dial, connects_and_the_stream_carries_bytes)
{
    struct call call;
    int server = -1;
    char bytes[8];
    size_t len;

    assert_int_equal(listen_open(net_addr_ip4(HERE, 0), &server), RC_OK);
    call_start(&call, net_addr_local(server), 1000);
    call_wait(&call);
    assert_int_equal(call.rc, RC_OK);
    assert_int_equal(call.count, 1);
    assert_int_equal(call.stream->peer.ip4, HERE);
    const int fd = accept(server, NULL, NULL);
    assert_true(fd >= 0);
    assert_int_equal(stream_write(call.stream, &(struct iovec){(char[]){"hi"}, 2}, 1, &len), RC_OK);
    assert_int_equal(read(fd, bytes, sizeof(bytes)), 2);
    assert_int_equal(write(fd, "you", 3), 3);
    loop_turn(call.loop, 100);
    assert_int_equal(stream_read(call.stream, bytes, sizeof(bytes), &len), RC_OK);
    assert_int_equal(len, 3);
    close(fd);
    close(server);
    call_end(&call);
}

TEST(dial, a_refusal_is_told_once)
{
    struct call call;
    int server = -1;

    assert_int_equal(listen_open(net_addr_ip4(HERE, 0), &server), RC_OK);
    const struct net_addr to = net_addr_local(server);
    close(server);
    call_start(&call, to, 1000);
    call_wait(&call);
    assert_int_equal(call.rc, RC_IO);
    assert_null(call.stream);
    loop_turn(call.loop, 0);
    assert_int_equal(call.count, 1);
    call_end(&call);
}

/* A listening socket that answers nobody: its filter drops every SYN. */
static int silent_server(struct net_addr *addr)
{
    static struct listen listen;
    static struct loop *loop;
    int fd = -1;

    assert_int_equal(listen_open(net_addr_ip4(HERE, 0), &fd), RC_OK);
    loop = loop_new();
    assert_int_equal(listen_start(&listen, loop, dup(fd), NULL, NULL), RC_OK);
    assert_int_equal(listen_allow(&listen, NULL, 0), RC_OK);
    listen_stop(&listen);
    loop_free(loop);
    *addr = net_addr_local(fd);
    return fd;
}

TEST(dial, silence_ends_at_the_deadline)
{
    struct call call;
    struct net_addr to;
    const int server = silent_server(&to);

    call_start(&call, to, 60);
    const int64_t start_ms = loop_now_ms(call.loop);
    call_wait(&call);
    assert_int_equal(call.rc, RC_LATE);
    assert_true(loop_now_ms(call.loop) >= start_ms + 60);
    assert_null(call.stream);
    close(server);
    call_end(&call);
}

TEST(dial, cancelled_it_says_nothing_and_can_start_again)
{
    struct call call;
    struct net_addr to;
    const int server = silent_server(&to);

    call_start(&call, to, 30);
    dial_cancel(&call.dial);
    dial_cancel(&call.dial);
    for (int i = 0; i < 3; i++) {
        loop_turn(call.loop, 20);
    }
    assert_int_equal(call.count, 0);
    assert_int_equal(dial_start(&call.dial, call.loop, to, loop_now_ms(call.loop) + 20, done, &call,
                                &call.stream),
                     RC_AGAIN);
    call_wait(&call);
    assert_int_equal(call.rc, RC_LATE);
    close(server);
    call_end(&call);
}

TESTS({
    CASE(dial__connects_and_the_stream_carries_bytes),
    CASE(dial__a_refusal_is_told_once),
    CASE(dial__silence_ends_at_the_deadline),
    CASE(dial__cancelled_it_says_nothing_and_can_start_again),
})
