/* SPDX-License-Identifier: Apache-2.0 */
/* conduit: a kernel pipe through which one body at a time is spliced from socket to socket.
 *
 * The process must ignore SIGPIPE: splice(2) cannot be told not to raise it.
 *
 * Owner    the server of a worker keeps some; a request owns one while its body flows.
 * Thread   one worker's. */
#pragma once
#include "base/rc.h"

#include <stddef.h>

struct conduit {
    int in;      /* the pipe's writing end */
    int out;     /* its reading end */
    size_t held; /* bytes in it */
    struct conduit *next_free;
};

struct conduits {
    struct conduit *free; /* own: empty ones, newest first */
    size_t count_free;
    size_t count_taken;
    size_t count_max; /* taken at once: at most LIMIT_CONDUITS */
    unsigned skips;   /* wishes not to be asked of the kernel again, after it refused one */
};

void conduits_init(struct conduits *conduits);
void conduits_done(struct conduits *conduits); /* asserts that all came back */

/* NULL: as many as may be are in use, or the kernel gives none. */
struct conduit *conduit_take(struct conduits *conduits);
/* One that still holds bytes is closed. NULL is fine. */
void conduit_give(struct conduits *conduits, struct conduit *conduit);
