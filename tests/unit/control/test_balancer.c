/* SPDX-License-Identifier: Apache-2.0 */
#include "elb_world.h"

#include "control/elb_arn.h"
#include "control/security_group.h"
#include "store/network_interface.h"

static struct balancer_new wanted_in(struct world *world, const char *name)
{
    struct text *subnets = ARENA_ARRAY(world->arena, struct text, 2);

    elb_subnets(world, subnets);
    return (struct balancer_new){.name = text_of(name), .subnets = subnets, .subnet_count = 2};
}

TEST(balancer_create, gives_names_zones_and_the_default_group)
{
    struct world world = world_new();
    struct network_interface_rows interfaces;

    world_begin(&world);
    const struct balancer lb = elb_balancer(&world, "news");
    assert_true(elb_arn_is(&world.turn, lb.row.arn, ELB_BALANCER));
    assert_true(text_starts(lb.row.id, TEXT("app/news/")));
    assert_text_equal(elb_arn_id(lb.row.arn), lb.row.id);
    assert_true(text_starts(lb.row.dns_name, TEXT("news-")));
    assert_true(text_ends(lb.row.dns_name, TEXT(".us-east-1.elb.internal")));
    assert_int_equal(lb.zones.count, 2);
    assert_text_equal(lb.zones.at[0].zone, TEXT("us-east-1a"));
    assert_text_equal(lb.zones.at[0].address, TEXT("127.0.80.10"));
    assert_text_equal(lb.zones.at[1].address, TEXT("127.0.80.11"));
    assert_int_equal(lb.groups.count, 1);
    assert_int_equal(
        network_interface_row_list_of(world.store, world.arena, lb.row.arn, &interfaces), RC_OK);
    assert_int_equal(interfaces.count, 2);
    assert_true(text_starts(interfaces.at[0].description, TEXT("ELB app/news/")));

    struct balancer_new internal = wanted_in(&world, "inside");
    struct balancer other;
    internal.scheme = TEXT("internal");
    assert_int_equal(balancer_create(&world.turn, &internal, &other), RC_OK);
    assert_true(text_starts(other.row.dns_name, TEXT("internal-inside-")));
    assert_text_equal(other.zones.at[0].address, TEXT("127.0.88.10"));
    world_done(&world);
}

TEST(balancer_create, gives_the_existing_one_when_nothing_differs)
{
    struct world world = world_new();
    struct balancer again;

    world_begin(&world);
    const struct balancer lb = elb_balancer(&world, "news");
    elb_keep(&world);
    struct balancer_new wanted = wanted_in(&world, "news");
    assert_int_equal(balancer_create(&world.turn, &wanted, &again), RC_OK);
    assert_text_equal(again.row.arn, lb.row.arn);
    wanted.scheme = TEXT("internal");
    assert_refused(&world, balancer_create(&world.turn, &wanted, &again),
                   "DuplicateLoadBalancerName",
                   "A load balancer with the same name 'news' exists, but with different settings");
    world_done(&world);
}

TEST(balancer_create, refuses_names_that_aws_refuses)
{
    static const struct {
        const char *name, *message;
    } cases[] = {
        {"an-even-longer-name-than-aws-takes",
         "Load balancer name 'an-even-longer-name-than-aws-takes' cannot be longer than '32' "
         "characters"},
        {"a_b", "Load balancer name 'a_b' can only contain characters that are alphanumeric "
                "characters or hyphens(-)"},
        {"-a", "Load balancer name '-a' cannot begin or end with '-'"},
        {"a-", "Load balancer name 'a-' cannot begin or end with '-'"},
        {"internal-a", "Load balancer name 'internal-a' cannot begin with 'internal-'"},
    };
    struct world world = world_new();

    world_begin(&world);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct balancer_new wanted = wanted_in(&world, cases[i].name);
        struct balancer lb;

        assert_refused(&world, balancer_create(&world.turn, &wanted, &lb), "ValidationError",
                       cases[i].message);
    }
    world_done(&world);
}

TEST(balancer_create, wants_two_zones_that_are_there)
{
    struct world world = world_new();
    struct balancer lb;

    world_begin(&world);
    struct balancer_new wanted = wanted_in(&world, "news");
    wanted.subnet_count = 1;
    assert_refused(&world, balancer_create(&world.turn, &wanted, &lb), "ValidationError",
                   "At least two subnets in two different Availability Zones must be specified");
    const struct text same[] = {wanted.subnets[0], wanted.subnets[0]};
    wanted.subnets = same;
    wanted.subnet_count = 2;
    assert_refused(&world, balancer_create(&world.turn, &wanted, &lb),
                   "InvalidConfigurationRequest",
                   "A load balancer cannot be attached to multiple subnets in the same "
                   "Availability Zone");
    const struct text absent[] = {same[0], TEXT("subnet-0123456789abcdef0")};
    wanted.subnets = absent;
    assert_refused(&world, balancer_create(&world.turn, &wanted, &lb), "SubnetNotFound",
                   "The subnet ID 'subnet-0123456789abcdef0' does not exist");
    world_done(&world);
}

TEST(balancer_create, refuses_what_it_cannot_be)
{
    const struct text nobody = TEXT("sg-0123456789abcdef0");
    struct world world = world_new();
    struct balancer lb;

    world_begin(&world);
    struct balancer_new wanted = wanted_in(&world, "news");
    wanted.type = TEXT("network");
    assert_refused(&world, balancer_create(&world.turn, &wanted, &lb),
                   "InvalidConfigurationRequest",
                   "Load balancers of type 'network' are not supported: openalb is an Application "
                   "Load Balancer");
    wanted = wanted_in(&world, "news");
    wanted.ip_address_type = TEXT("dualstack");
    assert_refused(&world, balancer_create(&world.turn, &wanted, &lb),
                   "InvalidConfigurationRequest",
                   "You must specify subnets with an associated IPv6 CIDR block for load balancers "
                   "with IP address type 'dualstack'");
    wanted = wanted_in(&world, "news");
    wanted.security_groups = &nobody;
    wanted.security_group_count = 1;
    assert_refused(&world, balancer_create(&world.turn, &wanted, &lb), "InvalidSecurityGroup",
                   "The security group 'sg-0123456789abcdef0' does not exist");
    world_done(&world);
}

TEST(balancer_create, stops_at_fifty)
{
    struct world world = world_new();
    struct balancer lb;

    world_begin(&world);
    for (int i = 0; i < 50; i++) {
        char name[16];

        (void)snprintf(name, sizeof(name), "lb-%d", i);
        lb = elb_balancer(&world, name);
    }
    assert_text_equal(lb.zones.at[1].address, TEXT("127.0.80.109"));
    const struct balancer_new wanted = wanted_in(&world, "one-more");
    assert_refused(&world, balancer_create(&world.turn, &wanted, &lb), "TooManyLoadBalancers",
                   "The maximum number of load balancers has been reached");
    world_done(&world);
}

TEST(balancer_delete, is_fine_with_an_absent_one_and_refuses_a_protected_one)
{
    const struct attribute on = {TEXT_INIT("deletion_protection.enabled"), TEXT_INIT("true")};
    struct world world = world_new();
    struct network_interface_rows interfaces;
    struct attribute_set set;
    char message[512];

    world_begin(&world);
    const struct balancer lb = elb_balancer(&world, "news");
    const struct target_group group = elb_group(&world, "tg");
    (void)elb_listener(&world, lb.row.arn, 80, group.row.arn);
    assert_int_equal(balancer_set_attributes(&world.turn, lb.row.arn, &on, 1, &set), RC_OK);
    elb_keep(&world);
    (void)snprintf(message, sizeof(message),
                   "Load balancer '%.*s' cannot be deleted because deletion protection is enabled",
                   TEXT_ARG(lb.row.arn));
    assert_refused(&world, balancer_delete(&world.turn, lb.row.arn), "OperationNotPermitted",
                   message);

    const struct attribute off = {TEXT("deletion_protection.enabled"), TEXT("false")};
    assert_int_equal(balancer_set_attributes(&world.turn, lb.row.arn, &off, 1, &set), RC_OK);
    assert_int_equal(balancer_delete(&world.turn, lb.row.arn), RC_OK);
    assert_int_equal(network_interface_row_list(world.store, world.arena, &interfaces), RC_OK);
    assert_int_equal(interfaces.count, 0);
    assert_int_equal(target_group_delete(&world.turn, group.row.arn), RC_OK);
    assert_int_equal(balancer_delete(&world.turn, lb.row.arn), RC_OK);
    assert_refused(&world, balancer_delete(&world.turn, TEXT("arn:x")), "ValidationError",
                   "'arn:x' is not a valid load balancer ARN");
    world_done(&world);
}

TEST(balancer_find_all, tells_a_bad_arn_an_absent_one_and_an_absent_name_apart)
{
    static const char absent[] = "arn:aws:elasticloadbalancing:us-east-1:123456789012:"
                                 "loadbalancer/app/a/0123456789abcdef";
    static const char foreign[] = "arn:aws:elasticloadbalancing:us-east-1:123456789013:"
                                  "loadbalancer/app/a/0123456789abcdef";
    struct world world = world_new();
    struct balancers found;
    char message[256];

    world_begin(&world);
    struct text arn = text_of(absent);
    const struct text name = TEXT("nobody");
    assert_refused(&world, balancer_find_all(&world.turn, &arn, 1, NULL, 0, &found),
                   "LoadBalancerNotFound", "One or more load balancers not found");
    assert_refused(&world, balancer_find_all(&world.turn, NULL, 0, &name, 1, &found),
                   "LoadBalancerNotFound", "Load balancers '[nobody]' not found");
    arn = text_of(foreign);
    (void)snprintf(message, sizeof(message), "'%s' is not a valid load balancer ARN", foreign);
    assert_refused(&world, balancer_find_all(&world.turn, &arn, 1, NULL, 0, &found),
                   "ValidationError", message);
    world_done(&world);
}

TEST(balancer_set, replaces_subnets_and_groups)
{
    struct world world = world_new();
    struct security_group_row group;
    struct balancer changed;

    world_begin(&world);
    const struct balancer lb = elb_balancer(&world, "news");
    const struct security_group_new wanted = {.name = TEXT("mine"), .description = TEXT("d")};
    assert_int_equal(security_group_create(&world.turn, &wanted, &group), RC_OK);
    elb_keep(&world);

    assert_int_equal(balancer_set_security_groups(&world.turn, lb.row.arn, &group.id, 1, &changed),
                     RC_OK);
    assert_int_equal(changed.groups.count, 1);
    assert_text_equal(changed.groups.at[0].security_group_id, group.id);
    assert_int_equal(security_group_delete(&world.turn, &group), RC_CONFLICT);
    world_again(&world);

    struct text subnets[2];
    elb_subnets(&world, subnets);
    assert_int_equal(balancer_set_subnets(&world.turn, lb.row.arn, subnets, 2, &changed), RC_OK);
    assert_text_equal(changed.zones.at[0].address, lb.zones.at[0].address);
    assert_refused(&world, balancer_set_subnets(&world.turn, lb.row.arn, subnets, 1, &changed),
                   "ValidationError",
                   "At least two subnets in two different Availability Zones must be specified");
    world_done(&world);
}

TEST(balancer_hosted_zone, is_aws_s_for_the_region)
{
    assert_text_equal(balancer_hosted_zone(TEXT("us-east-1")), TEXT("Z35SXDOTRQ7X7K"));
    assert_text_equal(balancer_hosted_zone(TEXT("eu-central-1")), TEXT("Z215JYRZR1TBD5"));
    assert_text_equal(balancer_hosted_zone(TEXT("mx-central-1")), TEXT("Z023552324OKD1BB28BH5"));
    assert_text_equal(balancer_hosted_zone(TEXT("ap-southeast-4")), TEXT("Z09517862IB2WZLPXG76F"));
}

TESTS({
    CASE(balancer_create__gives_names_zones_and_the_default_group),
    CASE(balancer_create__gives_the_existing_one_when_nothing_differs),
    CASE(balancer_create__refuses_names_that_aws_refuses),
    CASE(balancer_create__wants_two_zones_that_are_there),
    CASE(balancer_create__refuses_what_it_cannot_be),
    CASE(balancer_create__stops_at_fifty),
    CASE(balancer_delete__is_fine_with_an_absent_one_and_refuses_a_protected_one),
    CASE(balancer_find_all__tells_a_bad_arn_an_absent_one_and_an_absent_name_apart),
    CASE(balancer_set__replaces_subnets_and_groups),
    CASE(balancer_hosted_zone__is_aws_s_for_the_region),
})
