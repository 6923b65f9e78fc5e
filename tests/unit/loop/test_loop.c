/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/mem.h"
#include "loop/loop.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

struct probe {
    struct loop_watch watch;
    struct loop *loop;
    struct probe *victim; /* stopped by the first to be called */
    unsigned events;
    int calls;
};

static void probe_ready(struct loop_watch *watch, unsigned events)
{
    struct probe *probe = CONTAINER_OF(watch, struct probe, watch);

    probe->events |= events;
    probe->calls++;
    if (probe->victim) {
        loop_watch_stop(probe->loop, &probe->victim->watch);
    }
}

static void pair(int fds[2])
{
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
}

TEST(loop_watch, edges_come_once)
{
    AUTO(loop) struct loop *loop = loop_new();
    struct probe probe = {.loop = loop};
    int fds[2];

    pair(fds);
    assert_int_equal(loop_watch_start(loop, &probe.watch, fds[0], probe_ready), RC_OK);
    loop_turn(loop, 0);
    assert_int_equal(probe.events, LOOP_WRITE);
    loop_turn(loop, 0);
    assert_int_equal(probe.calls, 1);

    assert_int_equal(write(fds[1], "x", 1), 1);
    loop_turn(loop, 0);
    assert_true(probe.events & LOOP_READ);
    assert_int_equal(probe.calls, 2);
    loop_turn(loop, 0);
    assert_int_equal(probe.calls, 2); /* unread, and yet silent */

    assert_int_equal(shutdown(fds[1], SHUT_WR), 0);
    loop_turn(loop, 0);
    assert_true(probe.events & LOOP_END);
    assert_false(probe.events & LOOP_CLOSED);
    close(fds[1]);
    loop_turn(loop, 0);
    assert_true(probe.events & LOOP_CLOSED);
    loop_watch_stop(loop, &probe.watch);
    loop_watch_stop(loop, &probe.watch);
    close(fds[0]);
}

TEST(loop_watch, level_comes_until_read)
{
    AUTO(loop) struct loop *loop = loop_new();
    struct probe probe = {.loop = loop};
    int fds[2];
    char byte;

    pair(fds);
    assert_int_equal(loop_watch_level(loop, &probe.watch, fds[0], probe_ready), RC_OK);
    assert_int_equal(write(fds[1], "x", 1), 1);
    loop_turn(loop, 0);
    loop_turn(loop, 0);
    assert_int_equal(probe.calls, 2);
    assert_int_equal(read(fds[0], &byte, 1), 1);
    loop_turn(loop, 0);
    assert_int_equal(probe.calls, 2);
    loop_watch_stop(loop, &probe.watch);
    close(fds[0]);
    close(fds[1]);
}

TEST(loop_watch, one_stopped_in_the_same_turn_is_not_called)
{
    AUTO(loop) struct loop *loop = loop_new();
    struct probe *probes[2] = {MEM_NEW(struct probe), MEM_NEW(struct probe)};
    int fds[2];

    pair(fds);
    for (int i = 0; i < 2; i++) {
        probes[i]->loop = loop;
        probes[i]->victim = probes[1 - i];
        assert_int_equal(loop_watch_start(loop, &probes[i]->watch, fds[i], probe_ready), RC_OK);
    }
    loop_turn(loop, 0);
    assert_int_equal(probes[0]->calls + probes[1]->calls, 1);
    for (int i = 0; i < 2; i++) {
        loop_watch_stop(loop, &probes[i]->watch);
        close(fds[i]);
        mem_give(probes[i]);
    }
}

TEST(loop_watch, urgent_events_come_before_a_batch_of_others)
{
    enum { COUNT = 200 };
    AUTO(loop) struct loop *loop = loop_new();
    struct probe *others = mem_take_array(COUNT, sizeof(*others));
    struct probe urgent = {.loop = loop};
    int fds[COUNT][2];
    int urgent_fds[2];
    int calls = 0;

    for (int i = 0; i < COUNT; i++) {
        pair(fds[i]);
        assert_int_equal(loop_watch_start(loop, &others[i].watch, fds[i][0], probe_ready), RC_OK);
    }
    pair(urgent_fds);
    assert_int_equal(loop_watch_urgent(loop, &urgent.watch, urgent_fds[0], probe_ready), RC_OK);
    loop_turn(loop, 0);
    assert_int_equal(urgent.calls, 1);
    for (int i = 0; i < COUNT; i++) {
        calls += others[i].calls;
    }
    assert_true(calls > 0 && calls < COUNT);
    for (int i = 0; i < 5; i++) {
        loop_turn(loop, 0);
    }
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(others[i].calls, 1);
        loop_watch_stop(loop, &others[i].watch);
        close(fds[i][0]);
        close(fds[i][1]);
    }
    assert_int_equal(urgent.calls, 1);
    loop_watch_stop(loop, &urgent.watch);
    close(urgent_fds[0]);
    close(urgent_fds[1]);
    mem_give(others);
}

/* As a target's unasked bytes end its connection before a client's request could take it. */
TEST(loop_watch, an_urgent_event_is_in_time_to_stop_another_of_its_turn)
{
    AUTO(loop) struct loop *loop = loop_new();
    struct probe other = {.loop = loop};
    struct probe urgent = {.loop = loop, .victim = &other};
    int fds[2];

    pair(fds);
    assert_int_equal(loop_watch_start(loop, &other.watch, fds[0], probe_ready), RC_OK);
    assert_int_equal(loop_watch_urgent(loop, &urgent.watch, fds[1], probe_ready), RC_OK);
    loop_turn(loop, 0);
    assert_int_equal(urgent.calls, 1);
    assert_int_equal(other.calls, 0);
    loop_watch_stop(loop, &urgent.watch);
    close(fds[0]);
    close(fds[1]);
}

TEST(loop_watch, an_urgent_event_alone_wakes_a_sleeping_loop)
{
    AUTO(loop) struct loop *loop = loop_new();
    struct probe urgent = {.loop = loop};
    int fds[2];

    pair(fds);
    assert_int_equal(loop_watch_urgent(loop, &urgent.watch, fds[0], probe_ready), RC_OK);
    loop_turn(loop, 0);
    urgent.calls = 0;
    assert_int_equal(write(fds[1], "x", 1), 1);
    loop_turn(loop, 10000);
    assert_int_equal(urgent.calls, 1);
    loop_turn(loop, 0);
    assert_int_equal(urgent.calls, 1);
    loop_watch_stop(loop, &urgent.watch);
    assert_int_equal(write(fds[1], "x", 1), 1);
    loop_turn(loop, 0);
    assert_int_equal(urgent.calls, 1);
    close(fds[0]);
    close(fds[1]);
}

TEST(loop_watch, a_descriptor_that_cannot_be_watched_is_refused)
{
    AUTO(loop) struct loop *loop = loop_new();
    struct probe probe = {.loop = loop};
    int fds[2];

    pair(fds);
    close(fds[0]);
    close(fds[1]);
    assert_int_equal(loop_watch_start(loop, &probe.watch, fds[0], probe_ready), RC_IO);
    assert_int_equal(probe.watch.fd, -1);
    loop_watch_stop(loop, &probe.watch);
}

struct alarm {
    struct loop_timer timer;
    struct loop *loop;
    int64_t fired_ms;
};

static void alarm_due(struct loop_timer *timer)
{
    struct alarm *alarm = CONTAINER_OF(timer, struct alarm, timer);

    alarm->fired_ms = loop_now_ms(alarm->loop);
    loop_stop(alarm->loop);
}

TEST(loop_timer, wakes_a_sleeping_loop_not_before_its_deadline)
{
    AUTO(loop) struct loop *loop = loop_new();
    struct alarm alarm = {.loop = loop};
    const int64_t deadline_ms = loop_now_ms(loop) + 30;

    loop_timer_init(&alarm.timer, alarm_due);
    loop_timer_set(loop, &alarm.timer, deadline_ms);
    loop_run(loop);
    assert_true(alarm.fired_ms >= deadline_ms);
    assert_true(loop_turns(loop) < 5); /* it slept */
}

TEST(loop_timer, cancelled_it_does_not_fire)
{
    AUTO(loop) struct loop *loop = loop_new();
    struct alarm alarm = {.loop = loop};
    struct alarm stop = {.loop = loop};

    loop_timer_init(&alarm.timer, alarm_due);
    loop_timer_init(&stop.timer, alarm_due);
    loop_timer_set(loop, &alarm.timer, loop_now_ms(loop) + 5);
    loop_timer_set(loop, &stop.timer, loop_now_ms(loop) + 25);
    loop_timer_cancel(loop, &alarm.timer);
    loop_timer_cancel(loop, &alarm.timer);
    loop_run(loop);
    assert_int_equal(alarm.fired_ms, 0);
    assert_true(stop.fired_ms > 0);
}

struct job {
    struct loop_task task;
    struct loop *loop;
    struct job *cancels;
    int again; /* queues itself so often */
    int runs;
};

static void job_run(struct loop_task *task)
{
    struct job *job = CONTAINER_OF(task, struct job, task);

    job->runs++;
    if (job->cancels) {
        loop_task_cancel(job->loop, &job->cancels->task);
    }
    if (job->again-- > 0) {
        loop_later(job->loop, task);
    }
}

TEST(loop_later, runs_once_and_what_a_task_queues_runs_in_the_next_turn)
{
    AUTO(loop) struct loop *loop = loop_new();
    struct job job = {.loop = loop, .again = 1};

    loop_task_init(&job.task, job_run);
    loop_later(loop, &job.task);
    loop_later(loop, &job.task);
    loop_turn(loop, 10000); /* does not wait: a task is queued */
    assert_int_equal(job.runs, 1);
    loop_turn(loop, 10000);
    assert_int_equal(job.runs, 2);
    loop_turn(loop, 0);
    assert_int_equal(job.runs, 2);
}

TEST(loop_later, a_task_may_cancel_the_next_one)
{
    AUTO(loop) struct loop *loop = loop_new();
    struct job second = {.loop = loop};
    struct job first = {.loop = loop, .cancels = &second};

    loop_task_init(&first.task, job_run);
    loop_task_init(&second.task, job_run);
    loop_later(loop, &first.task);
    loop_later(loop, &second.task);
    loop_turn(loop, 0);
    loop_turn(loop, 0);
    assert_int_equal(first.runs, 1);
    assert_int_equal(second.runs, 0);
}

enum { SENDERS = 4, LETTERS = 5000 };

struct desk {
    struct loop *loop;
    int next[SENDERS]; /* the number expected from each */
    int received;
};

struct letter {
    struct loop_mail mail;
    struct desk *desk;
    int sender;
    int number;
};

static void letter_deliver(struct loop_mail *mail)
{
    struct letter *letter = CONTAINER_OF(mail, struct letter, mail);
    struct desk *desk = letter->desk;

    assert_int_equal(letter->number, desk->next[letter->sender]);
    desk->next[letter->sender]++;
    if (++desk->received == SENDERS * LETTERS) {
        loop_stop(desk->loop);
    }
    mem_give(letter);
}

struct sender {
    struct desk *desk;
    int index;
};

static void *send_letters(void *arg)
{
    const struct sender *sender = arg;

    for (int i = 0; i < LETTERS; i++) {
        struct letter *letter = MEM_NEW(struct letter);

        *letter = (struct letter){.mail.deliver = letter_deliver,
                                  .desk = sender->desk,
                                  .sender = sender->index,
                                  .number = i};
        loop_post(sender->desk->loop, &letter->mail);
    }
    return NULL;
}

TEST(loop_post, every_letter_arrives_in_order_of_its_sender)
{
    AUTO(loop) struct loop *loop = loop_new();
    struct desk desk = {.loop = loop};
    struct sender senders[SENDERS];
    pthread_t threads[SENDERS];

    for (int i = 0; i < SENDERS; i++) {
        senders[i] = (struct sender){&desk, i};
        assert_int_equal(pthread_create(&threads[i], NULL, send_letters, &senders[i]), 0);
    }
    loop_run(loop); /* ends with the last letter, or hangs: a lost wake-up is a failure */
    for (int i = 0; i < SENDERS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(desk.next[i], LETTERS);
    }
}

static void never(struct loop_timer *timer)
{
    fail();
}

TEST(loop_take_mail, delivers_what_was_posted_and_no_timer)
{
    AUTO(loop) struct loop *loop = loop_new();
    struct desk desk = {.loop = loop};
    struct sender sender = {&desk, 0};
    struct loop_timer timer;

    loop_timer_init(&timer, never);
    loop_timer_set(loop, &timer, loop_now_ms(loop) - 1);
    (void)send_letters(&sender);
    loop_take_mail(loop);
    assert_int_equal(desk.received, LETTERS);
    loop_timer_cancel(loop, &timer);
    loop_take_mail(loop); /* an empty box is fine */
}

TEST(loop_now, follows_the_clocks)
{
    AUTO(loop) struct loop *loop = loop_new();
    const int64_t before_ms = loop_now_ms(loop);

    usleep(5000);
    assert_int_equal(loop_now_ms(loop), before_ms); /* within a turn time stands still */
    loop_turn(loop, 0);
    assert_true(loop_now_ms(loop) >= before_ms + 5);
    assert_true(loop_now_us(loop) / 1000 == loop_now_ms(loop));
    assert_true(loop_unix_ms(loop) > INT64_C(1600000000000));
}

enum { CROWD = 300, CROWD_WORK_US = 500 };

struct guest {
    struct loop_watch watch;
    int fd;
    bool was_served;
};

static void work_a_while(struct loop_watch *watch, unsigned events)
{
    usleep(CROWD_WORK_US);
    CONTAINER_OF(watch, struct guest, watch)->was_served = true;
}

TEST(loop_lag, is_how_long_what_is_ready_waits)
{
    AUTO(loop) struct loop *loop = loop_new();
    static struct guest guests[CROWD];
    int64_t most_ms = 0;

    loop_turn(loop, 0);
    assert_int_equal(loop_lag_ms(loop), 0);
    for (int i = 0; i < CROWD; i++) {
        guests[i].fd = eventfd(1, EFD_NONBLOCK);
        assert_int_equal(loop_watch_start(loop, &guests[i].watch, guests[i].fd, work_a_while),
                         RC_OK);
    }
    while (!guests[CROWD - 1].was_served) {
        loop_turn(loop, 0);
        most_ms = loop_lag_ms(loop) > most_ms ? loop_lag_ms(loop) : most_ms;
    }
    assert_true(most_ms >=
                (CROWD - 2 * 64) * CROWD_WORK_US / 1000); /* all but the first two batches */
    for (int i = 0; i < 3; i++) {
        loop_turn(loop, 0);
    }
    assert_int_equal(loop_lag_ms(loop), 0); /* the queue is empty */
    for (int i = 0; i < CROWD; i++) {
        loop_watch_stop(loop, &guests[i].watch);
        assert_int_equal(close(guests[i].fd), 0);
    }
}

TESTS({
    CASE(loop_watch__edges_come_once),
    CASE(loop_watch__level_comes_until_read),
    CASE(loop_watch__one_stopped_in_the_same_turn_is_not_called),
    CASE(loop_watch__urgent_events_come_before_a_batch_of_others),
    CASE(loop_watch__an_urgent_event_is_in_time_to_stop_another_of_its_turn),
    CASE(loop_watch__an_urgent_event_alone_wakes_a_sleeping_loop),
    CASE(loop_watch__a_descriptor_that_cannot_be_watched_is_refused),
    CASE(loop_timer__wakes_a_sleeping_loop_not_before_its_deadline),
    CASE(loop_timer__cancelled_it_does_not_fire),
    CASE(loop_later__runs_once_and_what_a_task_queues_runs_in_the_next_turn),
    CASE(loop_later__a_task_may_cancel_the_next_one),
    CASE(loop_post__every_letter_arrives_in_order_of_its_sender),
    CASE(loop_take_mail__delivers_what_was_posted_and_no_timer),
    CASE(loop_now__follows_the_clocks),
    CASE(loop_lag__is_how_long_what_is_ready_waits),
})
