/* SPDX-License-Identifier: Apache-2.0 */
/* log_queue: the lines of all workers' logs on their way out of the process: mail from the workers,
 * in the main thread until whoever carries it away takes it, oldest first.
 *
 * Limits   what a worker has written and nobody has taken yet is counted (held); the worker looks
 *          at it before it writes another line. So a queue that nobody empties costs no more than
 *          that, and no line is thrown away here.
 * Thread   the main one; `held` is shared: its worker adds, the main thread takes away. */
#pragma once
#include "base/buf.h"
#include "loop/loop.h"

#include <stdatomic.h>

struct log_queue;

/* Takes whole pages (snapshot/log_page), borrowed during the call. RC_OK; anything else: not now,
 * they are offered again with log_queue_offer(). */
typedef enum rc log_take_fn(void *arg, struct text pages);

/* What a worker posts to the main loop. */
struct log_mail {
    struct loop_mail mail;
    struct list link;
    struct log_queue *queue;
    int worker;
    struct buf pages; /* own */
};

/* `workers`: whoever has a logbook, numbered from 0: the workers, and the main thread itself. */
struct log_queue *log_queue_new(struct loop *loop, int workers, log_take_fn *take, void *arg);
/* After the workers are gone and what they posted was delivered. NULL is fine. */
void log_queue_free(struct log_queue *queue);

/* Offers what waits. */
void log_queue_offer(struct log_queue *queue);
/* Bytes that are still on their way, all workers together. */
size_t log_queue_held(const struct log_queue *queue);

/* For a worker: its count (any thread), and sending (its own thread; takes the pages' bytes). */
_Atomic size_t *log_queue_count(struct log_queue *queue, int worker);
void log_queue_post(struct log_queue *queue, int worker, struct buf pages);
