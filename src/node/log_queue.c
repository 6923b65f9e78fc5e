/* SPDX-License-Identifier: Apache-2.0 */
#include "node/log_queue.h"

#include "base/mem.h"

#include <stdalign.h>

struct held {
    alignas(64) _Atomic size_t bytes;
};

struct log_queue {
    struct loop *loop;
    struct held *held; /* own: one a worker */
    int workers;
    struct list mails; /* oldest first */
    log_take_fn *take;
    void *arg;
};

struct log_queue *log_queue_new(struct loop *loop, int workers, log_take_fn *take, void *arg)
{
    struct log_queue *queue = MEM_NEW(struct log_queue);

    queue->loop = loop;
    queue->held = mem_take_aligned((size_t)workers, sizeof(struct held), alignof(struct held));
    queue->workers = workers;
    list_init(&queue->mails);
    queue->take = take;
    queue->arg = arg;
    return queue;
}

static void mail_free(struct log_mail *mail)
{
    atomic_fetch_sub_explicit(&mail->queue->held[mail->worker].bytes, mail->pages.len,
                              memory_order_relaxed);
    list_remove(&mail->link);
    buf_done(&mail->pages);
    mem_give(mail);
}

void log_queue_free(struct log_queue *queue)
{
    if (!queue) {
        return;
    }
    LIST_EACH (&queue->mails, link) {
        mail_free(LIST_ITEM(link, struct log_mail, link));
    }
    mem_give(queue->held);
    mem_give(queue);
}

void log_queue_offer(struct log_queue *queue)
{
    LIST_EACH (&queue->mails, link) {
        struct log_mail *mail = LIST_ITEM(link, struct log_mail, link);

        if (queue->take(queue->arg, buf_text(&mail->pages)) != RC_OK) {
            return;
        }
        mail_free(mail);
    }
}

static void on_mail(struct loop_mail *loop_mail)
{
    struct log_mail *mail = LIST_ITEM(loop_mail, struct log_mail, mail);

    list_push_back(&mail->queue->mails, &mail->link);
    log_queue_offer(mail->queue);
}

size_t log_queue_held(const struct log_queue *queue)
{
    size_t bytes = 0;

    for (int i = 0; i < queue->workers; i++) {
        bytes += atomic_load_explicit(&queue->held[i].bytes, memory_order_relaxed);
    }
    return bytes;
}

_Atomic size_t *log_queue_count(struct log_queue *queue, int worker)
{
    return &queue->held[worker].bytes;
}

void log_queue_post(struct log_queue *queue, int worker, struct buf pages)
{
    struct log_mail *mail = MEM_NEW(struct log_mail);

    *mail = (struct log_mail){
        .mail = {.deliver = on_mail}, .queue = queue, .worker = worker, .pages = pages};
    list_init(&mail->link);
    loop_post(queue->loop, &mail->mail);
}
