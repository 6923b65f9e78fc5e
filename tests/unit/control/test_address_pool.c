/* SPDX-License-Identifier: Apache-2.0 */
#include "elb_world.h"

#include "control/address_pool.h"

TEST(address_pool_check, takes_blocks_and_lists_only)
{
    static const char *const good[] = {"127.0.80.0/24", "10.0.0.0/28", "203.0.113.10",
                                       "203.0.113.10, 203.0.113.11"};
    static const char *const bad[] = {"",        "10.0.0.0/29", "10.0.0.1/24", "10.0.0.1,",
                                      "a.b.c.d", "10.0.0",      "10.0.0.0/33"};
    char why[256];

    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        assert_int_equal(address_pool_check(text_of(good[i]), why, sizeof(why)), RC_OK);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_int_equal(address_pool_check(text_of(bad[i]), why, sizeof(why)), RC_BAD);
    }
}

TEST(address_pool_list, leaves_out_the_first_ten_and_the_last)
{
    struct world world = world_new();
    uint32_t *addresses;
    size_t count;

    world_begin(&world);
    assert_int_equal(address_pool_list(&world.turn, TEXT("127.0.80.0/24"), &addresses, &count),
                     RC_OK);
    assert_int_equal(count, 245);
    assert_int_equal(addresses[0], 0x7f00500a);
    assert_int_equal(addresses[244], 0x7f0050fe);
    world_done(&world);
}

TEST(address_pool, shares_a_small_pool_by_zone_and_refuses_a_port_twice)
{
    struct world world = world_new();

    world.control->config.public_addresses = TEXT("203.0.113.10,203.0.113.11");
    world_begin(&world);
    const struct balancer first = elb_balancer(&world, "first");
    const struct balancer second = elb_balancer(&world, "second");
    assert_text_equal(first.zones.at[0].address, TEXT("203.0.113.10"));
    assert_text_equal(first.zones.at[1].address, TEXT("203.0.113.11"));
    assert_text_equal(second.zones.at[0].address, first.zones.at[0].address);
    assert_text_equal(second.zones.at[1].address, first.zones.at[1].address);

    const struct target_group one = elb_group(&world, "one");
    const struct target_group two = elb_group(&world, "two");
    (void)elb_listener(&world, first.row.arn, 80, one.row.arn);
    (void)elb_listener(&world, second.row.arn, 81, two.row.arn);
    elb_keep(&world);
    const struct listener_new clash = {.balancer = second.row.arn,
                                       .protocol = TEXT("HTTP"),
                                       .port = 80,
                                       .actions = elb_forward(&world, two.row.arn)};
    struct listener listener;
    assert_int_not_equal(listener_create(&world.turn, &clash, &listener), RC_OK);
    assert_string_equal(world.turn.refusal.code, "InvalidConfigurationRequest");
    assert_non_null(strstr(world.turn.refusal.message, "which already listens on port '80'"));
    world_done(&world);
}

TEST(address_pool, gives_one_address_to_both_zones_when_there_is_no_other)
{
    struct world world = world_new();

    world.control->config.public_addresses = TEXT("203.0.113.10");
    world_begin(&world);
    const struct balancer lb = elb_balancer(&world, "only");
    assert_text_equal(lb.zones.at[0].address, lb.zones.at[1].address);
    world_done(&world);
}

TESTS({
    CASE(address_pool_check__takes_blocks_and_lists_only),
    CASE(address_pool_list__leaves_out_the_first_ten_and_the_last),
    CASE(address_pool__shares_a_small_pool_by_zone_and_refuses_a_port_twice),
    CASE(address_pool__gives_one_address_to_both_zones_when_there_is_no_other),
})
