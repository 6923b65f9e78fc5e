/* SPDX-License-Identifier: Apache-2.0 */
#include "dns/zone.h"

#include "test.h"

static const struct snap_address addresses[] = {
    {TEXT_INIT("us-east-1a"), 0x7f00500a},
    {TEXT_INIT("us-east-1b"), 0x7f00500b},
};

static const struct snap_balancer balancers[] = {
    {.dns_name = TEXT_INIT("News-alb-1.us-east-1.elb.internal"),
     .addresses = addresses,
     .address_count = 2},
    {.dns_name = TEXT_INIT("other.example.com"), .addresses = addresses, .address_count = 2},
};

static struct zone *make(void)
{
    return zone_new(TEXT("elb.internal"), 0x7f005002, balancers, ARRAY_LEN(balancers));
}

static const struct zone_name *present(const struct zone *zone, struct text name)
{
    const struct zone_name *found = NULL;

    assert_int_equal(zone_find(zone, name, &found), ZONE_PRESENT);
    return found;
}

TEST(zone_find, gives_a_load_balancer_all_its_zones)
{
    AUTO(zone) struct zone *zone = make();
    const struct zone_name *name = present(zone, TEXT("news-alb-1.us-east-1.elb.internal"));

    assert_int_equal(name->ip_count, 2);
    assert_int_equal(name->ips[0], 0x7f00500a);
    assert_int_equal(name->ips[1], 0x7f00500b);
    assert_int_equal(present(zone, TEXT("dualstack.news-alb-1.us-east-1.elb.internal"))->ip_count,
                     2);
}

TEST(zone_find, gives_a_zonal_name_its_zone_alone)
{
    AUTO(zone) struct zone *zone = make();
    const struct zone_name *name =
        present(zone, TEXT("us-east-1b.news-alb-1.us-east-1.elb.internal"));

    assert_int_equal(name->ip_count, 1);
    assert_int_equal(name->ips[0], 0x7f00500b);
}

TEST(zone_find, knows_the_domain_and_what_lies_between)
{
    AUTO(zone) struct zone *zone = make();

    assert_true(present(zone, TEXT("elb.internal"))->is_apex);
    assert_int_equal(present(zone, TEXT("us-east-1.elb.internal"))->ip_count, 0);
    assert_false(present(zone, TEXT("us-east-1.elb.internal"))->is_apex);
    assert_int_equal(present(zone, TEXT("ns1.elb.internal"))->ips[0], 0x7f005002);
}

TEST(zone_find, tells_absent_from_foreign)
{
    AUTO(zone) struct zone *zone = make();
    const struct zone_name *found = NULL;

    assert_int_equal(zone_find(zone, TEXT("gone.us-east-1.elb.internal"), &found), ZONE_ABSENT);
    assert_int_equal(zone_find(zone, TEXT("example.com"), &found), ZONE_FOREIGN);
    assert_int_equal(zone_find(zone, TEXT("xelb.internal"), &found), ZONE_FOREIGN);
    assert_int_equal(zone_find(zone, TEXT("internal"), &found), ZONE_FOREIGN);
    assert_int_equal(zone_find(zone, TEXT(""), &found), ZONE_FOREIGN);
    assert_null(found);
}

TEST(zone_new, leaves_out_names_of_other_domains)
{
    AUTO(zone) struct zone *zone = make();
    const struct zone_name *found = NULL;

    assert_int_equal(zone_find(zone, TEXT("other.example.com"), &found), ZONE_FOREIGN);
}

TESTS({
    CASE(zone_find__gives_a_load_balancer_all_its_zones),
    CASE(zone_find__gives_a_zonal_name_its_zone_alone),
    CASE(zone_find__knows_the_domain_and_what_lies_between),
    CASE(zone_find__tells_absent_from_foreign),
    CASE(zone_new__leaves_out_names_of_other_domains),
})
