/* SPDX-License-Identifier: Apache-2.0 */
/* logbook: what a worker writes of its requests and connections, for the logs of their load
 * balancers. Lines are collected for LIMIT_LOG_DELAY_MS or LIMIT_LOG_MAIL_BYTES, then posted to the
 * main thread together.
 *
 * Limit    LIMIT_LOG_HELD_BYTES, of lines that nobody has taken away yet; beyond it lines are
 *          dropped, which is said in the process's log, seldom (AWS ALB's logs are best effort,
 *          too).
 * Owner    the worker.   Thread  its own.   Time  the loop's. */
#pragma once
#include "base/log.h"
#include "loop/loop.h"
#include "node/log_queue.h"
#include "snapshot/log_page.h"

struct logbook {
    struct loop *loop;
    struct log_queue *queue;
    const struct log *log;
    int worker;
    _Atomic size_t *held; /* borrowed from the queue */
    struct buf pages;     /* own: not posted yet */
    struct loop_timer timer;
    size_t line_at;         /* where the line being written begins */
    size_t id_at, id_len;   /* of the balancer of the last page, in `pages` */
    enum log_kind kind;     /* of the last page */
    uint64_t dropped;       /* since the last complaint */
    int64_t complain_at_ms; /* the earliest next complaint */
};

void logbook_init(struct logbook *book, struct loop *loop, struct log_queue *queue, int worker,
                  const struct log *log);
void logbook_done(struct logbook *book); /* posts what it has */

/* Where to append one line; NULL: there is no room, the line is dropped. Then logbook_end(). */
struct buf *logbook_begin(struct logbook *book, enum log_kind kind, struct text balancer_id);
void logbook_end(struct logbook *book);
