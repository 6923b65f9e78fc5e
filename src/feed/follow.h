/* SPDX-License-Identifier: Apache-2.0 */
/* follow: a node's or dns's end of the feed. It keeps a connection to control, says hello each
 * time, and hands over what comes. When control is gone it tries again every LIMIT_FEED_RETRY_MS;
 * meanwhile its user lives on with what it has.
 *
 * Owner    the caller.
 * Thread   the loop's. Nothing is called back from inside these functions. */
#pragma once
#include "feed/frame.h"
#include "feed/hello.h"
#include "loop/loop.h"

struct follow;

struct follow_user {
    /* A connected, non-blocking stream socket to control's feed, or anything but RC_OK. */
    enum rc (*dial)(void *arg, int *fd);
    /* Connected, and hello is on its way: time for a report of everything. */
    void (*joined)(void *arg);
    /* A snapshot or seed came; borrowed during the call. Must not free the follow. */
    void (*received)(void *arg, enum feed_kind kind, struct text payload);
    /* All that was given has left. May be NULL. */
    void (*flushed)(void *arg);
    /* Control is gone; it will be tried again. */
    void (*lost)(void *arg);
    void *arg;
};

/* `user` and what `hello` points at are borrowed for life. The first attempt is made in the next
 * turn. */
struct follow *follow_new(struct loop *loop, const struct hello *hello,
                          const struct follow_user *user);
void follow_free(struct follow *follow); /* NULL is fine */
AUTO_DEFINE(follow)

bool follow_is_joined(const struct follow *follow);
bool follow_is_flushed(const struct follow *follow); /* nothing waits to be sent */
/* Dropped when not joined; replaces one that still waits. */
void follow_report(struct follow *follow, struct text report);
/* Lines of logs: they replace nothing. RC_ABSENT: not joined; RC_AGAIN: others wait still,
 * flushed() tells when they have left. Then nothing was taken. */
MUST_USE enum rc follow_lines(struct follow *follow, struct text pages);
