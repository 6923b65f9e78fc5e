/* SPDX-License-Identifier: Apache-2.0 */
#include "net/dial.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

/* Ends the attempt before telling, so that the owner may start the next one or free the dial. */
static void finish(struct dial *dial, enum rc rc)
{
    struct stream *stream = MOVE(dial->stream);

    loop_timer_cancel(stream->loop, &dial->timer);
    stream_on_wake(stream, NULL, NULL);
    if (rc != RC_OK) {
        stream_close(stream);
        stream = NULL;
    }
    dial->done(dial->arg, rc, stream);
}

static void timer_due(struct loop_timer *timer)
{
    finish(CONTAINER_OF(timer, struct dial, timer), RC_LATE);
}

static void stream_woke(void *arg)
{
    struct dial *dial = arg;

    if (dial->stream->is_closed) {
        finish(dial, RC_IO);
    } else if (dial->stream->is_writable) {
        /* Connected; until now a read could not bring anything but EAGAIN, unless it said so. */
        finish(dial, RC_OK);
    }
}

void dial_init(struct dial *dial)
{
    *dial = (struct dial){.stream = NULL};
    loop_timer_init(&dial->timer, timer_due);
}

static enum rc open_stream(struct loop *loop, struct net_addr addr, struct stream **out)
{
    struct sockaddr_storage storage;
    const socklen_t len = net_addr_to_sockaddr(&addr, &storage);
    const int on = 1;
    const int fd = socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    enum rc rc = RC_OK;

    if (fd < 0) {
        return RC_LIMIT;
    }
    /* A request in several writes must not wait for the acknowledgement of the first. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)); /* else merely slower */
    if (connect(fd, (struct sockaddr *)&storage, len) != 0) {
        rc = errno == EINPROGRESS ? RC_AGAIN : errno == EADDRNOTAVAIL ? RC_LIMIT : RC_IO;
    }
    if (rc != RC_OK && rc != RC_AGAIN) {
        (void)close(fd); /* it never was connected */
        return rc;
    }
    TRY(stream_open_urgent(loop, fd, addr, out));
    return rc;
}

enum rc dial_start(struct dial *dial, struct loop *loop, struct net_addr addr, int64_t deadline_ms,
                   dial_done_fn *done, void *arg, struct stream **out)
{
    struct stream *stream;

    ASSERT(dial->stream == NULL);
    const enum rc rc = open_stream(loop, addr, &stream);
    if (rc == RC_OK) {
        *out = stream;
        return RC_OK;
    }
    if (rc != RC_AGAIN) {
        return rc;
    }
    stream->is_readable = false;
    stream->is_writable = false;
    stream_on_wake(stream, stream_woke, dial);
    dial->stream = stream;
    dial->done = done;
    dial->arg = arg;
    loop_timer_set(loop, &dial->timer, deadline_ms);
    return RC_AGAIN;
}

void dial_cancel(struct dial *dial)
{
    if (!dial->stream) {
        return;
    }
    loop_timer_cancel(dial->stream->loop, &dial->timer);
    stream_close(MOVE(dial->stream));
}
