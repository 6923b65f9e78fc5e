/* SPDX-License-Identifier: Apache-2.0 */
#include "elb_world.h"

#include "control/board.h"

static void assert_health(const struct target_health *health, enum target_state state,
                          const char *reason, const char *description)
{
    assert_int_equal(health->state, state);
    assert_text_equal(health->reason, text_of(reason));
    assert_text_equal(health->description, text_of(description));
}

/* A node of zone a reports the one target. */
static void report(struct world *world, struct text group, enum target_state state)
{
    struct report_target target = {
        .group_arn = group, .id = TEXT("127.0.0.1"), .port = 8000, .state = state};
    const struct report said = {.zone = TEXT("us-east-1a"),
                                .boot_id = TEXT("b"),
                                .revision = 1,
                                .targets = &target,
                                .target_count = 1};
    struct buf buf;

    if (state == TARGET_UNHEALTHY) {
        target.reason = TARGET_REASON_RESPONSE_CODE_MISMATCH;
        target.detail = 404;
    }
    buf_init(&buf, 1 << 20);
    report_encode(&said, &buf);
    assert_int_equal(board_take(world->control->board, said.zone, buf_text(&buf)), RC_OK);
    buf_done(&buf);
}

TEST(target, is_unused_then_initial_then_what_nodes_say)
{
    struct world world = world_new();
    struct target_health health;

    world_begin(&world);
    const struct balancer lb = elb_balancer(&world, "news");
    const struct target_group group = elb_group(&world, "tg");
    assert_int_equal(elb_register(&world, group.row.arn, "127.0.0.1", 0, ""), RC_OK);
    health = elb_health(&world, group.row.arn);
    assert_health(&health, TARGET_UNUSED, "Target.NotInUse",
                  "Target group is not configured to receive traffic from the load balancer");
    assert_text_equal(health.health_port, TEXT("8000"));

    (void)elb_listener(&world, lb.row.arn, 80, group.row.arn);
    health = elb_health(&world, group.row.arn);
    assert_health(&health, TARGET_INITIAL, "Elb.RegistrationInProgress",
                  "Target registration is in progress");
    report(&world, group.row.arn, TARGET_HEALTHY);
    health = elb_health(&world, group.row.arn);
    assert_health(&health, TARGET_HEALTHY, "", "");
    report(&world, group.row.arn, TARGET_UNHEALTHY);
    health = elb_health(&world, group.row.arn);
    assert_health(&health, TARGET_UNHEALTHY, "Target.ResponseCodeMismatch",
                  "Health checks failed with these codes: [404]");
    world_done(&world);
}

TEST(target, drains_for_the_whole_delay_and_is_not_registered_then)
{
    const struct target_name name = {TEXT_INIT("127.0.0.1"), 8000, {NULL, 0}};
    struct world world = world_new();
    struct target_healths healths;

    world_begin(&world);
    const struct target_group group = elb_group(&world, "tg");
    assert_int_equal(target_register(&world.turn, group.row.arn, &name, 1), RC_OK);
    assert_int_equal(target_deregister(&world.turn, group.row.arn, &name, 1), RC_OK);
    world.turn.now_unix_ms += 299999;
    struct target_health health = elb_health(&world, group.row.arn);
    assert_health(&health, TARGET_DRAINING, "Target.DeregistrationInProgress",
                  "Target deregistration is in progress");
    elb_keep(&world);
    assert_refused(&world, target_register(&world.turn, group.row.arn, &name, 1), "InvalidTarget",
                   "The following targets are deregistering and cannot be registered until their "
                   "deregistration delay has ended: '127.0.0.1:8000'");

    world.turn.now_unix_ms += 300000;
    assert_int_equal(target_describe(&world.turn, group.row.arn, NULL, 0, &healths), RC_OK);
    assert_int_equal(healths.count, 0);
    assert_int_equal(target_describe(&world.turn, group.row.arn, &name, 1, &healths), RC_OK);
    assert_health(&healths.at[0], TARGET_UNUSED, "Target.NotRegistered",
                  "Target is not registered to the target group");
    world_done(&world);
}

TEST(target, is_gone_at_once_without_a_delay_and_absent_ones_are_fine)
{
    const struct attribute none = {TEXT_INIT("deregistration_delay.timeout_seconds"),
                                   TEXT_INIT("0")};
    const struct target_name name = {TEXT_INIT("127.0.0.1"), 0, {NULL, 0}};
    struct world world = world_new();
    struct target_healths healths;
    struct attribute_set set;

    world_begin(&world);
    const struct target_group group = elb_group(&world, "tg");
    assert_int_equal(target_deregister(&world.turn, group.row.arn, &name, 1), RC_OK);
    assert_int_equal(target_group_set_attributes(&world.turn, group.row.arn, &none, 1, &set),
                     RC_OK);
    assert_int_equal(target_register(&world.turn, group.row.arn, &name, 1), RC_OK);
    assert_int_equal(target_deregister(&world.turn, group.row.arn, &name, 1), RC_OK);
    assert_int_equal(target_describe(&world.turn, group.row.arn, NULL, 0, &healths), RC_OK);
    assert_int_equal(healths.count, 0);
    assert_int_equal(target_register(&world.turn, group.row.arn, &name, 1), RC_OK);
    world_done(&world);
}

TEST(target_register, refuses_addresses_that_aws_refuses)
{
    static const struct {
        const char *id, *zone, *code, *message;
    } cases[] = {
        {"10.0.0", "", "ValidationError", "The IP address '10.0.0' is not a valid IPv4 address"},
        {"i-0123456789abcdef0", "", "ValidationError",
         "The IP address 'i-0123456789abcdef0' is not a valid IPv4 address"},
        {"8.8.8.8", "all", "InvalidTarget",
         "The IP address '8.8.8.8' is not from the VPC of the target group, nor from 10.0.0.0/8, "
         "100.64.0.0/10, 172.16.0.0/12 or 192.168.0.0/16"},
        {"10.0.0.1", "", "ValidationError",
         "The Availability Zone is required for IP address '10.0.0.1' because it is not in the "
         "VPC"},
        {"10.0.0.1", "us-east-1z", "ValidationError",
         "Availability Zone 'us-east-1z' is not valid"},
        {"172.31.16.9", "all", "ValidationError",
         "The IP address '172.31.16.9' is within the VPC, and cannot have its Availability Zone "
         "overridden to 'all' from 'us-east-1b'"},
        {"127.0.80.10", "", "InvalidTarget",
         "The IP address '127.0.80.10' cannot be used as a target, as it is in use by a load "
         "balancer"},
    };
    struct world world = world_new();

    world_begin(&world);
    (void)elb_balancer(&world, "news");
    const struct target_group group = elb_group(&world, "tg");
    elb_keep(&world);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_refused(&world, elb_register(&world, group.row.arn, cases[i].id, 0, cases[i].zone),
                       cases[i].code, cases[i].message);
    }
    world_done(&world);
}

TEST(target_register, finds_the_zone_of_an_address_by_itself)
{
    struct world world = world_new();

    world_begin(&world);
    const struct target_group group = elb_group(&world, "tg");
    assert_int_equal(elb_register(&world, group.row.arn, "172.31.16.9", 0, ""), RC_OK);
    assert_text_equal(elb_health(&world, group.row.arn).zone, TEXT("us-east-1b"));
    world_done(&world);
}

TEST(target_register, is_all_or_nothing_and_stops_at_a_thousand)
{
    static const struct target_name names[] = {{TEXT_INIT("127.0.0.1"), 0, {NULL, 0}},
                                               {TEXT_INIT("8.8.8.8"), 0, {NULL, 0}}};
    struct world world = world_new();
    struct target_healths healths;

    world_begin(&world);
    const struct target_group group = elb_group(&world, "tg");
    elb_keep(&world);
    assert_int_not_equal(target_register(&world.turn, group.row.arn, names, 2), RC_OK);
    world_again(&world);
    assert_int_equal(target_describe(&world.turn, group.row.arn, NULL, 0, &healths), RC_OK);
    assert_int_equal(healths.count, 0);

    struct target_name *many = ARENA_ARRAY(world.arena, struct target_name, 1000);
    for (int64_t i = 0; i < 1000; i++) {
        many[i] = (struct target_name){TEXT("127.0.0.1"), i + 1, TEXT("")};
    }
    assert_int_equal(target_register(&world.turn, group.row.arn, many, 1000), RC_OK);
    elb_keep(&world);
    assert_int_equal(elb_register(&world, group.row.arn, "127.0.0.1", 7, ""), RC_OK);
    assert_refused(&world, elb_register(&world, group.row.arn, "127.0.0.2", 1, ""),
                   "TooManyTargets",
                   "You have reached the maximum number of targets per target group: [1000]");
    world_done(&world);
}

TEST(target_register, takes_instances_that_the_configuration_names)
{
    static const struct control_instance instances[] = {
        {TEXT_INIT("i-0123456789abcdef0"), TEXT_INIT("127.0.0.9")}};
    struct world world = world_new();
    struct target_group group;

    world.control->config.instances = instances;
    world.control->config.instance_count = 1;
    world_begin(&world);
    struct target_group_new wanted = elb_group_new(&world, "tg");
    wanted.target_type = TEXT("instance");
    assert_int_equal(target_group_create(&world.turn, &wanted, &group), RC_OK);
    elb_keep(&world);
    assert_int_equal(elb_register(&world, group.row.arn, "i-0123456789abcdef0", 0, ""), RC_OK);
    assert_true(text_is_empty(elb_health(&world, group.row.arn).zone));
    assert_refused(&world, elb_register(&world, group.row.arn, "i-0123456789abcdef1", 0, ""),
                   "InvalidTarget",
                   "The following targets are not in a running state and cannot be registered: "
                   "'i-0123456789abcdef1'");
    assert_refused(&world, elb_register(&world, group.row.arn, "127.0.0.1", 0, ""),
                   "ValidationError", "Instance ID '127.0.0.1' is not valid");
    world_done(&world);
}

TESTS({
    CASE(target__is_unused_then_initial_then_what_nodes_say),
    CASE(target__drains_for_the_whole_delay_and_is_not_registered_then),
    CASE(target__is_gone_at_once_without_a_delay_and_absent_ones_are_fine),
    CASE(target_register__refuses_addresses_that_aws_refuses),
    CASE(target_register__finds_the_zone_of_an_address_by_itself),
    CASE(target_register__is_all_or_nothing_and_stops_at_a_thousand),
    CASE(target_register__takes_instances_that_the_configuration_names),
})
