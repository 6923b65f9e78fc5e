/* SPDX-License-Identifier: Apache-2.0 */
#include "loop/loop.h"

#include "base/mem.h"
#include "loop/wheel.h"

#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

/* Events taken at once: enough to make epoll_wait cheap, few enough for what they begin to stay in
 * the cache. */
#define EVENTS_MAX        64
#define EVENTS_URGENT_MAX 256

/* Of a watch and what its owner keeps behind it. */
#define WATCH_FETCH_BYTES 128

/* Events of this turn. */
struct batch {
    int count;
    int at; /* the next to deliver */
    struct epoll_event *events;
};

struct loop {
    int epoll_fd;
    int urgent_fd; /* epoll, too: watched by the first one */
    int wake_fd;   /* eventfd: mail has come */
    int marker_fd; /* eventfd: for loop_lag_ms() */
    bool is_stopping;
    uint64_t turns;
    int64_t now_ms;
    int64_t now_us;
    int64_t unix_us;

    struct batch batch;
    struct batch urgent_batch;
    struct epoll_event events[EVENTS_MAX];
    struct epoll_event urgent_events[EVENTS_URGENT_MAX];

    struct list tasks;   /* queued for the end of this turn */
    struct list running; /* what is left of those that run now */
    struct loop_watch wake;
    struct loop_watch urgent;
    struct loop_watch marker;
    int64_t marked_us;                /* when the marker went into the queue; 0: it is not there */
    int64_t lag_us;                   /* of the last one */
    _Atomic(struct loop_mail *) mail; /* newest first; any thread pushes, the loop takes all */
    struct wheel wheel;
};

static void read_clocks(struct loop *loop)
{
    struct timespec mono;
    struct timespec real;

    (void)clock_gettime(CLOCK_MONOTONIC, &mono); /* cannot fail: both clocks exist */
    (void)clock_gettime(CLOCK_REALTIME, &real);
    loop->now_us = mono.tv_sec * INT64_C(1000000) + mono.tv_nsec / 1000;
    loop->now_ms = loop->now_us / 1000;
    loop->unix_us = real.tv_sec * INT64_C(1000000) + real.tv_nsec / 1000;
}

static void mail_came(struct loop_watch *watch, unsigned events)
{
    /* The eventfd is edge-triggered: each write wakes us anew, so it is never read. */
    loop_take_mail(CONTAINER_OF(watch, struct loop, wake));
}

static void ring(int event_fd)
{
    const uint64_t one = 1;
    const ssize_t written = write(event_fd, &one, sizeof(one));

    ASSERT(written == (ssize_t)sizeof(one)); /* it cannot fail before 2^64 rings */
}

static void note_marker(struct loop_watch *watch, unsigned events)
{
    struct loop *loop = CONTAINER_OF(watch, struct loop, marker);

    if (loop->marked_us) { /* else it tells that it can be written to */
        loop->lag_us = loop->now_us - loop->marked_us;
        loop->marked_us = 0;
    }
}

/* A full batch: others may wait behind it. The marker queues behind those. */
static void measure_lag(struct loop *loop, bool is_full)
{
    if (!is_full) {
        loop->lag_us = 0;
    } else if (loop->marked_us == 0) {
        loop->marked_us = loop->now_us;
        ring(loop->marker_fd);
    }
}

static void ignore(struct loop_watch *watch, unsigned events)
{
    (void)watch; /* the urgent ones were delivered already */
    (void)events;
}

struct loop *loop_new(void)
{
    struct loop *loop = MEM_NEW(struct loop);

    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    ASSERT(loop->epoll_fd >= 0); /* at start only: without it nothing can work */
    loop->urgent_fd = epoll_create1(EPOLL_CLOEXEC);
    ASSERT(loop->urgent_fd >= 0);
    loop->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    ASSERT(loop->wake_fd >= 0);
    loop->batch.events = loop->events;
    loop->urgent_batch.events = loop->urgent_events;
    list_init(&loop->tasks);
    list_init(&loop->running);
    atomic_init(&loop->mail, NULL);
    read_clocks(loop);
    wheel_init(&loop->wheel, loop_now_ms(loop));

    loop->marker_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    ASSERT(loop->marker_fd >= 0);
    enum rc rc = loop_watch_start(loop, &loop->wake, loop->wake_fd, mail_came);
    ASSERT(rc == RC_OK);
    rc = loop_watch_start(loop, &loop->marker, loop->marker_fd, note_marker);
    ASSERT(rc == RC_OK);
    rc = loop_watch_level(loop, &loop->urgent, loop->urgent_fd, ignore);
    ASSERT(rc == RC_OK);
    return loop;
}

void loop_free(struct loop *loop)
{
    if (!loop) {
        return;
    }
    (void)close(loop->wake_fd); /* all are ours alone and hold no data */
    (void)close(loop->marker_fd);
    (void)close(loop->urgent_fd);
    (void)close(loop->epoll_fd);
    mem_give(loop);
}

int64_t loop_now_ms(const struct loop *loop)
{
    return loop->now_ms;
}

int64_t loop_now_us(const struct loop *loop)
{
    return loop->now_us;
}

int64_t loop_unix_ms(const struct loop *loop)
{
    return loop->unix_us / 1000;
}

int64_t loop_unix_us(const struct loop *loop)
{
    return loop->unix_us;
}

uint64_t loop_turns(const struct loop *loop)
{
    return loop->turns;
}

int64_t loop_lag_ms(const struct loop *loop)
{
    const int64_t so_far_us = loop->marked_us ? loop->now_us - loop->marked_us : 0;

    return (loop->lag_us > so_far_us ? loop->lag_us : so_far_us) / 1000;
}

/* ---- the turn ----------------------------------------------------------------------------- */

void loop_run(struct loop *loop)
{
    while (!loop->is_stopping) {
        loop_turn(loop, INT_MAX);
    }
    loop->is_stopping = false;
}

void loop_stop(struct loop *loop)
{
    loop->is_stopping = true;
}

/* How long epoll may sleep: not past the next timer, not at all while tasks are queued. */
static int wait_allowed(struct loop *loop, int wait_ms)
{
    if (!list_is_empty(&loop->tasks)) {
        return 0;
    }
    const int64_t next_ms = wheel_next_ms(&loop->wheel);
    if (next_ms == INT64_MAX) {
        return wait_ms == INT_MAX ? -1 : wait_ms;
    }
    const int64_t left_ms = next_ms - loop_now_ms(loop);
    if (left_ms <= 0) {
        return 0;
    }
    return left_ms < wait_ms ? (int)left_ms : wait_ms;
}

static unsigned events_of(uint32_t mask)
{
    unsigned events = 0;

    if (mask & (EPOLLIN | EPOLLRDHUP)) {
        events |= LOOP_READ;
    }
    if (mask & EPOLLOUT) {
        events |= LOOP_WRITE;
    }
    if (mask & EPOLLRDHUP) {
        events |= LOOP_END;
    }
    if (mask & (EPOLLHUP | EPOLLERR)) {
        events |= LOOP_READ | LOOP_WRITE | LOOP_CLOSED; /* both calls will tell at once */
    }
    return events;
}

static void deliver(struct batch *batch)
{
    while (batch->at < batch->count) {
        const struct epoll_event *event = &batch->events[batch->at++];
        struct loop_watch *watch = event->data.ptr;

        if (batch->at < batch->count) { /* it comes from memory while this one is served */
            mem_fetch(batch->events[batch->at].data.ptr, WATCH_FETCH_BYTES);
        }
        if (watch) { /* NULL: stopped earlier in this turn */
            watch->ready(watch, events_of(event->events));
        }
    }
}

static void run_tasks(struct loop *loop)
{
    if (list_is_empty(&loop->tasks)) {
        return;
    }
    /* Aside, so that what a task queues runs in the next turn. */
    list_insert_between(&loop->running, loop->tasks.prev, loop->tasks.next);
    list_init(&loop->tasks);
    for (struct list *link; (link = list_pop_front(&loop->running));) {
        struct loop_task *task = LIST_ITEM(link, struct loop_task, link);
        task->run(task);
    }
}

static void take(struct batch *batch, int epoll_fd, int max, int wait_ms)
{
    const int count = epoll_wait(epoll_fd, batch->events, max, wait_ms);

    ASSERT(count >= 0 || errno == EINTR);
    batch->count = count < 0 ? 0 : count;
    batch->at = 0;
}

static bool has_urgent(const struct loop *loop)
{
    for (int i = 0; i < loop->batch.count; i++) {
        if (loop->events[i].data.ptr == &loop->urgent) {
            return true;
        }
    }
    return loop->batch.count == EVENTS_MAX; /* a full batch may hide it behind itself */
}

void loop_turn(struct loop *loop, int wait_ms)
{
    take(&loop->batch, loop->epoll_fd, EVENTS_MAX, wait_allowed(loop, wait_ms));
    loop->turns++;
    read_clocks(loop);
    if (has_urgent(loop)) {
        take(&loop->urgent_batch, loop->urgent_fd, EVENTS_URGENT_MAX, 0);
        deliver(&loop->urgent_batch);
    }
    deliver(&loop->batch);
    measure_lag(loop, loop->batch.count == EVENTS_MAX);
    wheel_expire(&loop->wheel, loop_now_ms(loop));
    run_tasks(loop);
}

/* ---- readiness ---------------------------------------------------------------------------- */

static int epoll_of(const struct loop *loop, const struct loop_watch *watch)
{
    return watch->is_urgent ? loop->urgent_fd : loop->epoll_fd;
}

static enum rc watch_add(struct loop *loop, struct loop_watch *watch, int fd, loop_ready_fn *ready,
                         uint32_t mask)
{
    struct epoll_event event = {.events = mask, .data.ptr = watch};

    ASSERT(fd >= 0);
    ASSERT(ready != NULL);
    watch->fd = -1;
    if (epoll_ctl(epoll_of(loop, watch), EPOLL_CTL_ADD, fd, &event) != 0) {
        return RC_IO;
    }
    watch->fd = fd;
    watch->ready = ready;
    return RC_OK;
}

#define BOTH_WAYS_ONCE (EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET)

enum rc loop_watch_start(struct loop *loop, struct loop_watch *watch, int fd, loop_ready_fn *ready)
{
    watch->is_urgent = false;
    return watch_add(loop, watch, fd, ready, BOTH_WAYS_ONCE);
}

enum rc loop_watch_urgent(struct loop *loop, struct loop_watch *watch, int fd, loop_ready_fn *ready)
{
    watch->is_urgent = true;
    return watch_add(loop, watch, fd, ready, BOTH_WAYS_ONCE);
}

enum rc loop_watch_level(struct loop *loop, struct loop_watch *watch, int fd, loop_ready_fn *ready)
{
    watch->is_urgent = false;
    return watch_add(loop, watch, fd, ready, EPOLLIN);
}

void loop_watch_stop(struct loop *loop, struct loop_watch *watch)
{
    if (watch->fd < 0) {
        return;
    }
    /* Not left to close(2): while a child between fork and exec holds a copy of the descriptor,
     * closing ours would leave the registration, with a pointer to what is freed by then. */
    (void)epoll_ctl(epoll_of(loop, watch), EPOLL_CTL_DEL, watch->fd, NULL);
    watch->fd = -1;
    struct batch *batch = watch->is_urgent ? &loop->urgent_batch : &loop->batch;
    for (int i = batch->at; i < batch->count; i++) {
        if (batch->events[i].data.ptr == watch) {
            batch->events[i].data.ptr = NULL;
        }
    }
}

/* ---- timers ------------------------------------------------------------------------------- */

void loop_timer_init(struct loop_timer *timer, loop_timer_fn *due)
{
    list_init(&timer->link);
    timer->due = due;
    timer->deadline_ms = INT64_MAX;
    timer->slot_ms = 0;
}

void loop_timer_set(struct loop *loop, struct loop_timer *timer, int64_t deadline_ms)
{
    wheel_set(&loop->wheel, timer, deadline_ms);
}

void loop_timer_cancel(struct loop *loop, struct loop_timer *timer)
{
    list_remove(&timer->link);
    timer->deadline_ms = INT64_MAX;
}

/* ---- work put off ------------------------------------------------------------------------- */

void loop_task_init(struct loop_task *task, loop_task_fn *run)
{
    list_init(&task->link);
    task->run = run;
}

void loop_later(struct loop *loop, struct loop_task *task)
{
    if (list_is_empty(&task->link)) {
        list_push_back(&loop->tasks, &task->link);
    }
}

void loop_task_cancel(struct loop *loop, struct loop_task *task)
{
    list_remove(&task->link);
}

/* ---- messages between threads ------------------------------------------------------------- */

void loop_post(struct loop *loop, struct loop_mail *mail)
{
    struct loop_mail *newest = atomic_load_explicit(&loop->mail, memory_order_relaxed);

    do {
        mail->next = newest;
    } while (!atomic_compare_exchange_weak(&loop->mail, &newest, mail));
    if (!newest) {
        ring(loop->wake_fd); /* whoever finds the box empty rings; the loop empties it whole */
    }
}

/* Newest first becomes oldest first. */
static struct loop_mail *reverse(struct loop_mail *mail)
{
    struct loop_mail *oldest_first = NULL;

    while (mail) {
        struct loop_mail *next = mail->next;
        mail->next = oldest_first;
        oldest_first = mail;
        mail = next;
    }
    return oldest_first;
}

void loop_take_mail(struct loop *loop)
{
    struct loop_mail *mail = reverse(atomic_exchange(&loop->mail, NULL));

    while (mail) {
        struct loop_mail *next = mail->next;
        mail->deliver(mail);
        mail = next;
    }
}
