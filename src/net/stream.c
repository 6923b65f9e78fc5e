/* SPDX-License-Identifier: Apache-2.0 */
#include "net/stream.h"

#include "base/mem.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* recv() and send() of a program with threads are cancellation points: two atomic operations each,
 * 2 % of a small request. Nobody cancels threads here, so the kernel is asked directly. */
static ssize_t receive(int fd, char *into, size_t size, int flags)
{
    return syscall(SYS_recvfrom, fd, into, size, flags, NULL, NULL);
}

static ssize_t send_one(int fd, const struct iovec *part, int flags)
{
    return syscall(SYS_sendto, fd, part->iov_base, part->iov_len, flags, NULL, 0);
}

static enum rc plain_read(struct stream *stream, char *into, size_t size, size_t *len)
{
    ssize_t got;

    ASSERT(size > 0);
    if (!stream->is_readable) {
        return RC_AGAIN;
    }
    do {
        got = receive(stream->watch.fd, into, size, 0);
    } while (got < 0 && errno == EINTR);
    if (got > 0) {
        /* A short read emptied the socket: the next byte is a new edge. The end is not, when its
         * edge came together with that of the bytes. */
        stream->is_readable = (size_t)got == size || stream->is_ending;
        *len = (size_t)got;
        return RC_OK;
    }
    if (got == 0) {
        return RC_END;
    }
    if (errno == EAGAIN) {
        stream->is_readable = false;
        return RC_AGAIN;
    }
    return RC_IO;
}

static size_t bytes_of(const struct iovec *parts, int count)
{
    size_t bytes = 0;

    for (int i = 0; i < count; i++) {
        bytes += parts[i].iov_len;
    }
    return bytes;
}

static enum rc plain_write(struct stream *stream, const struct iovec *parts, int count, size_t *len)
{
    const size_t offered = bytes_of(parts, count);
    const int flags = MSG_NOSIGNAL | (stream->is_closing ? MSG_MORE : 0); /* the FIN rides along */
    ssize_t sent;

    ASSERT(offered > 0);
    if (!stream->is_writable) {
        return RC_AGAIN;
    }
    do {
        if (count == 1) {
            sent = send_one(stream->watch.fd, parts, flags);
        } else {
            struct msghdr message = {
                .msg_iov = (struct iovec *)(uintptr_t)parts, /* sendmsg() only reads it */
                .msg_iovlen = (size_t)count,
            };
            sent = sendmsg(stream->watch.fd, &message, flags);
        }
    } while (sent < 0 && errno == EINTR);
    if (sent > 0) {
        stream->is_writable = (size_t)sent == offered;
        *len = (size_t)sent;
        return RC_OK;
    }
    if (errno == EAGAIN) {
        stream->is_writable = false;
        return RC_AGAIN;
    }
    return RC_IO;
}

static enum rc plain_shutdown(struct stream *stream)
{
    return shutdown(stream->watch.fd, SHUT_WR) == 0 ? RC_OK : RC_IO;
}

static void plain_close(struct stream *stream)
{
    const int fd = stream->watch.fd;

    if (!stream->is_unwatched) {
        loop_watch_stop(stream->loop, &stream->watch);
    }
    (void)close(fd); /* nothing to do about a failure */
    mem_give(stream);
}

static const struct stream_ops plain_ops = {
    .read = plain_read,
    .write = plain_write,
    .shutdown = plain_shutdown,
    .close = plain_close,
};

void stream_ready(struct loop_watch *watch, unsigned events)
{
    struct stream *stream = CONTAINER_OF(watch, struct stream, watch);

    stream->is_readable |= (events & LOOP_READ) != 0;
    stream->is_writable |= (events & LOOP_WRITE) != 0;
    stream->is_ending |= (events & LOOP_END) != 0;
    stream->is_closed |= (events & LOOP_CLOSED) != 0;
    if (stream->wake) {
        stream->wake(stream->wake_arg);
    }
}

typedef enum rc watch_fn(struct loop *loop, struct loop_watch *watch, int fd, loop_ready_fn *ready);

struct stream *stream_open_unwatched(struct loop *loop, int fd, struct net_addr peer)
{
    struct stream *stream = MEM_NEW(struct stream);

    *stream = (struct stream){
        .ops = &plain_ops,
        .loop = loop,
        .watch.fd = fd,
        .peer = peer,
        .is_readable = true,
        .is_writable = true,
        .is_plain = true,
        .is_unwatched = true,
    };
    return stream;
}

static enum rc watch_with(watch_fn *watch, struct stream *stream)
{
    const int fd = stream->watch.fd;

    stream->is_unwatched = watch(stream->loop, &stream->watch, fd, stream_ready) != RC_OK;
    stream->watch.fd = fd; /* also when it failed */
    return stream->is_unwatched ? RC_IO : RC_OK;
}

static enum rc open_with(watch_fn *watch, struct loop *loop, int fd, struct net_addr peer,
                         struct stream **out)
{
    struct stream *stream = stream_open_unwatched(loop, fd, peer);

    if (watch_with(watch, stream) != RC_OK) {
        stream_close(stream); /* it is refused already */
        return RC_IO;
    }
    *out = stream;
    return RC_OK;
}

enum rc stream_open_plain(struct loop *loop, int fd, struct net_addr peer, struct stream **out)
{
    return open_with(loop_watch_start, loop, fd, peer, out);
}

enum rc stream_open_urgent(struct loop *loop, int fd, struct net_addr peer, struct stream **out)
{
    return open_with(loop_watch_urgent, loop, fd, peer, out);
}

enum rc stream_watch(struct stream *stream)
{
    return stream->is_unwatched ? watch_with(loop_watch_start, stream) : RC_OK;
}

bool stream_has_bytes(const struct stream *stream)
{
    char byte;

    return stream->is_readable ||
           (stream->is_plain && receive(stream->watch.fd, &byte, 1, MSG_PEEK) > 0);
}

int64_t stream_silence_ms(const struct stream *stream)
{
    struct tcp_info info = {0};
    socklen_t len = sizeof(info);

    if (getsockopt(stream->watch.fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0 ||
        info.tcpi_retransmits > 0) {
        return INT64_MAX;
    }
    return info.tcpi_last_data_sent;
}

void stream_close(struct stream *stream)
{
    if (stream) {
        stream->ops->close(stream);
    }
}

void stream_reset(struct stream *stream)
{
    const struct linger linger = {.l_onoff = 1, .l_linger = 0};

    if (!stream) {
        return;
    }
    /* Failing, it is closed with FIN: worse for the other side's clarity, not for us. */
    (void)setsockopt(stream->watch.fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
    stream_close(stream);
}
