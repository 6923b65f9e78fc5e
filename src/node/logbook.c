/* SPDX-License-Identifier: Apache-2.0 */
#include "node/logbook.h"

#include "base/limits.h"

#include <inttypes.h>
#include <stdio.h>

static void post(struct logbook *book)
{
    loop_timer_cancel(book->loop, &book->timer);
    log_queue_post(book->queue, book->worker, book->pages);
    buf_init(&book->pages, LIMIT_LOG_MAIL_BYTES + LIMIT_LOG_LINE_BYTES);
    book->id_len = 0;
}

static void timer_due(struct loop_timer *timer)
{
    post(CONTAINER_OF(timer, struct logbook, timer));
}

void logbook_init(struct logbook *book, struct loop *loop, struct log_queue *queue, int worker,
                  const struct log *log)
{
    *book = (struct logbook){.loop = loop,
                             .queue = queue,
                             .log = log,
                             .worker = worker,
                             .held = log_queue_count(queue, worker)};
    buf_init(&book->pages, LIMIT_LOG_MAIL_BYTES + LIMIT_LOG_LINE_BYTES);
    loop_timer_init(&book->timer, timer_due);
}

void logbook_done(struct logbook *book)
{
    if (book->pages.len > 0) {
        post(book);
    }
    loop_timer_cancel(book->loop, &book->timer);
    buf_done(&book->pages);
}

static void drop(struct logbook *book)
{
    const int64_t now_ms = loop_now_ms(book->loop);
    char count[24];

    book->dropped++;
    if (now_ms < book->complain_at_ms) {
        return;
    }
    (void)snprintf(count, sizeof(count), "%" PRIu64, book->dropped);
    log_event(book->log, LOG_WARN, "log lines are dropped: nobody takes them fast enough",
              {"lines", text_of(count)});
    book->dropped = 0;
    book->complain_at_ms = now_ms + LIMIT_LOG_COMPLAINT_MS;
}

static bool is_same_page(const struct logbook *book, enum log_kind kind, struct text balancer_id)
{
    const struct text last = text_slice(buf_text(&book->pages), book->id_at, book->id_len);

    return book->id_len > 0 && book->kind == kind && text_eq(last, balancer_id);
}

struct buf *logbook_begin(struct logbook *book, enum log_kind kind, struct text balancer_id)
{
    if (atomic_load_explicit(book->held, memory_order_relaxed) >= LIMIT_LOG_HELD_BYTES) {
        drop(book);
        return NULL;
    }
    book->line_at = book->pages.len;
    if (!is_same_page(book, kind, balancer_id)) {
        log_page_begin(kind, balancer_id, &book->pages);
        book->kind = kind;
        book->id_len = balancer_id.len;
        book->id_at = book->pages.len - 1 - balancer_id.len;
    }
    return &book->pages;
}

void logbook_end(struct logbook *book)
{
    struct buf *pages = &book->pages;

    if (pages->is_full) { /* longer than any line may be */
        pages->len = book->line_at;
        pages->is_full = false;
        book->id_len = 0; /* the next line begins a page of its own */
        drop(book);
        return;
    }
    atomic_fetch_add_explicit(book->held, pages->len - book->line_at, memory_order_relaxed);
    if (pages->len >= LIMIT_LOG_MAIL_BYTES) {
        post(book);
    } else if (book->line_at == 0) {
        loop_timer_set(book->loop, &book->timer, loop_now_ms(book->loop) + LIMIT_LOG_DELAY_MS);
    }
}
