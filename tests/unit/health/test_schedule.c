/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "health/schedule.h"

#define MANY 500

TEST(schedule, each_target_is_checked_once_an_interval_for_a_week)
{
    const int64_t week_ms = 7LL * 24 * 3600 * 1000;
    struct schedule_entry entries[3];
    int64_t last_ms[3];
    struct schedule s;
    int64_t now_ms = 0;
    int count = 0;

    schedule_init(&s);
    for (int i = 0; i < 3; i++) {
        schedule_entry_init(&entries[i]);
        schedule_add(&s, &entries[i], now_ms, 30000);
        last_ms[i] = -1;
    }
    while ((now_ms = schedule_due_ms(&s)) < week_ms) {
        struct schedule_entry *entry = schedule_next(&s, now_ms);
        const long i = entry - entries;

        assert_true(last_ms[i] == -1 || now_ms - last_ms[i] == 30000);
        last_ms[i] = now_ms;
        count++;
    }
    assert_int_equal(count, 3 * (week_ms / 30000));
    for (int i = 0; i < 3; i++) {
        schedule_remove(&s, &entries[i]);
    }
    schedule_done(&s);
}

TEST(schedule, first_checks_are_soon_but_not_all_at_once)
{
    static struct schedule_entry entries[MANY];
    int in_tenth[10] = {0};
    struct schedule s;

    schedule_init(&s);
    for (int i = 0; i < MANY; i++) {
        schedule_entry_init(&entries[i]);
        schedule_add(&s, &entries[i], 1000, 30000);
        assert_in_range(entries[i].due_ms, 1000, 1000 + SCHEDULE_SPREAD_MS - 1);
        in_tenth[(entries[i].due_ms - 1000) * 10 / SCHEDULE_SPREAD_MS]++;
    }
    for (int i = 0; i < 10; i++) {
        assert_in_range(in_tenth[i], MANY / 10 - 5, MANY / 10 + 5);
    }
    for (int i = 0; i < MANY; i++) {
        schedule_remove(&s, &entries[i]);
    }
    schedule_done(&s);
}

TEST(schedule, late_turn_skips_beats_and_keeps_the_phase)
{
    struct schedule_entry entry;
    struct schedule s;

    schedule_init(&s);
    schedule_entry_init(&entry);
    schedule_add(&s, &entry, 0, 5000);
    const int64_t first_ms = entry.due_ms;
    assert_ptr_equal(schedule_next(&s, first_ms + 17000), &entry);
    assert_int_equal(entry.due_ms, first_ms + 20000);
    assert_null(schedule_next(&s, first_ms + 17000));
    schedule_remove(&s, &entry);
    assert_int_equal(schedule_due_ms(&s), INT64_MAX);
    schedule_remove(&s, &entry);
    schedule_done(&s);
}

TEST(schedule, shorter_interval_acts_at_once)
{
    struct schedule_entry entry;
    struct schedule s;

    schedule_init(&s);
    schedule_entry_init(&entry);
    schedule_add(&s, &entry, 0, 300000);
    (void)schedule_next(&s, entry.due_ms);
    schedule_change(&s, &entry, 2000, 5000);
    assert_int_equal(schedule_due_ms(&s), 7000);
    schedule_remove(&s, &entry);
    schedule_done(&s);
}

TEST(schedule, gives_in_order_of_time_whatever_leaves_in_between)
{
    static struct schedule_entry entries[MANY];
    struct schedule s;
    int64_t last_ms = 0;
    int given = 0;

    schedule_init(&s);
    for (int i = 0; i < MANY; i++) {
        schedule_entry_init(&entries[i]);
        schedule_add(&s, &entries[i], i * 7 % 311, 1000000);
    }
    for (int i = 0; i < MANY; i += 3) {
        schedule_remove(&s, &entries[i]);
    }
    for (int64_t now_ms = 0; now_ms < 10000; now_ms++) {
        for (struct schedule_entry *entry; (entry = schedule_next(&s, now_ms));) {
            assert_true(now_ms >= last_ms);
            last_ms = now_ms;
            given++;
            schedule_remove(&s, entry);
        }
    }
    assert_int_equal(given, MANY - (MANY + 2) / 3);
    schedule_done(&s);
}

TESTS({
    CASE(schedule__each_target_is_checked_once_an_interval_for_a_week),
    CASE(schedule__first_checks_are_soon_but_not_all_at_once),
    CASE(schedule__late_turn_skips_beats_and_keeps_the_phase),
    CASE(schedule__shorter_interval_acts_at_once),
    CASE(schedule__gives_in_order_of_time_whatever_leaves_in_between),
})
