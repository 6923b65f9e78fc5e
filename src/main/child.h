/* SPDX-License-Identifier: Apache-2.0 */
/* child: one process of a role under `serve`: started, watched, started again when it dies.
 *
 * It runs the same binary, with the options in its environment and the desk at CHILD_DESK_FD. One
 * that dies is started again at once; one that dies quickly several times in a row, after a pause
 * that doubles.
 *
 * Thread   the supervisor's.   Time   the loop's. */
#pragma once
#include "base/log.h"
#include "loop/loop.h"
#include "main/options.h"

#include <sys/types.h>

#define CHILD_DESK_FD  3
#define CHILD_VARIABLE "OPENALBCHILD" /* set: CHILD_DESK_FD is a desk; no option's variable */

struct child;

struct child_user {
    /* It runs, again: its desk is `child->desk_fd`. */
    void (*started)(struct child *child);
    /* It ended; is started again unless child_stop() was called. */
    void (*ended)(struct child *child, int status);
    /* Something waits at its desk. */
    void (*asks)(struct child *child);
};

struct child {
    const struct child_user *user;
    struct loop *loop;
    const struct log *log;
    const struct options *options; /* borrowed */
    void *arg;                     /* the user's */
    const char *role;              /* "node" */
    char zone[64];                 /* of a node; else empty */
    int index;
    pid_t pid;   /* 0: not running */
    int desk_fd; /* own, our end; -1: not running */
    struct loop_watch watch;
    struct loop_timer restart;
    int64_t started_ms;
    int quick_deaths; /* in a row */
    int starts;
    bool is_ready;
    bool is_wanted;
};

/* The name for logs: "node us-east-1a". */
struct text child_name(const struct child *child, char *out, size_t out_size);

/* Begins: it is started in the next turn. All but `user`, `loop`, `log`, `options`, `arg`, `role`,
 * `zone` and `index` is set here. */
void child_begin(struct child *child);
/* It ended (from waitpid). */
void child_reaped(struct child *child, int status);
void child_signal(const struct child *child, int number); /* fine when not running */
/* Not started again from now on. */
void child_stop(struct child *child);
