/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "control/security_group.h"
#include "control/security_rule.h"
#include "control/subnet.h"
#include "control/zone.h"
#include "store/internet_gateway.h"

TEST(network_seed, makes_the_world_of_a_new_account)
{
    struct world world = world_new();
    struct vpc_rows vpcs;
    struct subnet_rows subnets;
    struct internet_gateway_rows gateways;
    struct security_group_rows groups;

    world_begin(&world);
    assert_int_equal(vpc_row_list(world.store, world.arena, &vpcs), RC_OK);
    assert_int_equal(vpcs.count, 1);
    assert_text_equal(vpcs.at[0].cidr, TEXT("172.31.0.0/16"));
    assert_true(vpcs.at[0].is_default);
    assert_int_equal(subnet_row_list(world.store, world.arena, &subnets), RC_OK);
    assert_int_equal(subnets.count, 2);
    assert_text_equal(subnets.at[0].cidr, TEXT("172.31.0.0/20"));
    assert_text_equal(subnets.at[0].zone, TEXT("us-east-1a"));
    assert_text_equal(subnets.at[1].cidr, TEXT("172.31.16.0/20"));
    assert_text_equal(subnets.at[1].zone, TEXT("us-east-1b"));
    assert_int_equal(subnet_free_addresses(&subnets.at[0]), 4091); /* as AWS says */
    assert_int_equal(internet_gateway_row_list(world.store, world.arena, &gateways), RC_OK);
    assert_int_equal(gateways.count, 1);
    assert_text_equal(gateways.at[0].vpc_id, vpcs.at[0].id);
    assert_int_equal(security_group_row_list(world.store, world.arena, &groups), RC_OK);
    assert_int_equal(groups.count, 1);
    assert_text_equal(groups.at[0].name, TEXT("default"));
    assert_text_equal(groups.at[0].description, TEXT("default VPC security group"));
    world_done(&world);
}

TEST(network_seed, gives_the_default_group_its_two_rules)
{
    struct world world = world_new();
    struct security_group_row group;
    struct security_rule_rows rules;

    world_begin(&world);
    assert_int_equal(
        security_group_find(&world.turn, (struct text){NULL, 0}, TEXT("default"), &group), RC_OK);
    assert_int_equal(security_rule_row_list(world.store, world.arena, group.id, &rules), RC_OK);
    assert_int_equal(rules.count, 2);
    assert_true(rules.at[0].is_egress);
    assert_text_equal(rules.at[0].cidr4, TEXT("0.0.0.0/0"));
    assert_false(rules.at[1].is_egress);
    assert_text_equal(rules.at[1].peer_group_id, group.id);
    assert_text_equal(rules.at[1].protocol, TEXT("-1"));
    world_done(&world);
}

TEST(network_seed, happens_once)
{
    struct world world = world_new();
    static const struct control_config other = {.vpc_cidr = TEXT_INIT("10.0.0.0/16")};
    uint64_t revision = store_revision(world.store);
    struct vpc_rows vpcs;
    char why[256] = "";

    control_free(world.control);
    assert_int_equal(control_new(world.store, &other, 1000, &world.control, why, sizeof(why)),
                     RC_OK);
    assert_int_equal(store_revision(world.store), revision);
    world_begin(&world);
    assert_int_equal(vpc_row_list(world.store, world.arena, &vpcs), RC_OK);
    assert_int_equal(vpcs.count, 1);
    assert_text_equal(vpcs.at[0].cidr, TEXT("172.31.0.0/16"));
    world_done(&world);
}

TEST(control_new, refuses_a_cidr_or_zone_that_makes_no_sense)
{
    static const struct text alien[] = {TEXT_INIT("eu-west-1a")};
    const struct control_config bad[] = {
        {.vpc_cidr = TEXT_INIT("10.0.0.0/8")},
        {.vpc_cidr = TEXT_INIT("10.0.0.0")},
        {.zones = alien, .zone_count = 1},
    };
    const char *const expected[] = {
        "the default VPC cannot be made: The CIDR '10.0.0.0/8' of the default VPC is not a block "
        "of /16 to /24",
        "the default VPC cannot be made: The CIDR '10.0.0.0' of the default VPC is not a block of "
        "/16 to /24",
        "zone eu-west-1a is not us-east-1 and a letter a to f",
    };

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct store *store = NULL;
        struct control *control = NULL;
        char why[256] = "";

        assert_int_equal(store_open(":memory:", &store, why, sizeof(why)), RC_OK);
        assert_int_equal(control_new(store, &bad[i], 1000, &control, why, sizeof(why)), RC_BAD);
        assert_null(control);
        assert_string_equal(why, expected[i]);
        store_free(store);
    }
}

TEST(vpc_find, refuses_malformed_and_unknown_ids)
{
    struct world world = world_new();
    struct vpc_row vpc;
    struct subnet_row subnet;

    world_begin(&world);
    assert_refused(&world, vpc_find(&world.turn, TEXT("vpc-1"), &vpc), "InvalidVpcID.Malformed",
                   "Invalid id: \"vpc-1\" (expecting \"vpc-...\")");
    assert_refused(&world, vpc_find(&world.turn, TEXT("vpc-0123456789abcdef0"), &vpc),
                   "InvalidVpcID.NotFound", "The vpc ID 'vpc-0123456789abcdef0' does not exist");
    assert_refused(&world, subnet_find(&world.turn, TEXT("subnet-12345678"), &subnet),
                   "InvalidSubnetID.NotFound", "The subnet ID 'subnet-12345678' does not exist");
    world_done(&world);
}

TEST(zone_id, shortens_the_region_as_aws_does)
{
    static const struct {
        struct text region, zone, id;
    } cases[] = {
        {TEXT_INIT("us-east-1"), TEXT_INIT("us-east-1a"), TEXT_INIT("use1-az1")},
        {TEXT_INIT("us-east-1"), TEXT_INIT("us-east-1f"), TEXT_INIT("use1-az6")},
        {TEXT_INIT("eu-central-1"), TEXT_INIT("eu-central-1b"), TEXT_INIT("euc1-az2")},
        {TEXT_INIT("ap-southeast-2"), TEXT_INIT("ap-southeast-2c"), TEXT_INIT("apse2-az3")},
        {TEXT_INIT("us-gov-west-1"), TEXT_INIT("us-gov-west-1a"), TEXT_INIT("usgw1-az1")},
        {TEXT_INIT("me-south-1"), TEXT_INIT("me-south-1a"), TEXT_INIT("mes1-az1")},
    };
    struct arena *arena = arena_new(4096, 4096);

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct control_config config = {.region = cases[i].region};
        struct turn turn = {.config = &config, .arena = arena};

        assert_text_equal(zone_id(&turn, cases[i].zone), cases[i].id);
    }
    arena_free(arena);
}

TESTS({
    CASE(network_seed__makes_the_world_of_a_new_account),
    CASE(network_seed__gives_the_default_group_its_two_rules),
    CASE(network_seed__happens_once),
    CASE(control_new__refuses_a_cidr_or_zone_that_makes_no_sense),
    CASE(vpc_find__refuses_malformed_and_unknown_ids),
    CASE(zone_id__shortens_the_region_as_aws_does),
})
