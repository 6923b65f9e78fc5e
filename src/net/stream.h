/* SPDX-License-Identifier: Apache-2.0 */
/* stream: a byte transport: a TCP connection, or TLS over one, behind one face.
 *
 * Whoever reads or writes never learns which. Non-blocking: RC_AGAIN means that `wake` is called
 * when it is worth another try. `wake` comes from the loop, never from inside a stream call.
 *
 * Owner    stream_close() takes it, closes the socket and frees it. A plain stream is made by
 *          stream_open_plain() (or net/dial); other kinds put a struct stream first in theirs.
 * Thread   the loop's. */
#pragma once
#include "base/rc.h"
#include "base/text.h"
#include "loop/loop.h"
#include "net/addr.h"

#include <sys/uio.h>

struct stream;
typedef void stream_wake_fn(void *arg);

struct stream_ops {
    enum rc (*read)(struct stream *stream, char *into, size_t size, size_t *len);
    enum rc (*write)(struct stream *stream, const struct iovec *parts, int count, size_t *len);
    enum rc (*shutdown)(struct stream *stream); /* no more bytes from us: FIN, close_notify */
    void (*close)(struct stream *stream);       /* closes the socket and frees the stream */
};

struct stream {
    const struct stream_ops *ops;
    struct loop *loop;
    struct loop_watch watch; /* .fd is the socket */
    stream_wake_fn *wake;    /* NULL: events are only remembered */
    void *wake_arg;
    struct net_addr peer; /* as accepted or dialed */
    bool is_readable;     /* a read may bring bytes or the end: try before waiting */
    bool is_writable;
    bool is_ending;  /* the other side's last byte has arrived: reads go on to the end */
    bool is_closed;  /* the kernel said hang-up or error; reading tells which */
    bool is_closing; /* set by the user: shutdown or close follows what is written now, at once; so
                        that they may leave together */
    bool is_plain;   /* the socket carries our bytes as they are: splice and sendfile work */
    bool is_unwatched; /* nothing wakes: see stream_watch() */
};

/* A plain stream over a connected (or connecting) non-blocking socket; takes fd, also when it fails
 * (RC_IO). It starts as readable and writable: the first calls are tried before epoll is asked. */
MUST_USE enum rc stream_open_plain(struct loop *loop, int fd, struct net_addr peer,
                                   struct stream **out);

/* The same; its events are delivered as loop_watch_urgent() promises. */
MUST_USE enum rc stream_open_urgent(struct loop *loop, int fd, struct net_addr peer,
                                    struct stream **out);

/* The same, and not registered yet: the flags above tell what calls brought, and nobody is woken.
 * Registering costs two system calls and the wake-ups between them, which what ends at once can do
 * without. */
struct stream *stream_open_unwatched(struct loop *loop, int fd, struct net_addr peer);
/* To be called before waiting: registers an unwatched one; what happened meanwhile wakes like what
 * will. Nothing to do for others. RC_IO: it is still unwatched. */
MUST_USE enum rc stream_watch(struct stream *stream);

static inline void stream_on_wake(struct stream *stream, stream_wake_fn *wake, void *arg)
{
    stream->wake = wake;
    stream->wake_arg = arg;
}

/* RC_OK    *len >= 1 bytes came.
 * RC_AGAIN nothing now.   RC_END orderly end of the other side's bytes.   RC_IO reset or error.
 * After a short read is_readable is false until the next edge: no second read just for EAGAIN. */
MUST_USE static inline enum rc stream_read(struct stream *stream, char *into, size_t size,
                                           size_t *len)
{
    return stream->ops->read(stream, into, size, len);
}

/* RC_OK    *len >= 1 bytes were taken, perhaps fewer than offered (then is_writable is false).
 * RC_AGAIN none.   RC_IO. Never raises SIGPIPE. `parts` holds at least one byte. */
MUST_USE static inline enum rc stream_write(struct stream *stream, const struct iovec *parts,
                                            int count, size_t *len)
{
    return stream->ops->write(stream, parts, count, len);
}

/* Half-close: the other side reads the end after what was written. RC_AGAIN (TLS): call again. */
MUST_USE static inline enum rc stream_shutdown(struct stream *stream)
{
    return stream->ops->shutdown(stream);
}

/* How long ago the kernel sent some of what it took for the first time; INT64_MAX: it does not
 * know, or repeats itself to one who has vanished. Costs a system call. */
int64_t stream_silence_ms(const struct stream *stream);

/* Whether bytes wait to be read, as far as is known; of a plain stream's the kernel is asked, since
 * events of this turn may not have been delivered yet. */
bool stream_has_bytes(const struct stream *stream);

/* Takes it. Plain: FIN, unless bytes that arrived are unread: then the kernel sends RST. */
void stream_close(struct stream *stream); /* NULL is fine */
/* Takes it; the other side gets RST, what was not sent yet is dropped. */
void stream_reset(struct stream *stream); /* NULL is fine */

/* For makers of streams: the loop_ready_fn that keeps the flags above and then wakes. */
void stream_ready(struct loop_watch *watch, unsigned events);
