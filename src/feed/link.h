/* SPDX-License-Identifier: Apache-2.0 */
/* link: one connection that carries frames both ways; the half that feed/server and feed/follow
 * have in common.
 *
 * Of each kind at most one frame waits to be sent: a newer one replaces it, since every kind tells
 * the whole state of something (but LINES: whoever sends them waits until none waits). So a slow
 * reader costs one frame of each kind and sees only the newest. Frames of several peers share their
 * bytes (struct parcel).
 *
 * Owner    the link owns its stream; whoever embeds it calls link_close() once.
 * Thread   the loop's. */
#pragma once
#include "base/buf.h"
#include "feed/frame.h"
#include "net/stream.h"

/* A frame, ready to send, held by as many links as wait for it. */
struct parcel {
    size_t refs;
    size_t len; /* head and payload */
    enum feed_kind kind;
    char bytes[];
};

struct parcel *parcel_new(enum feed_kind kind, struct text payload); /* one reference: yours */
struct parcel *parcel_ref(struct parcel *parcel);
void parcel_unref(struct parcel *parcel); /* NULL is fine */

struct link;

struct link_user {
    unsigned accepts; /* kinds that may come: FEED_SET(...) */
    /* A frame came; the payload is borrowed during the call. Anything but RC_OK breaks the
     * connection. It must not close the link itself. */
    enum rc (*received)(struct link *link, enum feed_kind kind, struct text payload);
    /* Everything that was to be sent has left. May be NULL. It must not close the link itself. */
    void (*flushed)(struct link *link);
    /* The connection ended or broke; the link is closed. The last call for it: it may be freed. */
    void (*broken)(struct link *link);
};

struct link {
    const struct link_user *user;
    struct stream *stream; /* own; NULL: closed */
    struct loop *loop;
    struct loop_task more; /* bytes were left for the next turn */
    struct buf in;
    struct parcel *waiting[FEED_KIND_COUNT]; /* own */
    struct parcel *sending;                  /* own */
    size_t sent;
};

/* Takes fd, connected and non-blocking; RC_IO: it is closed. `received` may be called from the next
 * turn on. */
MUST_USE enum rc link_open(struct link *link, struct loop *loop, int fd,
                           const struct link_user *user);
void link_close(struct link *link); /* fine when closed or zeroed */

/* Keeps a reference. What cannot be sent at once is sent when there is room. */
void link_send(struct link *link, struct parcel *parcel);
bool link_is_flushed(const struct link *link);
