/* SPDX-License-Identifier: Apache-2.0 */
/* wire: one loop, a stream of ours and the far end of its socket, for tests of connections. */
#pragma once
#include "test.h"

#include "net/stream.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

struct wire {
    struct loop *loop;
    struct stream *stream; /* given away by the test */
    int far;
    char got[1 << 20]; /* what the far end has read */
    size_t got_len;
    bool is_ended; /* the far end read the end */
    bool is_reset;
};

/* On a loop that others use, too. */
static inline void wire_open_on(struct wire *wire, struct loop *loop)
{
    int fds[2];

    wire->loop = loop;
    wire->got_len = 0;
    wire->is_ended = wire->is_reset = false;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
    assert_int_equal(
        stream_open_plain(wire->loop, fds[0], (struct net_addr){.family = NET_NONE}, &wire->stream),
        RC_OK);
    wire->far = fds[1];
}

/* Instead of the one that wire_open() made. */
static inline void wire_open_unwatched(struct wire *wire)
{
    int fds[2];

    stream_close(wire->stream);
    close(wire->far);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
    wire->stream = stream_open_unwatched(wire->loop, fds[0], (struct net_addr){.family = NET_NONE});
    wire->far = fds[1];
}

static inline void wire_open(struct wire *wire)
{
    wire_open_on(wire, loop_new());
}

static inline void wire_close(struct wire *wire)
{
    close(wire->far);
    loop_free(wire->loop);
}

/* A few turns, so that what follows from one another happens; does not wait. */
static inline void wire_turn(struct wire *wire)
{
    for (int i = 0; i < 5; i++) {
        loop_turn(wire->loop, 0);
    }
}

static inline void wire_wait(struct wire *wire, int64_t ms)
{
    const int64_t until_ms = loop_now_ms(wire->loop) + ms;

    while (loop_now_ms(wire->loop) < until_ms) {
        loop_turn(wire->loop, 5);
    }
}

static inline void wire_say(struct wire *wire, const char *words)
{
    const struct text text = text_of(words);

    assert_int_equal(write(wire->far, text.at, text.len), (ssize_t)text.len);
    wire_turn(wire);
}

/* Takes what has arrived at the far end. */
static inline struct text wire_hear(struct wire *wire)
{
    for (;;) {
        const ssize_t len =
            read(wire->far, wire->got + wire->got_len, sizeof(wire->got) - wire->got_len);

        if (len <= 0) {
            wire->is_ended |= len == 0;
            wire->is_reset |= len < 0 && errno == ECONNRESET;
            return (struct text){wire->got, wire->got_len};
        }
        wire->got_len += (size_t)len;
    }
}

static inline void wire_forget(struct wire *wire)
{
    wire->got_len = 0;
}
