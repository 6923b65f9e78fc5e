/* SPDX-License-Identifier: Apache-2.0 */
#include "snapshot/report.h"

#include "test.h"

TEST(report_encode, is_read_back_the_same)
{
    struct report_target targets[] = {{.group_arn = TEXT("g"),
                                       .id = TEXT("10.0.0.1"),
                                       .port = 80,
                                       .state = TARGET_UNHEALTHY,
                                       .reason = TARGET_REASON_RESPONSE_CODE_MISMATCH,
                                       .detail = 503,
                                       .since_unix_ms = 1234567890123}};
    struct report_counter counters[] = {
        {.metric = "RequestCount", .balancer_id = TEXT("app/lb/1"), .value = UINT64_C(1) << 40}};
    struct report_listener listeners[] = {{.arn = TEXT("l"), .trouble = TEXT("address in use")}};
    const struct report report = {.zone = TEXT("us-east-1a"),
                                  .boot_id = TEXT("b"),
                                  .revision = 9,
                                  .rejected = TEXT("why \"not\""),
                                  .targets = targets,
                                  .target_count = 1,
                                  .counters = counters,
                                  .counter_count = 1,
                                  .listeners = listeners,
                                  .listener_count = 1};
    AUTO(arena) struct arena *arena = arena_new(1024, 1 << 20);
    struct report back;
    struct buf json;

    buf_init(&json, 1 << 16);
    report_encode(&report, &json);
    assert_int_equal(report_decode(buf_text(&json), arena, &back), RC_OK);
    buf_done(&json); /* what was read points into the arena only */

    assert_text_equal(back.zone, report.zone);
    assert_text_equal(back.boot_id, report.boot_id);
    assert_true(back.revision == 9);
    assert_text_equal(back.rejected, report.rejected);
    assert_int_equal(back.target_count, 1);
    assert_text_equal(back.targets[0].group_arn, TEXT("g"));
    assert_int_equal(back.targets[0].state, TARGET_UNHEALTHY);
    assert_int_equal(back.targets[0].reason, TARGET_REASON_RESPONSE_CODE_MISMATCH);
    assert_int_equal(back.targets[0].detail, 503);
    assert_true(back.targets[0].since_unix_ms == 1234567890123);
    assert_int_equal(back.counter_count, 1);
    assert_string_equal(back.counters[0].metric, "RequestCount");
    assert_true(back.counters[0].value == UINT64_C(1) << 40);
    assert_text_equal(back.counters[0].group_id, TEXT(""));
    assert_text_equal(back.listeners[0].trouble, TEXT("address in use"));
}

TEST(report_decode, refuses_unknown_states_and_leaves_out_untouched)
{
    AUTO(arena) struct arena *arena = arena_new(1024, 1 << 20);
    struct report report = {.revision = 3};

    assert_int_equal(report_decode(TEXT("{\"targets\":[{\"group_arn\":\"g\",\"id\":\"x\","
                                        "\"port\":1,\"state\":\"fine\"}]}"),
                                   arena, &report),
                     RC_BAD);
    assert_true(report.revision == 3);
}

TEST(report_decode, stops_at_the_ceiling_of_its_arena)
{
    AUTO(arena) struct arena *arena = arena_new(64, 64);
    struct report report;

    assert_int_equal(report_decode(TEXT("{\"zone\":\"0123456789012345678901234567890123456789"
                                        "0123456789012345678901234567890123456789\"}"),
                                   arena, &report),
                     RC_LIMIT);
}

TESTS({
    CASE(report_encode__is_read_back_the_same),
    CASE(report_decode__refuses_unknown_states_and_leaves_out_untouched),
    CASE(report_decode__stops_at_the_ceiling_of_its_arena),
})
