/* SPDX-License-Identifier: Apache-2.0 */
/* loop: readiness, time and messages of one thread. The only reader of clocks.
 *
 * One turn: wait (epoll), read the clock, call what is ready, call timers that are due, call what
 * was put off with loop_later(). Everything is called from loop_turn(), never from inside a call
 * into this room. Watches, timers and tasks are embedded in their owners; this room owns no memory
 * of theirs, so the idle cost of a connection is what it embeds.
 *
 * Thread   a loop belongs to the thread that runs it; only loop_post() may be called from others.
 * Time     now_ms: CLOCK_MONOTONIC in milliseconds, read once a turn. unix_ms: CLOCK_REALTIME. */
#pragma once
#include "base/list.h"
#include "base/rc.h"

#include <stdbool.h>
#include <stdint.h>

struct loop;

struct loop *loop_new(void);
void loop_free(struct loop *loop); /* NULL is fine; asserts nothing: owners stop first */
AUTO_DEFINE(loop)

/* Runs turns until loop_stop(). */
void loop_run(struct loop *loop);
/* One turn that waits at most `wait_ms` (0: not at all) for something to happen. */
void loop_turn(struct loop *loop, int wait_ms);
void loop_stop(struct loop *loop); /* after this turn */

int64_t loop_now_ms(const struct loop *loop);
int64_t loop_now_us(const struct loop *loop);  /* the same instant, finer: for measured times */
int64_t loop_unix_ms(const struct loop *loop); /* of the same instant */
int64_t loop_unix_us(const struct loop *loop); /* finer, for logs */
uint64_t loop_turns(const struct loop *loop);
/* How long what is ready waits for its turn. 0 while each turn takes all there is; else a marker
 * goes through the queue with the others, and this is its time. */
int64_t loop_lag_ms(const struct loop *loop);

/* ---- readiness ---------------------------------------------------------------------------- */

enum loop_events {
    LOOP_READ = 1,   /* bytes, a connection, or the end */
    LOOP_WRITE = 2,  /* room, or connected */
    LOOP_CLOSED = 4, /* both directions are gone, or an error waits (EPOLLHUP, EPOLLERR) */
    LOOP_END = 8, /* the other side's last byte has arrived (EPOLLRDHUP); no more edges for reading:
                     read until the end shows */
};

struct loop_watch;
typedef void loop_ready_fn(struct loop_watch *watch, unsigned events);

struct loop_watch {
    loop_ready_fn *ready;
    int fd; /* borrowed; -1: not watched */
    bool is_urgent;
};

/* Edge-triggered, both directions, registered once: `ready` is called when a direction changes to
 * possible. So after an answer of EAGAIN, or a read shorter than asked for, just wait. RC_IO when
 * the kernel refuses. */
MUST_USE enum rc loop_watch_start(struct loop *loop, struct loop_watch *watch, int fd,
                                  loop_ready_fn *ready);
/* The same, for what finishes work that was begun (answers of targets): its events are delivered
 * before every batch of others, not behind all of them. So under load less is under way at once,
 * and what is under way is still in the cache; and what a target sent unasked before the turn began
 * is seen before its connection is used again. */
MUST_USE enum rc loop_watch_urgent(struct loop *loop, struct loop_watch *watch, int fd,
                                   loop_ready_fn *ready);
/* Level-triggered, reading only: for listening sockets and datagrams. */
MUST_USE enum rc loop_watch_level(struct loop *loop, struct loop_watch *watch, int fd,
                                  loop_ready_fn *ready);
/* Call it before close(fd). Events of this turn that were not delivered yet are dropped, so the
 * owner may be freed at once. Stopping twice is fine. */
void loop_watch_stop(struct loop *loop, struct loop_watch *watch);

/* ---- timers ------------------------------------------------------------------------------- */

struct loop_timer;
typedef void loop_timer_fn(struct loop_timer *timer);

/* A coarse timer: it fires within about 1/64 of its length (4 to 260 ms) after its deadline, never
 * before it. Moving a deadline out costs one store; the wheel looks again when the old one
 * comes. */
struct loop_timer {
    struct list link; /* self-linked: not armed */
    loop_timer_fn *due;
    int64_t deadline_ms; /* INT64_MAX: off */
    int64_t slot_ms;     /* where it stands in the wheel */
};

void loop_timer_init(struct loop_timer *timer, loop_timer_fn *due);
/* Arms it or moves it, either way. */
void loop_timer_set(struct loop *loop, struct loop_timer *timer, int64_t deadline_ms);
/* After it, `due` is not called. Fine when it is not armed. */
void loop_timer_cancel(struct loop *loop, struct loop_timer *timer);

/* ---- work put off ------------------------------------------------------------------------- */

struct loop_task;
typedef void loop_task_fn(struct loop_task *task);

struct loop_task {
    struct list link; /* self-linked: not queued */
    loop_task_fn *run;
};

void loop_task_init(struct loop_task *task, loop_task_fn *run);
/* Runs at the end of this turn, once; queueing it again before that changes nothing. Tasks queued
 * by a running task run in the next turn, which then does not wait. */
void loop_later(struct loop *loop, struct loop_task *task);
void loop_task_cancel(struct loop *loop, struct loop_task *task);

/* ---- messages between threads ------------------------------------------------------------- */

struct loop_mail;
typedef void loop_mail_fn(struct loop_mail *mail); /* takes the mail */

struct loop_mail {
    struct loop_mail *next;
    loop_mail_fn *deliver;
};

/* Any thread: `deliver` runs once in the loop's thread, in order of posting per sender. Takes the
 * mail. Wakes the loop with at most one system call per batch. */
void loop_post(struct loop *loop, struct loop_mail *mail);
/* Delivers what was posted so far and does nothing else of a turn: for owners that end, whose other
 * parts must not be called any more. */
void loop_take_mail(struct loop *loop);
