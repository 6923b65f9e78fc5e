/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "health/threshold.h"

static const struct snap_health settings = {
    .healthy_threshold = 2,
    .unhealthy_threshold = 3,
    .initial_healthy_checks = 2,
};

static void judge(struct threshold *t, enum health_outcome outcome, int times)
{
    for (int i = 0; i < times; i++) {
        (void)threshold_judge(t, &settings, outcome, 0, 5); /* the states are what is looked at */
    }
}

TEST(threshold, new_target_is_used_after_the_second_pass_not_before)
{
    struct threshold t;

    threshold_init(&t, 1);
    assert_int_equal(t.reason, TARGET_REASON_REGISTRATION_IN_PROGRESS);
    assert_true(threshold_judge(&t, &settings, HEALTH_PASSED, 200, 10));
    assert_int_equal(t.state, TARGET_INITIAL);
    assert_int_equal(t.reason, TARGET_REASON_INITIAL_HEALTH_CHECKING);
    assert_int_equal(t.since_unix_ms, 1);
    assert_true(threshold_judge(&t, &settings, HEALTH_PASSED, 200, 40));
    assert_int_equal(t.state, TARGET_HEALTHY);
    assert_int_equal(t.reason, TARGET_REASON_NONE);
    assert_int_equal(t.since_unix_ms, 40);
    assert_false(threshold_judge(&t, &settings, HEALTH_PASSED, 200, 70));
}

TEST(threshold, one_pass_is_enough_where_aws_s_shortcut_is_chosen)
{
    struct snap_health aws = settings;
    struct threshold t;

    aws.initial_healthy_checks = 1;
    threshold_init(&t, 1);
    assert_true(threshold_judge(&t, &aws, HEALTH_PASSED, 200, 2));
    assert_int_equal(t.state, TARGET_HEALTHY);
    /* Recovery needs the threshold all the same. */
    for (int i = 0; i < 3; i++) {
        (void)threshold_judge(&t, &aws, HEALTH_FAILED, 0, 3);
    }
    assert_int_equal(t.state, TARGET_UNHEALTHY);
    assert_false(threshold_judge(&t, &aws, HEALTH_PASSED, 200, 4));
    assert_true(threshold_judge(&t, &aws, HEALTH_PASSED, 200, 5));
    assert_int_equal(t.state, TARGET_HEALTHY);
}

TEST(threshold, failures_must_be_in_a_row)
{
    struct threshold t;

    threshold_init(&t, 1);
    judge(&t, HEALTH_PASSED, 2);
    judge(&t, HEALTH_FAILED, 2);
    judge(&t, HEALTH_PASSED, 1);
    judge(&t, HEALTH_FAILED, 2);
    assert_int_equal(t.state, TARGET_HEALTHY);
    judge(&t, HEALTH_FAILED, 1);
    assert_int_equal(t.state, TARGET_UNHEALTHY);
    assert_int_equal(t.reason, TARGET_REASON_FAILED_HEALTH_CHECKS);
}

TEST(threshold, passes_must_be_in_a_row)
{
    struct threshold t;

    threshold_init(&t, 1);
    judge(&t, HEALTH_PASSED, 1);
    judge(&t, HEALTH_FAILED, 1);
    judge(&t, HEALTH_PASSED, 1);
    assert_int_equal(t.state, TARGET_INITIAL);
    judge(&t, HEALTH_PASSED, 1);
    assert_int_equal(t.state, TARGET_HEALTHY);
}

TEST(threshold, new_target_that_only_fails_becomes_unhealthy)
{
    struct threshold t;

    threshold_init(&t, 1);
    judge(&t, HEALTH_TIMED_OUT, 2);
    assert_int_equal(t.state, TARGET_INITIAL);
    judge(&t, HEALTH_TIMED_OUT, 1);
    assert_int_equal(t.state, TARGET_UNHEALTHY);
    assert_int_equal(t.reason, TARGET_REASON_TIMEOUT);
}

TEST(threshold, reason_follows_the_newest_failure_and_survives_a_pass)
{
    struct threshold t;

    threshold_init(&t, 1);
    judge(&t, HEALTH_FAILED, 3);
    assert_true(threshold_judge(&t, &settings, HEALTH_MISMATCHED, 503, 9));
    assert_int_equal(t.reason, TARGET_REASON_RESPONSE_CODE_MISMATCH);
    assert_int_equal(t.detail, 503);
    assert_true(threshold_judge(&t, &settings, HEALTH_MISMATCHED, 404, 10));
    assert_int_equal(t.detail, 404);
    assert_false(threshold_judge(&t, &settings, HEALTH_PASSED, 200, 11));
    assert_int_equal(t.detail, 404);
    assert_true(threshold_judge(&t, &settings, HEALTH_TIMED_OUT, 0, 12));
    assert_int_equal(t.detail, 0);
    assert_int_equal(t.since_unix_ms, 5);
}

TEST(threshold, seed_keeps_the_state_and_counts_anew)
{
    const struct report_target known = {
        .state = TARGET_UNHEALTHY,
        .reason = TARGET_REASON_RESPONSE_CODE_MISMATCH,
        .detail = 500,
        .since_unix_ms = 77,
    };
    const struct report_target odd = {.state = TARGET_DRAINING, .since_unix_ms = 78};
    struct threshold t;

    threshold_seed(&t, &known);
    assert_int_equal(t.state, TARGET_UNHEALTHY);
    assert_int_equal(t.detail, 500);
    assert_int_equal(t.since_unix_ms, 77);
    judge(&t, HEALTH_PASSED, 1);
    assert_int_equal(t.state, TARGET_UNHEALTHY);
    threshold_seed(&t, &odd);
    assert_int_equal(t.state, TARGET_INITIAL);
}

TESTS({
    CASE(threshold__new_target_is_used_after_the_second_pass_not_before),
    CASE(threshold__one_pass_is_enough_where_aws_s_shortcut_is_chosen),
    CASE(threshold__failures_must_be_in_a_row),
    CASE(threshold__passes_must_be_in_a_row),
    CASE(threshold__new_target_that_only_fails_becomes_unhealthy),
    CASE(threshold__reason_follows_the_newest_failure_and_survives_a_pass),
    CASE(threshold__seed_keeps_the_state_and_counts_anew),
})
