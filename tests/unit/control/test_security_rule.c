/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "control/ingress.h"
#include "control/network_interface.h"
#include "control/quota.h"
#include "control/security_group.h"
#include "control/security_rule.h"
#include "store/subnet.h"

static struct security_group_row make_group(struct world *world, const char *name)
{
    struct security_group_new wanted = {.name = text_of(name), .description = TEXT("for tests")};
    struct security_group_row group;

    assert_int_equal(security_group_create(&world->turn, &wanted, &group), RC_OK);
    return group;
}

static struct permission tcp(int64_t from, int64_t to, const char *cidr)
{
    return (struct permission){.protocol = TEXT("tcp"),
                               .has_from_port = true,
                               .from_port = from,
                               .has_to_port = true,
                               .to_port = to,
                               .peer_kind = PEER_CIDR4,
                               .peer = text_of(cidr)};
}

static enum rc authorize(struct world *world, const struct security_group_row *group,
                         struct permission permission)
{
    struct security_rule_rows rows;

    return security_rule_authorize(&world->turn, group, false, &permission, 1, NULL, 0, &rows);
}

static void keep(struct world *world)
{
    assert_int_equal(turn_end(&world->turn, RC_OK), RC_OK);
    world_begin(world);
}

TEST(security_rule_authorize, makes_a_rule_a_peer)
{
    struct world world = world_new();
    struct security_group_row group;
    struct security_rule_rows rows;
    struct permission wanted[] = {tcp(80, 80, "0.0.0.0/0"), tcp(443, 443, "10.1.2.3/8")};

    world_begin(&world);
    group = make_group(&world, "web");
    wanted[0].description = TEXT("the web");
    assert_int_equal(security_rule_authorize(&world.turn, &group, false, wanted, 2, NULL, 0, &rows),
                     RC_OK);
    assert_int_equal(rows.count, 2);
    assert_true(text_starts(rows.at[0].id, TEXT("sgr-0")));
    assert_text_equal(rows.at[0].description, TEXT("the web"));
    assert_null(rows.at[1].description.at);
    assert_text_equal(rows.at[1].cidr4, TEXT("10.0.0.0/8"));
    assert_int_equal(security_rule_row_list(world.store, world.arena, group.id, &rows), RC_OK);
    assert_int_equal(rows.count, 3);
    assert_int_equal(rows.at[1].from_port, 80);
    assert_text_equal(rows.at[1].description, TEXT("the web"));
    world_done(&world);
}

TEST(security_rule_authorize, refuses_duplicates_by_their_words)
{
    struct world world = world_new();
    struct security_group_row group;
    struct permission icmp = {.protocol = TEXT("1"),
                              .has_from_port = true,
                              .from_port = 8,
                              .has_to_port = true,
                              .to_port = -1,
                              .peer_kind = PEER_CIDR4,
                              .peer = TEXT("0.0.0.0/0")};
    struct permission all6 = {
        .protocol = TEXT("-1"), .peer_kind = PEER_CIDR6, .peer = TEXT("::/0")};
    struct permission own = {.protocol = TEXT("udp"),
                             .has_from_port = true,
                             .from_port = 1,
                             .has_to_port = true,
                             .to_port = 2,
                             .peer_kind = PEER_GROUP,
                             .peer_name = TEXT("web")};
    struct permission twice[] = {tcp(1, 1, "10.0.0.1/8"), tcp(1, 1, "10.0.0.2/8")};
    struct security_rule_rows rows;
    char expected[256];

    world_begin(&world);
    group = make_group(&world, "web");
    assert_int_equal(authorize(&world, &group, tcp(80, 80, "0.0.0.0/0")), RC_OK);
    assert_int_equal(authorize(&world, &group, icmp), RC_OK);
    assert_int_equal(authorize(&world, &group, all6), RC_OK);
    assert_int_equal(authorize(&world, &group, own), RC_OK);
    keep(&world);
    assert_refused(&world, authorize(&world, &group, tcp(80, 80, "0.0.0.0/0")),
                   "InvalidPermission.Duplicate",
                   "the specified rule \"peer: 0.0.0.0/0, TCP, from port: 80, to port: 80, "
                   "ALLOW\" already exists");
    assert_refused(&world, authorize(&world, &group, icmp), "InvalidPermission.Duplicate",
                   "the specified rule \"peer: 0.0.0.0/0, ICMP, type: 8, code: ALL, ALLOW\" "
                   "already exists");
    assert_refused(&world, authorize(&world, &group, all6), "InvalidPermission.Duplicate",
                   "the specified rule \"peer: ::/0, ALL, ALLOW\" already exists");
    (void)snprintf(expected, sizeof(expected),
                   "the specified rule \"peer: %.*s, UDP, from port: 1, to port: 2, ALLOW\" "
                   "already exists",
                   TEXT_ARG(group.id));
    assert_refused(&world, authorize(&world, &group, own), "InvalidPermission.Duplicate", expected);
    assert_refused(&world,
                   security_rule_authorize(&world.turn, &group, false, twice, 2, NULL, 0, &rows),
                   "InvalidParameterValue", "The same permission must not appear multiple times");
    world_done(&world);
}

TEST(security_rule_authorize, refuses_bad_values_in_the_words_of_aws)
{
    struct world world = world_new();
    struct security_group_row group;
    struct permission bad;

    world_begin(&world);
    group = make_group(&world, "web");
    keep(&world);
    assert_refused(&world, authorize(&world, &group, tcp(80, 80, "10.0.0.0")),
                   "InvalidParameterValue", "CIDR block 10.0.0.0 is malformed");
    assert_refused(&world, authorize(&world, &group, tcp(80, 80, "::/0")), "InvalidParameterValue",
                   "CIDR block ::/0 is malformed");
    assert_refused(&world, authorize(&world, &group, tcp(-1, 80, "0.0.0.0/0")),
                   "InvalidParameterValue", "TCP/UDP (from) port (-1) out of range");
    assert_refused(&world, authorize(&world, &group, tcp(80, 65536, "0.0.0.0/0")),
                   "InvalidParameterValue", "TCP/UDP (to) port (65536) out of range");
    assert_refused(&world, authorize(&world, &group, tcp(443, 80, "0.0.0.0/0")),
                   "InvalidParameterValue", "Invalid TCP/UDP port range (443:80)");
    bad = tcp(80, 80, "0.0.0.0/0");
    bad.has_to_port = false;
    assert_refused(&world, authorize(&world, &group, bad), "InvalidParameterValue",
                   "Invalid value 'Must specify both from and to ports with TCP/UDP.' for "
                   "portRange.");
    bad.protocol = TEXT("icmp");
    assert_refused(&world, authorize(&world, &group, bad), "InvalidParameterValue",
                   "Invalid value 'Must specify both from and to ports with ICMP.' for "
                   "portRange.");
    bad = tcp(3, 65535, "0.0.0.0/0");
    bad.protocol = TEXT("icmp");
    assert_refused(&world, authorize(&world, &group, bad), "InvalidParameterValue",
                   "ICMP code (65535) out of range");
    bad.protocol = TEXT("esp");
    assert_refused(&world, authorize(&world, &group, bad), "InvalidParameterValue",
                   "Invalid value 'esp' for IP protocol. Unknown protocol.");
    bad.protocol = TEXT("256");
    assert_refused(&world, authorize(&world, &group, bad), "InvalidParameterValue",
                   "Invalid value '256' for IP protocol. Unknown protocol.");
    bad = tcp(80, 80, "0.0.0.0/0");
    bad.description = TEXT("it's");
    assert_refused(&world, authorize(&world, &group, bad), "InvalidParameterValue",
                   "Invalid rule description. Valid descriptions are strings less than 256 "
                   "characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*");
    bad = tcp(80, 80, "sg-0123456789abcdef0");
    bad.peer_kind = PEER_GROUP;
    assert_refused(&world, authorize(&world, &group, bad), "InvalidGroup.NotFound",
                   "The security group 'sg-0123456789abcdef0' does not exist");
    bad.peer_kind = PEER_PREFIX_LIST;
    bad.peer = TEXT("pl-12345678");
    assert_refused(&world, authorize(&world, &group, bad), "InvalidPrefixListID.NotFound",
                   "The prefix list ID 'pl-12345678' does not exist");
    world_done(&world);
}

TEST(security_rule_authorize, stops_at_the_quota_of_each_family)
{
    struct world world = world_new();
    struct security_group_row group;
    struct permission six = {.protocol = TEXT("-1"), .peer_kind = PEER_CIDR6, .peer = TEXT("::/0")};

    world_begin(&world);
    group = make_group(&world, "web");
    for (int i = 0; i < QUOTA_SECURITY_RULES; i++) {
        assert_int_equal(authorize(&world, &group, tcp(i, i, "0.0.0.0/0")), RC_OK);
    }
    keep(&world);
    assert_refused(&world, authorize(&world, &group, tcp(100, 100, "0.0.0.0/0")),
                   "RulesPerSecurityGroupLimitExceeded",
                   "The maximum number of rules per security group has been reached.");
    assert_int_equal(authorize(&world, &group, six), RC_OK);
    world_done(&world);
}

TEST(security_rule_revoke, finds_the_default_rule_by_ports_zero_as_terraform_asks)
{
    struct world world = world_new();
    struct security_group_row group;
    struct security_rule_rows rows;
    struct permission all = {.protocol = TEXT("-1"),
                             .has_from_port = true,
                             .has_to_port = true,
                             .peer_kind = PEER_CIDR4,
                             .peer = TEXT("0.0.0.0/0")};

    world_begin(&world);
    group = make_group(&world, "web");
    assert_int_equal(security_rule_revoke(&world.turn, &group, true, &all, 1, &rows), RC_OK);
    assert_int_equal(rows.count, 1);
    assert_true(text_starts(rows.at[0].id, TEXT("sgr-")));
    assert_int_equal(security_rule_row_list(world.store, world.arena, group.id, &rows), RC_OK);
    assert_int_equal(rows.count, 0);
    world_done(&world);
}

TEST(security_rule_revoke, removes_all_or_none)
{
    struct world world = world_new();
    struct security_group_row group;
    struct security_rule_rows rows;
    struct permission wanted[] = {tcp(80, 80, "0.0.0.0/0"), tcp(81, 81, "0.0.0.0/0")};

    world_begin(&world);
    group = make_group(&world, "web");
    assert_int_equal(authorize(&world, &group, wanted[0]), RC_OK);
    keep(&world);
    assert_refused(&world, security_rule_revoke(&world.turn, &group, false, wanted, 2, &rows),
                   "InvalidPermission.NotFound",
                   "The specified rule does not exist in this security group.");
    assert_refused(&world, security_rule_revoke(&world.turn, &group, true, wanted, 1, &rows),
                   "InvalidPermission.NotFound",
                   "The specified rule does not exist in this security group.");
    assert_int_equal(security_rule_row_list(world.store, world.arena, group.id, &rows), RC_OK);
    assert_int_equal(rows.count, 2);
    world_done(&world);
}

TEST(security_rule_revoke_ids, refuses_those_of_other_groups_and_directions)
{
    struct world world = world_new();
    struct security_group_row group;
    struct security_rule_rows rules;
    struct security_rule_rows out;
    struct text id;
    char expected[128];

    world_begin(&world);
    group = make_group(&world, "web");
    assert_int_equal(security_rule_row_list(world.store, world.arena, group.id, &rules), RC_OK);
    id = rules.at[0].id;
    keep(&world);
    (void)snprintf(expected, sizeof(expected), "The security group rule ID '%.*s' does not exist",
                   TEXT_ARG(id));
    assert_refused(&world, security_rule_revoke_ids(&world.turn, &group, false, &id, 1, &out),
                   "InvalidSecurityGroupRuleId.NotFound", expected);
    assert_int_equal(security_rule_revoke_ids(&world.turn, &group, true, &id, 1, &out), RC_OK);
    assert_text_equal(out.at[0].cidr4, TEXT("0.0.0.0/0"));
    world_done(&world);
}

TEST(ingress_resolve, gives_cidrs_and_the_addresses_of_members)
{
    struct world world = world_new();
    struct security_group_row front;
    struct security_group_row back;
    struct subnet_rows subnets;
    struct ingress_list list;
    struct permission from_front = {.protocol = TEXT("-1"), .peer_kind = PEER_GROUP};
    struct permission six = {.protocol = TEXT("-1"), .peer_kind = PEER_CIDR6, .peer = TEXT("::/0")};
    struct permission udp = tcp(53, 53, "0.0.0.0/0");
    struct network_interface_new interface = {.balancer = TEXT("arn:lb"),
                                              .description = TEXT("ELB app/x/1"),
                                              .public_ip = TEXT("127.0.80.4"),
                                              .group_count = 1};

    world_begin(&world);
    front = make_group(&world, "front");
    back = make_group(&world, "back");
    assert_int_equal(subnet_row_list(world.store, world.arena, &subnets), RC_OK);
    interface.subnet_id = subnets.at[0].id;
    interface.group_ids = &front.id;
    assert_int_equal(network_interface_create(&world.turn, &interface, NULL), RC_OK);
    from_front.peer = front.id;
    udp.protocol = TEXT("udp");
    assert_int_equal(authorize(&world, &back, from_front), RC_OK);
    assert_int_equal(authorize(&world, &back, six), RC_OK);
    assert_int_equal(authorize(&world, &back, udp), RC_OK);
    assert_int_equal(authorize(&world, &back, tcp(80, 81, "10.0.0.0/8")), RC_OK);
    assert_int_equal(authorize(&world, &front, tcp(80, 81, "10.0.0.0/8")), RC_OK);
    const struct text ids[] = {back.id, front.id};
    assert_int_equal(ingress_resolve(&world.turn, ids, 2, &list), RC_OK);
    assert_int_equal(list.count, 3); /* the second 10/8 says nothing new */
    assert_int_equal(list.at[0].source.network, 0xac1f0004);
    assert_int_equal(list.at[0].source.prefix_len, 32);
    assert_int_equal(list.at[0].to_port, 65535);
    assert_int_equal(list.at[1].source.network, 0x7f005004);
    assert_int_equal(list.at[2].source.network, 0x0a000000);
    assert_int_equal(list.at[2].from_port, 80);
    assert_int_equal(list.at[2].to_port, 81);
    world_done(&world);
}

TESTS({
    CASE(security_rule_authorize__makes_a_rule_a_peer),
    CASE(security_rule_authorize__refuses_duplicates_by_their_words),
    CASE(security_rule_authorize__refuses_bad_values_in_the_words_of_aws),
    CASE(security_rule_authorize__stops_at_the_quota_of_each_family),
    CASE(security_rule_revoke__finds_the_default_rule_by_ports_zero_as_terraform_asks),
    CASE(security_rule_revoke__removes_all_or_none),
    CASE(security_rule_revoke_ids__refuses_those_of_other_groups_and_directions),
    CASE(ingress_resolve__gives_cidrs_and_the_addresses_of_members),
})
