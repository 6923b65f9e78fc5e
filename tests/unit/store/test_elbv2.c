/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of load balancing hang together: what goes with what, and what cannot go. */
#include "test.h"

#include "base/arena.h"
#include "store/balancer.h"
#include "store/listener.h"
#include "store/query.h"
#include "store/rule.h"
#include "store/target.h"
#include "store/target_group.h"

static struct arena *arena;

static enum rc run(struct store *store, const char *sql)
{
    struct query q = query_start(store, NULL, sql);

    return query_run(&q, NULL);
}

static const struct rule_row default_rule = {
    .arn = TEXT_INIT("r0"),
    .listener = TEXT_INIT("l"),
    .conditions = TEXT_INIT("[]"),
    .actions = TEXT_INIT("[]"),
    .transforms = TEXT_INIT("[]"),
};

/* A load balancer lb with a listener l whose default rule r0 forwards to the group tg. */
static struct store *store_with_balancer(void)
{
    const struct balancer_row balancer = {.arn = TEXT("lb"),
                                          .id = TEXT("app/n/1"),
                                          .name = TEXT("n"),
                                          .dns_name = TEXT("d"),
                                          .scheme = TEXT("internal"),
                                          .vpc_id = TEXT("vpc-1"),
                                          .ip_address_type = TEXT("ipv4")};
    const struct target_group_row group = {
        .arn = TEXT("tg"), .name = TEXT("g"), .vpc_id = TEXT("vpc-1"), .port = 80};
    const struct listener_row listener = {
        .arn = TEXT("l"), .balancer = TEXT("lb"), .port = 80, .protocol = TEXT("HTTP")};
    struct store *store;
    char why[256];

    arena = arena_new(4096, 1 << 20);
    assert_int_equal(store_open(":memory:", &store, why, sizeof(why)), RC_OK);
    assert_int_equal(store_begin(store, STORE_WRITE), RC_OK);
    assert_int_equal(run(store, "INSERT INTO vpc VALUES"
                                " ('vpc-1', 'c', 1, 'a', 'd', 't', 1, 1, 0)"),
                     RC_OK);
    assert_int_equal(balancer_row_insert(store, &balancer), RC_OK);
    assert_int_equal(target_group_row_insert(store, &group), RC_OK);
    assert_int_equal(listener_row_insert(store, &listener), RC_OK);
    assert_int_equal(rule_row_insert(store, &default_rule), RC_OK);
    assert_int_equal(forward_row_put(store, TEXT("r0"), TEXT("tg")), RC_OK);
    return store;
}

static void store_done(struct store *store)
{
    store_free(store);
    arena_free(arena);
}

TEST(target_group, cannot_go_while_a_rule_forwards_to_it)
{
    struct store *store = store_with_balancer();
    struct text balancer;

    assert_int_equal(target_group_row_balancer(store, arena, TEXT("tg"), &balancer), RC_OK);
    assert_text_equal(balancer, TEXT("lb"));
    assert_int_equal(target_group_row_remove(store, TEXT("tg")), RC_CONFLICT);
    assert_int_equal(listener_row_remove(store, TEXT("l")), RC_OK);
    assert_int_equal(target_group_row_balancer(store, arena, TEXT("tg"), &balancer), RC_ABSENT);
    assert_int_equal(target_group_row_remove(store, TEXT("tg")), RC_OK);
    store_done(store);
}

TEST(balancer, takes_listeners_and_rules_along)
{
    struct store *store = store_with_balancer();
    struct rule_row rule;

    assert_int_equal(balancer_row_remove(store, TEXT("lb")), RC_OK);
    assert_int_equal(rule_row_get(store, arena, TEXT("r0"), &rule), RC_ABSENT);
    assert_int_equal(target_group_row_remove(store, TEXT("tg")), RC_OK);
    store_done(store);
}

TEST(rule, comes_by_priority_and_the_default_last)
{
    struct store *store = store_with_balancer();
    struct rule_row one = default_rule;
    struct rule_rows rules;

    one.arn = TEXT("r20");
    one.priority = 20;
    assert_int_equal(rule_row_insert(store, &one), RC_OK);
    one.arn = TEXT("r10");
    one.priority = 10;
    assert_int_equal(rule_row_insert(store, &one), RC_OK);
    one.arn = TEXT("r10b");
    assert_int_equal(rule_row_insert(store, &one), RC_CONFLICT);

    assert_int_equal(rule_row_list(store, arena, TEXT("l"), &rules), RC_OK);
    assert_int_equal(rules.count, 3);
    assert_text_equal(rules.at[0].arn, TEXT("r10"));
    assert_text_equal(rules.at[1].arn, TEXT("r20"));
    assert_text_equal(rules.at[2].arn, TEXT("r0"));
    store_done(store);
}

TEST(target, is_removed_when_its_delay_is_over)
{
    struct store *store = store_with_balancer();
    struct target_row target = {
        .group = TEXT("tg"), .id = TEXT("10.0.0.1"), .port = 80, .zone = TEXT("all")};
    struct target_rows targets;
    int64_t removed = 0;
    int64_t next_ms = -1;
    int64_t count = -1;

    assert_int_equal(target_row_put(store, &target), RC_OK);
    target.port = 81;
    assert_int_equal(target_row_put(store, &target), RC_OK);
    assert_int_equal(target_row_drain(store, TEXT("tg"), TEXT("10.0.0.1"), 81, 5000), RC_OK);
    assert_int_equal(target_row_count_of_balancer(store, TEXT("lb"), &count), RC_OK);
    assert_int_equal(count, 1);

    assert_int_equal(target_row_remove_drained(store, 4999, &removed, &next_ms), RC_OK);
    assert_int_equal(removed, 0);
    assert_int_equal(next_ms, 5000);
    assert_int_equal(target_row_remove_drained(store, 5000, &removed, &next_ms), RC_OK);
    assert_int_equal(removed, 1);
    assert_int_equal(next_ms, 0);
    assert_int_equal(target_row_list(store, arena, TEXT("tg"), &targets), RC_OK);
    assert_int_equal(targets.count, 1);
    assert_int_equal(targets.at[0].port, 80);
    store_done(store);
}

TESTS({
    CASE(target_group__cannot_go_while_a_rule_forwards_to_it),
    CASE(balancer__takes_listeners_and_rules_along),
    CASE(rule__comes_by_priority_and_the_default_last),
    CASE(target__is_removed_when_its_delay_is_over),
})
