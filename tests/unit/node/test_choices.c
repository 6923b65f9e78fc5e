/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/mem.h"
#include "node/choices.h"

#define MAX 8

/* A group of targets without any network behind it. */
struct stand {
    struct snap_group snap;
    struct group group;
    struct target *targets[MAX];
    struct plan_group plan;
    struct choices choices;
    uint64_t random;
};

static void stand_init(struct stand *s, size_t count, int state)
{
    *s = (struct stand){
        .snap = {.unhealthy_routing_count = 1},
        .random = 42,
    };
    for (size_t i = 0; i < count; i++) {
        s->targets[i] = mem_take_aligned(1, sizeof(struct target), 64);
        s->targets[i]->group = &s->group;
        s->targets[i]->state = state;
        s->targets[i]->ramp_from_ms = INT64_MIN;
    }
    s->plan = (struct plan_group){
        .snap = &s->snap, .group = &s->group, .targets = s->targets, .target_count = count};
}

static void stand_done(struct stand *s)
{
    for (size_t i = 0; i < s->plan.target_count; i++) {
        mem_give(s->targets[i]);
    }
    choices_done(&s->choices);
}

static void set_state(struct stand *s, size_t i, int state)
{
    s->targets[i]->state = state;
    s->group.epoch++;
}

static struct target *pick(struct stand *s, int64_t now_ms)
{
    return choices_pick(&s->choices, &s->plan, NULL, now_ms, &s->random);
}

/* How often each target comes in `picks`. */
static void tally(struct stand *s, int picks, int64_t now_ms, int counts[MAX])
{
    memset(counts, 0, MAX * sizeof(int));
    for (int i = 0; i < picks; i++) {
        const struct target *target = pick(s, now_ms);
        for (size_t j = 0; j < s->plan.target_count; j++) {
            counts[j] += target == s->targets[j];
        }
    }
}

TEST(choices, round_robin_takes_turns_exactly)
{
    struct stand s;

    stand_init(&s, 3, TARGET_HEALTHY);
    for (size_t i = 0; i < 9; i++) {
        assert_ptr_equal(pick(&s, 0), s.targets[i % 3]);
    }
    stand_done(&s);
}

TEST(choices, turn_is_shared_by_all_workers)
{
    struct stand s;
    struct choices other = {0};

    stand_init(&s, 2, TARGET_HEALTHY);
    for (int i = 0; i < 6; i++) {
        assert_ptr_equal(pick(&s, 0), s.targets[0]);
        assert_ptr_equal(choices_pick(&other, &s.plan, NULL, 0, &s.random), s.targets[1]);
    }
    choices_done(&other);
    stand_done(&s);
}

TEST(choices, neighbour_of_an_unhealthy_target_gets_no_double_share)
{
    struct stand s;
    int counts[MAX];

    stand_init(&s, 4, TARGET_HEALTHY);
    set_state(&s, 1, TARGET_UNHEALTHY);
    tally(&s, 300, 0, counts);
    assert_int_equal(counts[0], 100);
    assert_int_equal(counts[1], 0);
    assert_int_equal(counts[2], 100);
    assert_int_equal(counts[3], 100);
    set_state(&s, 1, TARGET_HEALTHY);
    tally(&s, 400, 0, counts);
    assert_int_equal(counts[1], 100);
    stand_done(&s);
}

TEST(choices, all_unhealthy_fails_open_to_all)
{
    struct stand s;
    int counts[MAX];

    stand_init(&s, 3, TARGET_UNHEALTHY);
    tally(&s, 30, 0, counts);
    assert_int_equal(counts[0], 10);
    assert_int_equal(counts[1], 10);
    assert_int_equal(counts[2], 10);
    assert_true(s.choices.is_fail_open);
    set_state(&s, 2, TARGET_HEALTHY);
    tally(&s, 30, 0, counts);
    assert_int_equal(counts[2], 30);
    assert_false(s.choices.is_fail_open);
    stand_done(&s);
}

TEST(choices, threshold_of_healthy_targets_decides_when_it_fails_open)
{
    struct stand s;
    int counts[MAX];

    stand_init(&s, 4, TARGET_HEALTHY);
    s.snap.unhealthy_routing_percent = 50;
    set_state(&s, 0, TARGET_UNHEALTHY);
    set_state(&s, 1, TARGET_UNHEALTHY);
    tally(&s, 40, 0, counts);
    assert_int_equal(counts[0], 0); /* 2 of 4 is 50 %: not fewer */
    set_state(&s, 2, TARGET_UNHEALTHY);
    tally(&s, 40, 0, counts);
    assert_int_equal(counts[0], 10);
    stand_done(&s);
}

TEST(choices, target_that_never_passed_gets_nothing_even_when_failing_open)
{
    struct stand s;
    int counts[MAX];

    stand_init(&s, 2, TARGET_INITIAL);
    assert_null(pick(&s, 0));
    set_state(&s, 0, TARGET_UNHEALTHY);
    tally(&s, 10, 0, counts);
    assert_int_equal(counts[0], 10);
    assert_int_equal(counts[1], 0);
    stand_done(&s);
}

TEST(choices, leaving_target_is_never_picked)
{
    struct stand s;
    int counts[MAX];

    stand_init(&s, 2, TARGET_HEALTHY);
    (void)pick(&s, 0);
    s.targets[0]->is_leaving = true;
    s.group.epoch++;
    tally(&s, 10, 0, counts);
    assert_int_equal(counts[1], 10);
    s.targets[1]->is_leaving = true;
    s.group.epoch++;
    assert_null(pick(&s, 0));
    stand_done(&s);
}

TEST(choices, empty_group_gives_nobody)
{
    struct stand s;

    stand_init(&s, 0, TARGET_HEALTHY);
    assert_null(pick(&s, 0));
    stand_done(&s);
}

TEST(choices, failed_target_is_avoided_unless_it_is_the_only_one)
{
    struct stand s;

    stand_init(&s, 2, TARGET_HEALTHY);
    for (int algorithm = SNAP_ROUND_ROBIN; algorithm <= SNAP_WEIGHTED_RANDOM; algorithm++) {
        s.snap.algorithm = (enum snap_algorithm)algorithm;
        for (int i = 0; i < 20; i++) {
            assert_ptr_equal(choices_pick(&s.choices, &s.plan, s.targets[0], 0, &s.random),
                             s.targets[1]);
        }
    }
    set_state(&s, 1, TARGET_UNHEALTHY);
    for (int algorithm = SNAP_ROUND_ROBIN; algorithm <= SNAP_WEIGHTED_RANDOM; algorithm++) {
        s.snap.algorithm = (enum snap_algorithm)algorithm;
        assert_ptr_equal(choices_pick(&s.choices, &s.plan, s.targets[0], 0, &s.random),
                         s.targets[0]);
    }
    stand_done(&s);
}

TEST(choices, least_outstanding_takes_the_one_with_the_fewest_and_turns_among_equals)
{
    struct stand s;
    int counts[MAX];

    stand_init(&s, 3, TARGET_HEALTHY);
    s.snap.algorithm = SNAP_LEAST_OUTSTANDING;
    s.targets[0]->requests = 5;
    s.targets[1]->requests = 2;
    s.targets[2]->requests = 3;
    tally(&s, 10, 0, counts);
    assert_int_equal(counts[1], 10);
    s.targets[0]->requests = 2;
    tally(&s, 300, 0, counts);
    assert_int_equal(counts[2], 0);
    assert_in_range(counts[0], 90, 210);
    stand_done(&s);
}

TEST(choices, weighted_random_is_even)
{
    struct stand s;
    int counts[MAX];

    stand_init(&s, 4, TARGET_HEALTHY);
    s.snap.algorithm = SNAP_WEIGHTED_RANDOM;
    tally(&s, 40000, 0, counts);
    for (int i = 0; i < 4; i++) {
        assert_in_range(counts[i], 9600, 10400);
    }
    stand_done(&s);
}

TEST(choices, slow_start_grows_the_share_of_a_new_target_linearly)
{
    struct stand s;
    int counts[MAX];

    stand_init(&s, 2, TARGET_HEALTHY);
    s.snap.slow_start_ms = 100000;
    s.targets[1]->ramp_from_ms = 1000;
    tally(&s, 10000, 1000, counts);
    assert_in_range(counts[1], 0, 50);
    tally(&s, 10000, 26000, counts); /* a quarter of the way: 1 to 4 */
    assert_in_range(counts[1], 1800, 2200);
    tally(&s, 10000, 76000, counts);
    assert_in_range(counts[1], 4100, 4500);
    tally(&s, 10000, 101000, counts);
    assert_int_equal(counts[1], 5000);
    stand_done(&s);
}

TEST(choices, slow_start_holds_nobody_back_when_all_are_new)
{
    struct stand s;
    int counts[MAX];

    stand_init(&s, 2, TARGET_HEALTHY);
    s.snap.slow_start_ms = 100000;
    s.targets[0]->ramp_from_ms = 1000;
    s.targets[1]->ramp_from_ms = 2000;
    tally(&s, 1000, 3000, counts);
    assert_int_equal(counts[0], 500);
    stand_done(&s);
}

TEST(choices, weights_of_groups_are_kept)
{
    static const struct snap_weighted groups[] = {{NULL, 9}, {NULL, 0}, {NULL, 1}};
    static const struct snap_weighted none[] = {{NULL, 0}, {NULL, 0}};
    uint64_t random = 7;
    int counts[3] = {0};

    for (int i = 0; i < 10000; i++) {
        counts[choices_pick_group(groups, 3, &random)]++;
    }
    assert_in_range(counts[0], 8850, 9150);
    assert_int_equal(counts[1], 0);
    assert_int_equal(choices_pick_group(none, 2, &random), 2);
    assert_int_equal(choices_pick_group(none, 1, &random), 1);
    assert_int_equal(choices_pick_group(groups, 1, &random), 0);
}

TESTS({
    CASE(choices__round_robin_takes_turns_exactly),
    CASE(choices__turn_is_shared_by_all_workers),
    CASE(choices__neighbour_of_an_unhealthy_target_gets_no_double_share),
    CASE(choices__all_unhealthy_fails_open_to_all),
    CASE(choices__threshold_of_healthy_targets_decides_when_it_fails_open),
    CASE(choices__target_that_never_passed_gets_nothing_even_when_failing_open),
    CASE(choices__leaving_target_is_never_picked),
    CASE(choices__empty_group_gives_nobody),
    CASE(choices__failed_target_is_avoided_unless_it_is_the_only_one),
    CASE(choices__least_outstanding_takes_the_one_with_the_fewest_and_turns_among_equals),
    CASE(choices__weighted_random_is_even),
    CASE(choices__slow_start_grows_the_share_of_a_new_target_linearly),
    CASE(choices__slow_start_holds_nobody_back_when_all_are_new),
    CASE(choices__weights_of_groups_are_kept),
})
