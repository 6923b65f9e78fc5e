/* SPDX-License-Identifier: Apache-2.0 */
/* Schedule and thresholds together, through days of checks in virtual time. */
#include "test.h"

#include "health/schedule.h"
#include "health/threshold.h"

#define SECONDS 1000LL
#define HOURS   (3600 * SECONDS)

/* A target that answers outside of its outages. */
struct outage {
    int64_t from_ms;
    int64_t to_ms;
};

struct change {
    int64_t at_ms;
    enum target_state state;
};

static enum health_outcome answer(const struct outage *outages, size_t count, int64_t now_ms)
{
    for (size_t i = 0; i < count; i++) {
        if (now_ms >= outages[i].from_ms && now_ms < outages[i].to_ms) {
            return HEALTH_TIMED_OUT;
        }
    }
    return HEALTH_PASSED;
}

/* Plays until `end_ms`; gives how many changes of state there were. */
static size_t play(const struct snap_health *settings, const struct outage *outages, size_t count,
                   int64_t end_ms, struct change *changes, size_t changes_max)
{
    struct schedule_entry entry;
    struct threshold threshold;
    struct schedule schedule;
    size_t seen = 0;

    schedule_init(&schedule);
    schedule_entry_init(&entry);
    threshold_init(&threshold, 0);
    schedule_add(&schedule, &entry, 0, settings->interval_ms);
    for (int64_t now_ms; (now_ms = schedule_due_ms(&schedule)) < end_ms;) {
        const enum target_state before = threshold.state;

        assert_ptr_equal(schedule_next(&schedule, now_ms), &entry);
        (void)threshold_judge(&threshold, settings, answer(outages, count, now_ms), 0, now_ms);
        if (threshold.state != before) {
            assert_true(seen < changes_max);
            changes[seen++] = (struct change){now_ms, threshold.state};
        }
    }
    schedule_remove(&schedule, &entry);
    schedule_done(&schedule);
    return seen;
}

TEST(days, outages_shorter_than_the_threshold_go_unnoticed_and_long_ones_cost_what_they_must)
{
    const struct snap_health settings = {
        .interval_ms = 30 * SECONDS,
        .healthy_threshold = 2,
        .unhealthy_threshold = 3,
        .initial_healthy_checks = 2,
    };
    const struct outage outages[] = {
        {10 * HOURS, 10 * HOURS + 59 * SECONDS}, /* at most two checks */
        {20 * HOURS, 21 * HOURS},
        {30 * HOURS, 30 * HOURS + 91 * SECONDS}, /* at least three */
    };
    struct change changes[8];

    const size_t count =
        play(&settings, outages, ARRAY_LEN(outages), 72 * HOURS, changes, ARRAY_LEN(changes));
    assert_int_equal(count, 5);
    /* With interval 30 and threshold 2 a target is used after its second check, not before. */
    assert_int_equal(changes[0].state, TARGET_HEALTHY);
    assert_in_range(changes[0].at_ms, 30 * SECONDS, 31 * SECONDS);
    assert_int_equal(changes[1].state, TARGET_UNHEALTHY);
    assert_in_range(changes[1].at_ms, 20 * HOURS + 60 * SECONDS, 20 * HOURS + 90 * SECONDS);
    assert_int_equal(changes[2].state, TARGET_HEALTHY);
    assert_in_range(changes[2].at_ms, 21 * HOURS + 30 * SECONDS, 21 * HOURS + 60 * SECONDS);
    assert_int_equal(changes[3].state, TARGET_UNHEALTHY);
    assert_int_equal(changes[4].state, TARGET_HEALTHY);
}

TEST(days, flapping_target_never_becomes_healthy)
{
    const struct snap_health settings = {
        .interval_ms = 10 * SECONDS,
        .healthy_threshold = 3,
        .unhealthy_threshold = 2,
        .initial_healthy_checks = 3,
    };
    struct outage outages[360];
    struct change changes[4];

    /* Down for the third and fourth of every four checks. */
    for (size_t i = 0; i < ARRAY_LEN(outages); i++) {
        outages[i] =
            (struct outage){(40 * (int64_t)i + 20) * SECONDS, (40 * (int64_t)i + 40) * SECONDS};
    }
    const size_t count =
        play(&settings, outages, ARRAY_LEN(outages), 4 * HOURS, changes, ARRAY_LEN(changes));
    assert_int_equal(count, 1);
    assert_int_equal(changes[0].state, TARGET_UNHEALTHY);
}

TESTS({
    CASE(days__outages_shorter_than_the_threshold_go_unnoticed_and_long_ones_cost_what_they_must),
    CASE(days__flapping_target_never_becomes_healthy),
})
