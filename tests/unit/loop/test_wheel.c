/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/mem.h"
#include "loop/wheel.h"

#include <stdlib.h>

/* Late by at most this, however long: a deregistration delay of an hour ends in its second. */
#define QUARTER_MS 270

/* One wheel over virtual time, and timers that write down when they fired. */
struct world {
    struct wheel wheel;
    int64_t now_ms;
};

struct alarm {
    struct loop_timer timer;
    struct world *world;
    int64_t fired_ms; /* 0: not yet */
    int fired_count;
    struct alarm *victim; /* cancelled when this one fires */
    int64_t again_ms;     /* set anew by so much when it fires; 0: not */
};

static void ring(struct loop_timer *timer)
{
    struct alarm *alarm = CONTAINER_OF(timer, struct alarm, timer);

    alarm->fired_ms = alarm->world->now_ms;
    alarm->fired_count++;
    if (alarm->victim) {
        list_remove(&alarm->victim->timer.link);
    }
    if (alarm->again_ms) {
        wheel_set(&alarm->world->wheel, timer, alarm->world->now_ms + alarm->again_ms);
    }
}

static struct world *world_new(int64_t now_ms)
{
    struct world *world = MEM_NEW(struct world);

    world->now_ms = now_ms;
    wheel_init(&world->wheel, now_ms);
    return world;
}

static void alarm_init(struct alarm *alarm, struct world *world)
{
    *alarm = (struct alarm){.world = world};
    loop_timer_init(&alarm->timer, ring);
}

/* Lives as a loop would: sleeps until the wheel asks to look again, until `until_ms`. */
static int live(struct world *world, int64_t until_ms)
{
    int looks = 0;

    for (;; looks++) {
        const int64_t next_ms = wheel_next_ms(&world->wheel);
        assert_true(next_ms > world->now_ms || looks == 0);
        world->now_ms = next_ms < until_ms ? next_ms : until_ms;
        wheel_expire(&world->wheel, world->now_ms);
        if (world->now_ms == until_ms) {
            return looks;
        }
    }
}

TEST(wheel, fires_after_the_deadline_within_one_64th_of_the_length_and_a_quarter_second)
{
    static const int64_t lengths_ms[] = {1,    3,     4,     5,     100,    255,     1000,
                                         4000, 16000, 17000, 60000, 350000, 4000000, 86400000};

    for (size_t i = 0; i < ARRAY_LEN(lengths_ms); i++) {
        for (int64_t start_ms = 1000000; start_ms < 1000700; start_ms += 37) {
            struct world *world = world_new(start_ms);
            struct alarm alarm;
            const int64_t deadline_ms = start_ms + lengths_ms[i];
            const int64_t most_ms = lengths_ms[i] / 64 + 2 * WHEEL_TICK_MS;
            const int64_t slack_ms = most_ms < QUARTER_MS ? most_ms : QUARTER_MS;

            alarm_init(&alarm, world);
            wheel_set(&world->wheel, &alarm.timer, deadline_ms);
            live(world, deadline_ms - 1);
            assert_int_equal(alarm.fired_count, 0);
            live(world, deadline_ms + slack_ms);
            assert_int_equal(alarm.fired_count, 1);
            assert_true(wheel_next_ms(&world->wheel) == INT64_MAX);
            mem_give(world);
        }
    }
}

TEST(wheel, a_deadline_moved_out_again_and_again_fires_once_at_the_end)
{
    struct world *world = world_new(5000);
    struct alarm alarm;

    alarm_init(&alarm, world);
    for (int i = 0; i < 1000; i++) {
        wheel_set(&world->wheel, &alarm.timer, world->now_ms + 1000);
        live(world, world->now_ms + 90);
    }
    assert_int_equal(alarm.fired_count, 0);
    live(world, world->now_ms + 2000);
    assert_int_equal(alarm.fired_count, 1);
    mem_give(world);
}

TEST(wheel, a_deadline_moved_in_fires_at_the_earlier_time)
{
    struct world *world = world_new(5000);
    struct alarm alarm;

    alarm_init(&alarm, world);
    wheel_set(&world->wheel, &alarm.timer, 65000);
    wheel_set(&world->wheel, &alarm.timer, 5100);
    live(world, 5120);
    assert_int_equal(alarm.fired_count, 1);
    live(world, 70000);
    assert_int_equal(alarm.fired_count, 1);
    mem_give(world);
}

TEST(wheel, a_timer_switched_off_does_not_fire_and_leaves_the_wheel)
{
    struct world *world = world_new(5000);
    struct alarm alarm;

    alarm_init(&alarm, world);
    wheel_set(&world->wheel, &alarm.timer, 6000);
    wheel_set(&world->wheel, &alarm.timer, INT64_MAX);
    live(world, 9000);
    assert_int_equal(alarm.fired_count, 0);
    assert_true(list_is_empty(&alarm.timer.link));
    assert_true(wheel_next_ms(&world->wheel) == INT64_MAX);
    mem_give(world);
}

TEST(wheel, a_firing_timer_may_cancel_its_neighbour_and_set_itself)
{
    struct world *world = world_new(5000);
    struct alarm first;
    struct alarm second;

    alarm_init(&first, world);
    alarm_init(&second, world);
    first.victim = &second;
    first.again_ms = 100;
    wheel_set(&world->wheel, &first.timer, 5020);
    wheel_set(&world->wheel, &second.timer, 5020);
    live(world, 5020);
    assert_int_equal(first.fired_count, 1);
    first.victim = NULL;
    first.again_ms = 0;
    live(world, 6000);
    assert_int_equal(first.fired_count, 2);
    assert_int_equal(second.fired_count, 0);
    mem_give(world);
}

TEST(wheel, a_deadline_in_the_past_fires_at_the_next_tick_not_in_this_round)
{
    struct world *world = world_new(5000);
    struct alarm alarm;

    alarm_init(&alarm, world);
    alarm.again_ms = -500;
    wheel_set(&world->wheel, &alarm.timer, 4000);
    wheel_expire(&world->wheel, world->now_ms = 5004);
    assert_int_equal(alarm.fired_count, 1);
    wheel_expire(&world->wheel, world->now_ms = 5008);
    assert_int_equal(alarm.fired_count, 2);
    list_remove(&alarm.timer.link);
    mem_give(world);
}

TEST(wheel, after_a_sleep_longer_than_a_round_everything_due_fires)
{
    struct world *world = world_new(5000);
    struct alarm alarms[50];

    for (int i = 0; i < 50; i++) {
        alarm_init(&alarms[i], world);
        wheel_set(&world->wheel, &alarms[i].timer, 5001 + i * 331);
    }
    world->now_ms = 5000 + 100 * WHEEL_SLOTS * WHEEL_TICK_MS + 1234;
    wheel_expire(&world->wheel, world->now_ms);
    for (int i = 0; i < 50; i++) {
        assert_int_equal(alarms[i].fired_count, 1);
    }
    mem_give(world);
}

TEST(wheel, long_timers_share_wake_ups)
{
    enum { COUNT = 1000 };
    struct world *world = world_new(5000);
    struct alarm *alarms = mem_take_array(COUNT, sizeof(*alarms));

    /* A thousand idle timeouts of a minute, begun within one second. */
    for (int i = 0; i < COUNT; i++) {
        alarm_init(&alarms[i], world);
        wheel_set(&world->wheel, &alarms[i].timer, world->now_ms + 60000);
        live(world, world->now_ms + 1);
    }
    assert_true(live(world, 64500) < 50);
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(alarms[i].fired_count, 0);
    }
    live(world, 68000);
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(alarms[i].fired_count, 1);
    }
    mem_give(alarms);
    mem_give(world);
}

TEST(wheel, a_random_life_never_fires_early_nor_twice_nor_late)
{
    enum { COUNT = 64 };
    struct world *world = world_new(123456);
    struct alarm alarms[COUNT];
    int64_t deadlines_ms[COUNT] = {0}; /* 0: off */
    int64_t lengths_ms[COUNT] = {0};

    srand(7);
    for (int i = 0; i < COUNT; i++) {
        alarm_init(&alarms[i], world);
    }
    for (int round = 0; round < 20000; round++) {
        const int i = rand() % COUNT;
        const int64_t length_ms = rand() % (rand() % 4 ? 3000 : 90000);

        wheel_set(&world->wheel, &alarms[i].timer, world->now_ms + length_ms);
        deadlines_ms[i] = world->now_ms + length_ms;
        lengths_ms[i] = length_ms;
        live(world, world->now_ms + rand() % 50);
        for (int k = 0; k < COUNT; k++) {
            if (alarms[k].fired_count) {
                assert_true(deadlines_ms[k] != 0);
                assert_true(alarms[k].fired_ms >= deadlines_ms[k]);
                alarms[k].fired_count = 0;
                deadlines_ms[k] = 0;
            }
            assert_true(!deadlines_ms[k] ||
                        world->now_ms <= deadlines_ms[k] + lengths_ms[k] / 64 + 8);
        }
    }
    mem_give(world);
}

TESTS({
    CASE(wheel__fires_after_the_deadline_within_one_64th_of_the_length_and_a_quarter_second),
    CASE(wheel__a_deadline_moved_out_again_and_again_fires_once_at_the_end),
    CASE(wheel__a_deadline_moved_in_fires_at_the_earlier_time),
    CASE(wheel__a_timer_switched_off_does_not_fire_and_leaves_the_wheel),
    CASE(wheel__a_firing_timer_may_cancel_its_neighbour_and_set_itself),
    CASE(wheel__a_deadline_in_the_past_fires_at_the_next_tick_not_in_this_round),
    CASE(wheel__after_a_sleep_longer_than_a_round_everything_due_fires),
    CASE(wheel__long_timers_share_wake_ups),
    CASE(wheel__a_random_life_never_fires_early_nor_twice_nor_late),
})
