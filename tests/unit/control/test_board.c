/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "control/board.h"

#include <stdio.h>

static const struct text zones[] = {TEXT_INIT("us-east-1a"), TEXT_INIT("us-east-1b")};

/* A zone's node says that the target is in this state. */
static void say(struct board *board, struct text zone, enum target_state state)
{
    struct report_target target = {
        .group_arn = TEXT("tg"), .id = TEXT("10.0.0.1"), .port = 80, .state = state};
    struct report report = {
        .zone = zone, .boot_id = TEXT("b"), .revision = 1, .targets = &target, .target_count = 1};
    struct buf buf;

    if (state == TARGET_UNHEALTHY) {
        target.reason = TARGET_REASON_RESPONSE_CODE_MISMATCH;
        target.detail = 503;
    }
    if (state == TARGET_INITIAL) {
        target.reason = TARGET_REASON_INITIAL_HEALTH_CHECKING;
    }
    buf_init(&buf, 1 << 20);
    report_encode(&report, &buf);
    assert_int_equal(board_take(board, zone, buf_text(&buf)), RC_OK);
    buf_done(&buf);
}

static struct board_health seen(const struct board *board, size_t zone_count)
{
    return board_target(board, TEXT("tg"), TEXT("10.0.0.1"), 80, zones, zone_count);
}

TEST(board, says_initial_until_a_node_reported)
{
    AUTO(board) struct board *board = board_new();

    assert_int_equal(seen(board, 2).state, TARGET_INITIAL);
    assert_int_equal(seen(board, 2).reason, TARGET_REASON_REGISTRATION_IN_PROGRESS);
    say(board, zones[0], TARGET_INITIAL);
    assert_int_equal(seen(board, 2).reason, TARGET_REASON_INITIAL_HEALTH_CHECKING);
}

TEST(board, says_healthy_only_when_every_connected_node_does)
{
    AUTO(board) struct board *board = board_new();

    say(board, zones[0], TARGET_HEALTHY);
    assert_int_equal(seen(board, 2).state, TARGET_HEALTHY); /* b is not connected */
    say(board, zones[1], TARGET_INITIAL);
    assert_int_equal(seen(board, 2).state, TARGET_INITIAL);
    assert_int_equal(seen(board, 1).state, TARGET_HEALTHY); /* b does not check it */
    say(board, zones[1], TARGET_UNHEALTHY);
    assert_int_equal(seen(board, 2).state, TARGET_UNHEALTHY);
    assert_int_equal(seen(board, 2).detail, 503);
    say(board, zones[1], TARGET_HEALTHY);
    assert_int_equal(seen(board, 2).state, TARGET_HEALTHY);
}

TEST(board, forgets_a_lost_node_s_word_only_when_another_speaks)
{
    AUTO(board) struct board *board = board_new();
    const uint64_t before = board_version(board);

    say(board, zones[0], TARGET_UNHEALTHY);
    assert_true(board_version(board) > before);
    board_lose(board, zones[0]);
    assert_int_equal(seen(board, 2).state, TARGET_UNHEALTHY);
    say(board, zones[1], TARGET_HEALTHY);
    assert_int_equal(seen(board, 2).state, TARGET_HEALTHY);
}

TEST(board, keeps_the_last_report_when_the_next_is_none)
{
    AUTO(board) struct board *board = board_new();
    bool is_connected = false;

    say(board, zones[0], TARGET_HEALTHY);
    assert_int_equal(board_take(board, zones[0], TEXT("{")), RC_BAD);
    assert_int_equal(seen(board, 1).state, TARGET_HEALTHY);
    assert_non_null(board_report(board, zones[0], &is_connected));
    assert_true(is_connected);
    assert_null(board_report(board, zones[1], &is_connected));
    assert_false(is_connected);
}

TEST(board, refuses_a_report_in_another_zone_s_name)
{
    AUTO(board) struct board *board = board_new();
    const struct report report = {.zone = zones[0], .boot_id = TEXT("b")};
    struct buf buf;

    buf_init(&buf, 1 << 20);
    report_encode(&report, &buf);
    assert_int_equal(board_take(board, zones[1], buf_text(&buf)), RC_BAD);
    assert_null(board_report(board, zones[1], NULL));
    buf_done(&buf);
}

TEST(board, seeds_a_new_node_with_its_zone_s_knowledge_or_another_s)
{
    AUTO(board) struct board *board = board_new();
    struct arena *arena = arena_new(4096, 1 << 20);
    struct report seed;
    struct buf buf;

    say(board, zones[0], TARGET_UNHEALTHY);
    buf_init(&buf, 1 << 20);
    board_seed(board, zones[1], &buf);
    assert_int_equal(report_decode(buf_text(&buf), arena, &seed), RC_OK);
    assert_text_equal(seed.zone, zones[1]);
    assert_int_equal(seed.target_count, 1);
    assert_int_equal(seed.targets[0].state, TARGET_UNHEALTHY);
    buf_done(&buf);
    arena_free(arena);
}

TESTS({
    CASE(board__says_initial_until_a_node_reported),
    CASE(board__says_healthy_only_when_every_connected_node_does),
    CASE(board__forgets_a_lost_node_s_word_only_when_another_speaks),
    CASE(board__keeps_the_last_report_when_the_next_is_none),
    CASE(board__refuses_a_report_in_another_zone_s_name),
    CASE(board__seeds_a_new_node_with_its_zone_s_knowledge_or_another_s),
})
