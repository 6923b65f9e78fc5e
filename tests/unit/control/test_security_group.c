/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "control/network_interface.h"
#include "control/quota.h"
#include "control/security_group.h"
#include "control/security_rule.h"
#include "control/subnet.h"
#include "store/network_interface.h"

static const struct text none = {NULL, 0};

static struct security_group_row make_group(struct world *world, const char *name)
{
    struct security_group_new wanted = {.name = text_of(name), .description = TEXT("for tests")};
    struct security_group_row group;

    assert_int_equal(security_group_create(&world->turn, &wanted, &group), RC_OK);
    return group;
}

static void keep(struct world *world)
{
    assert_int_equal(turn_end(&world->turn, RC_OK), RC_OK);
    world_begin(world);
}

static enum rc create(struct world *world, const char *name, const char *description,
                      const char *vpc)
{
    struct security_group_new wanted = {
        .name = text_of(name), .description = text_of(description), .vpc_id = text_of(vpc)};
    struct security_group_row group;

    return security_group_create(&world->turn, &wanted, &group);
}

TEST(security_group_create, lets_everything_out_and_nothing_in)
{
    struct world world = world_new();
    struct security_group_row group;
    struct security_rule_rows rules;

    world_begin(&world);
    group = make_group(&world, "web");
    assert_text_equal(group.vpc_id, world_vpc(&world).id);
    assert_int_equal(security_rule_row_list(world.store, world.arena, group.id, &rules), RC_OK);
    assert_int_equal(rules.count, 1);
    assert_true(rules.at[0].is_egress);
    assert_text_equal(rules.at[0].protocol, TEXT("-1"));
    assert_text_equal(rules.at[0].cidr4, TEXT("0.0.0.0/0"));
    assert_int_equal(rules.at[0].from_port, -1);
    world_done(&world);
}

TEST(security_group_create, refuses_in_the_words_of_aws)
{
    struct world world = world_new();
    struct text vpc;
    char expected[256];
    char long_text[300];

    world_begin(&world);
    vpc = world_vpc(&world).id;
    (void)make_group(&world, "web");
    keep(&world);
    (void)snprintf(expected, sizeof(expected),
                   "The security group 'web' already exists for VPC '%.*s'", TEXT_ARG(vpc));
    assert_refused(&world, create(&world, "web", "d", NULL), "InvalidGroup.Duplicate", expected);
    assert_refused(&world, create(&world, "x", "d", "vpc-00000000000000000"),
                   "InvalidVpcID.NotFound", "The vpc ID 'vpc-00000000000000000' does not exist");
    assert_refused(&world, create(&world, NULL, "d", NULL), "MissingParameter",
                   "The request must contain the parameter GroupName");
    assert_refused(&world, create(&world, "x", NULL, NULL), "MissingParameter",
                   "The request must contain the parameter GroupDescription");
    assert_refused(&world, create(&world, "sg-x", "d", NULL), "InvalidParameterValue",
                   "Group names may not be in the format sg-*.");
    assert_refused(&world, create(&world, "default", "d", NULL), "InvalidParameterValue",
                   "Cannot use reserved security group name: default");
    assert_refused(&world, create(&world, "x", "it's", NULL), "InvalidParameterValue",
                   "Invalid security group description. Valid descriptions are strings less than "
                   "256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*");
    memset(long_text, 'a', sizeof(long_text));
    long_text[255] = '\0';
    assert_int_equal(create(&world, long_text, "d", NULL), RC_OK);
    long_text[255] = 'a';
    long_text[256] = '\0';
    assert_int_equal(create(&world, long_text, "d", NULL), RC_BAD);
    world_done(&world);
}

TEST(security_group_find, takes_an_id_or_a_name)
{
    struct world world = world_new();
    struct security_group_row made;
    struct security_group_row found;
    char expected[256];

    world_begin(&world);
    made = make_group(&world, "web");
    keep(&world);
    assert_int_equal(security_group_find(&world.turn, made.id, none, &found), RC_OK);
    assert_text_equal(found.name, TEXT("web"));
    assert_int_equal(security_group_find(&world.turn, none, TEXT("web"), &found), RC_OK);
    assert_text_equal(found.id, made.id);
    assert_refused(&world, security_group_find(&world.turn, TEXT("web"), none, &found),
                   "InvalidGroupId.Malformed", "Invalid id: \"web\" (expecting \"sg-...\")");
    assert_refused(&world, security_group_find(&world.turn, TEXT("sg-12345678"), none, &found),
                   "InvalidGroup.NotFound", "The security group 'sg-12345678' does not exist");
    assert_refused(&world, security_group_find(&world.turn, none, none, &found), "MissingParameter",
                   "The request must contain the parameter groupName or groupId");
    assert_refused(&world, security_group_find(&world.turn, made.id, TEXT("web"), &found),
                   "InvalidParameterCombination",
                   "The parameter 'groupName' may not be used in combination with 'groupId'");
    (void)snprintf(expected, sizeof(expected),
                   "The security group 'nope' does not exist in default VPC '%.*s'",
                   TEXT_ARG(made.vpc_id));
    assert_refused(&world, security_group_find(&world.turn, none, TEXT("nope"), &found),
                   "InvalidGroup.NotFound", expected);
    world_done(&world);
}

TEST(security_group_delete, keeps_the_default_one)
{
    struct world world = world_new();
    struct security_group_row group;
    char expected[256];

    world_begin(&world);
    assert_int_equal(security_group_find(&world.turn, none, TEXT("default"), &group), RC_OK);
    (void)snprintf(expected, sizeof(expected),
                   "the specified group: \"%.*s\" name: \"default\" cannot be deleted by a user",
                   TEXT_ARG(group.id));
    assert_refused(&world, security_group_delete(&world.turn, &group), "CannotDelete", expected);
    world_done(&world);
}

TEST(security_group_delete, refuses_what_another_group_names_but_not_what_names_itself)
{
    struct world world = world_new();
    struct security_group_row balancer;
    struct security_group_row service;
    struct permission permission = {.protocol = TEXT("-1"), .peer_kind = PEER_GROUP};
    struct security_rule_rows rules;
    char expected[256];

    world_begin(&world);
    balancer = make_group(&world, "balancer");
    service = make_group(&world, "service");
    permission.peer = balancer.id;
    assert_int_equal(
        security_rule_authorize(&world.turn, &service, false, &permission, 1, NULL, 0, &rules),
        RC_OK);
    assert_int_equal(
        security_rule_authorize(&world.turn, &balancer, false, &permission, 1, NULL, 0, &rules),
        RC_OK);
    keep(&world);
    (void)snprintf(expected, sizeof(expected), "resource %.*s has a dependent object",
                   TEXT_ARG(balancer.id));
    assert_refused(&world, security_group_delete(&world.turn, &balancer), "DependencyViolation",
                   expected);
    assert_int_equal(security_rule_row_list(world.store, world.arena, balancer.id, &rules), RC_OK);
    assert_int_equal(rules.count, 2); /* nothing of it is gone */
    assert_int_equal(security_group_delete(&world.turn, &service), RC_OK);
    assert_int_equal(security_group_delete(&world.turn, &balancer), RC_OK);
    assert_int_equal(security_group_row_get(world.store, world.arena, balancer.id, &service),
                     RC_ABSENT);
    world_done(&world);
}

TEST(security_group_delete, refuses_what_a_load_balancer_uses)
{
    struct world world = world_new();
    struct security_group_row group;
    struct subnet_rows subnets;
    struct network_interface_new interface = {.balancer = TEXT("arn:lb"),
                                              .description = TEXT("ELB app/x/1")};
    char expected[256];

    world_begin(&world);
    group = make_group(&world, "web");
    assert_int_equal(subnet_row_list(world.store, world.arena, &subnets), RC_OK);
    interface.subnet_id = subnets.at[0].id;
    interface.group_ids = &group.id;
    interface.group_count = 1;
    assert_int_equal(network_interface_create(&world.turn, &interface, NULL), RC_OK);
    keep(&world);
    (void)snprintf(expected, sizeof(expected), "resource %.*s has a dependent object",
                   TEXT_ARG(group.id));
    assert_refused(&world, security_group_delete(&world.turn, &group), "DependencyViolation",
                   expected);
    assert_int_equal(network_interface_delete(&world.turn, TEXT("arn:lb"), none), RC_OK);
    assert_int_equal(security_group_delete(&world.turn, &group), RC_OK);
    world_done(&world);
}

TEST(network_interface, takes_addresses_of_its_subnet_in_order_and_again)
{
    struct world world = world_new();
    struct subnet_rows subnets;
    struct network_interface_rows rows;
    struct network_interface_new interface = {.description = TEXT("ELB app/x/1")};
    struct text first;
    struct text second;

    world_begin(&world);
    assert_int_equal(subnet_row_list(world.store, world.arena, &subnets), RC_OK);
    interface.subnet_id = subnets.at[1].id;
    interface.balancer = TEXT("arn:one");
    assert_int_equal(network_interface_create(&world.turn, &interface, &first), RC_OK);
    interface.balancer = TEXT("arn:two");
    assert_int_equal(network_interface_create(&world.turn, &interface, &second), RC_OK);
    assert_text_equal(first, TEXT("172.31.16.4"));
    assert_text_equal(second, TEXT("172.31.16.5"));
    assert_int_equal(
        network_interface_row_list_of(world.store, world.arena, TEXT("arn:one"), &rows), RC_OK);
    assert_int_equal(rows.count, 1);
    assert_text_equal(rows.at[0].zone, TEXT("us-east-1b"));
    assert_text_equal(rows.at[0].requester, TEXT("amazon-elb"));
    assert_int_equal(subnet_row_list(world.store, world.arena, &subnets), RC_OK);
    assert_int_equal(subnet_free_addresses(&subnets.at[1]), 4089);
    assert_int_equal(network_interface_delete(&world.turn, TEXT("arn:one"), none), RC_OK);
    interface.balancer = TEXT("arn:three");
    assert_int_equal(network_interface_create(&world.turn, &interface, &first), RC_OK);
    assert_text_equal(first, TEXT("172.31.16.4"));
    world_done(&world);
}

TESTS({
    CASE(security_group_create__lets_everything_out_and_nothing_in),
    CASE(security_group_create__refuses_in_the_words_of_aws),
    CASE(security_group_find__takes_an_id_or_a_name),
    CASE(security_group_delete__keeps_the_default_one),
    CASE(security_group_delete__refuses_what_another_group_names_but_not_what_names_itself),
    CASE(security_group_delete__refuses_what_a_load_balancer_uses),
    CASE(network_interface__takes_addresses_of_its_subnet_in_order_and_again),
})
