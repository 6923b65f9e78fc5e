/* SPDX-License-Identifier: Apache-2.0 */
/* outpost: what node and dns have in common: a process that takes snapshots, from a file or from
 * control's feed, lives on when control is gone, and ends when it is told or when the supervisor is
 * gone.
 *
 * Thread   the main one. */
#pragma once
#include "base/log.h"
#include "loop/loop.h"
#include "main/options.h"
#include "main/supply.h"
#include "snapshot/snapshot.h"

struct outpost;

struct outpost_user {
    const char *role; /* "node" */
    struct text zone; /* or empty */
    /* A valid snapshot, borrowed; anything but RC_OK refuses it, *why static then. */
    enum rc (*apply)(void *arg, struct snapshot *snapshot, const char **why);
    /* Health as last known to control; may be NULL. */
    void (*seed)(void *arg, struct text report);
    /* Control listens (again): time for a report; may be NULL. */
    void (*joined)(void *arg);
    /* What outpost_lines() did not take may be offered again; may be NULL. */
    void (*lines_may_leave)(void *arg);
    /* SIGTERM or SIGINT: end gently, then outpost_stop(). Asked again, the outpost stops by itself.
     */
    void (*end)(void *arg);
    void *arg;
};

/* `options` and `user` are borrowed for life. Says what is wrong and gives an exit code, or 0. */
int outpost_new(const struct options *options, const struct outpost_user *user,
                struct outpost **out);
void outpost_free(struct outpost *outpost); /* NULL is fine */

struct loop *outpost_loop(const struct outpost *outpost);
const struct log *outpost_log(const struct outpost *outpost);
const struct supply *outpost_supply(const struct outpost *outpost);
/* Why the newest snapshot was refused; empty: it was not. */
struct text outpost_rejected(const struct outpost *outpost);
/* To control, if it listens. */
void outpost_report(struct outpost *outpost, struct text report);

/* Lines of logs to control, as whole pages. RC_OK, also when nobody is followed: a file is.
 * RC_AGAIN: not now, user->lines_may_leave() tells when. */
MUST_USE enum rc outpost_lines(struct outpost *outpost, struct text pages);
/* For the end: whether what was given to the feed has left; `held`: bytes that wait before it.
 * Nothing is waited for when control is gone. */
bool outpost_is_flushed(const struct outpost *outpost, size_t held);

/* Gives up rights (main/sandbox), takes the first snapshot from a file or begins to follow, and
 * runs `started` (may be NULL) in between, when threads can be made. Returns after outpost_stop()
 * with the exit code. */
int outpost_run(struct outpost *outpost, enum rc (*started)(void *arg));
void outpost_stop(struct outpost *outpost);
