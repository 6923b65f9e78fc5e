/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "node/plan.h"

#include <stdio.h>

#define BALANCER(more)                                                          \
    "\"balancers\":[{\"name\":\"b\",\"addresses\":[{\"zone\":\"us-east-1a\","   \
    "\"ip\":\"127.0.80.10\"}]," more "\"listeners\":[{\"port\":80,\"rules\":[{" \
    "\"actions\":[{\"type\":\"forward\",\"forward\":{\"groups\":[{\"group\":\"g\"}]}}]}]}]}]"

/* The registry with a loop of its own, and what it asked to cut. */
struct stand {
    struct loop *loop;
    struct targets *targets;
    const struct target *cut;
};

static void on_cut(void *arg, struct target *target)
{
    ((struct stand *)arg)->cut = target;
}

static void on_changed(void *arg)
{
}

static void stand_init(struct stand *s)
{
    const struct targets_user user = {.cut = on_cut, .changed = on_changed, .arg = s};

    *s = (struct stand){.loop = loop_new()};
    s->targets = targets_new(s->loop, 2, &user, NULL);
}

static void stand_done(struct stand *s)
{
    targets_free(s->targets);
    loop_free(s->loop);
}

static struct plan *plan_of(struct stand *s, const char *json)
{
    struct snapshot *snapshot;
    struct plan *plan;
    char why[256] = "";

    if (snapshot_decode(text_of(json), &snapshot, why, sizeof(why)) != RC_OK) {
        print_error("%s\n", why);
        fail();
    }
    assert_int_equal(plan_build(snapshot, TEXT("us-east-1a"), 0, s->targets, NULL, &plan), RC_OK);
    snapshot_unref(snapshot);
    return plan;
}

static struct plan *plan_of_targets(struct stand *s, const char *targets)
{
    char json[2048];

    (void)snprintf(
        json, sizeof(json),
        "{\"groups\":[{\"name\":\"g\",\"drain_ms\":0,\"targets\":[%s]}]," BALANCER("") "}",
        targets);
    return plan_of(s, json);
}

TEST(plan, listens_on_the_addresses_of_its_zone_only)
{
    struct stand s;
    struct plan *plan;

    stand_init(&s);
    plan = plan_of(&s, "{\"balancers\":[{\"name\":\"b\",\"addresses\":["
                       "{\"zone\":\"us-east-1a\",\"ip\":\"127.0.80.10\"},"
                       "{\"zone\":\"us-east-1b\",\"ip\":\"127.0.80.11\"}],\"listeners\":["
                       "{\"port\":81,\"rules\":[{\"actions\":[{\"type\":\"fixed-response\","
                       "\"fixed\":{\"status\":200}}]}]},"
                       "{\"port\":80,\"rules\":[{\"actions\":[{\"type\":\"fixed-response\","
                       "\"fixed\":{\"status\":200}}]}]}]}]}");
    assert_int_equal(plan->listener_count, 2);
    assert_non_null(plan_find(plan, 0x7f00500a, 80));
    assert_non_null(plan_find(plan, 0x7f00500a, 81));
    assert_null(plan_find(plan, 0x7f00500a, 82));
    assert_null(plan_find(plan, 0x7f00500b, 80));
    plan_unref(plan);
    stand_done(&s);
}

TEST(plan, cross_zone_off_leaves_only_targets_of_the_own_zone)
{
    struct stand s;
    struct plan *plan;

    stand_init(&s);
    plan = plan_of(&s, "{\"groups\":[{\"name\":\"g\",\"cross_zone\":false,\"targets\":["
                       "{\"id\":\"127.0.0.1\",\"port\":1,\"zone\":\"us-east-1a\"},"
                       "{\"id\":\"127.0.0.2\",\"port\":1,\"zone\":\"us-east-1b\"},"
                       "{\"id\":\"127.0.0.3\",\"port\":1}]}]," BALANCER("") "}");
    assert_int_equal(plan->groups[0].target_count, 2);
    assert_text_equal(plan->groups[0].targets[0]->id, TEXT("127.0.0.1"));
    assert_text_equal(plan->groups[0].targets[1]->id, TEXT("127.0.0.3"));
    assert_int_equal(plan->all_count, 3);
    plan_unref(plan);
    stand_done(&s);
}

TEST(plan, security_groups_become_sources_of_each_port)
{
    struct stand s;
    struct plan *plan;

    stand_init(&s);
    plan = plan_of(&s, "{\"groups\":[{\"name\":\"g\"}]," BALANCER(
                           "\"ingress\":[{\"source\":\"10.0.0.0/8\",\"from_port\":80,"
                           "\"to_port\":90},{\"source\":\"0.0.0.0/0\",\"from_port\":443,"
                           "\"to_port\":443}],") "}");
    const struct plan_listener *listener = plan_find(plan, 0x7f00500a, 80);
    assert_int_equal(listener->source_count, 1);
    assert_true(plan_admits(listener, 0x0a010203));
    assert_false(plan_admits(listener, 0x0b010203));
    plan_unref(plan);
    stand_done(&s);
}

TEST(targets, state_turn_and_counters_outlive_a_snapshot)
{
    struct stand s;
    struct plan *first;
    struct plan *second;

    stand_init(&s);
    first = plan_of_targets(&s, "{\"id\":\"127.0.0.1\",\"port\":1}");
    struct target *target = first->groups[0].targets[0];
    atomic_store(&target->state, (int)TARGET_HEALTHY);
    second = plan_of_targets(&s, "{\"id\":\"127.0.0.2\",\"port\":1},"
                                 "{\"id\":\"127.0.0.1\",\"port\":1}");
    plan_unref(first);
    assert_ptr_equal(second->groups[0].targets[1], target);
    assert_int_equal(target->state, TARGET_HEALTHY);
    assert_int_equal(second->groups[0].targets[0]->state, TARGET_INITIAL);
    assert_false(target->is_leaving);
    plan_unref(second);
    stand_done(&s);
}

TEST(targets, draining_one_leaves_the_scope_and_comes_back_when_registered_again)
{
    struct stand s;
    struct plan *plan;

    stand_init(&s);
    plan_unref(plan_of_targets(&s, "{\"id\":\"127.0.0.1\",\"port\":1}"));
    plan = plan_of_targets(&s, "{\"id\":\"127.0.0.1\",\"port\":1,\"draining\":true,"
                               "\"drain_until_unix_ms\":99999999999999}");
    assert_int_equal(plan->groups[0].target_count, 0);
    assert_true(plan->all[0]->is_leaving);
    plan_unref(plan);
    plan = plan_of_targets(&s, "{\"id\":\"127.0.0.1\",\"port\":1}");
    assert_int_equal(plan->groups[0].target_count, 1);
    assert_false(plan->all[0]->is_leaving);
    assert_null(s.cut);
    plan_unref(plan);
    stand_done(&s);
}

TEST(targets, one_that_no_plan_names_is_cut_after_its_delay)
{
    struct stand s;
    struct plan *plan;

    stand_init(&s);
    plan = plan_of_targets(&s, "{\"id\":\"127.0.0.1\",\"port\":1}");
    const struct target *target = plan->all[0];
    struct plan *next = plan_of_targets(&s, "");
    assert_true(target->is_leaving);
    for (int i = 0; i < 100 && !s.cut; i++) {
        loop_turn(s.loop, 10); /* its delay is 0 */
    }
    assert_ptr_equal(s.cut, target);
    plan_unref(plan);
    plan_unref(next);
    stand_done(&s);
}

TEST(targets, moved_instance_is_another_target)
{
    struct stand s;
    struct plan *first;
    struct plan *second;

    stand_init(&s);
    first = plan_of_targets(&s, "{\"id\":\"i-1\",\"ip\":\"127.0.0.1\",\"port\":1}");
    second = plan_of_targets(&s, "{\"id\":\"i-1\",\"ip\":\"127.0.0.2\",\"port\":1}");
    assert_ptr_not_equal(first->all[0], second->all[0]);
    assert_true(first->all[0]->is_leaving);
    assert_int_equal(second->all[0]->ip, 0x7f000002);
    plan_unref(first);
    plan_unref(second);
    stand_done(&s);
}

TEST(targets, seed_makes_known_health_of_new_targets)
{
    struct report_target rows[] = {{
        .group_arn = TEXT_INIT("g"),
        .id = TEXT_INIT("127.0.0.1"),
        .port = 1,
        .state = TARGET_HEALTHY,
        .since_unix_ms = 5,
    }};
    const struct report known = {.targets = rows, .target_count = 1};
    struct arena *arena = arena_new(4096, 1 << 20);
    struct report report = {0};
    struct stand s;

    stand_init(&s);
    targets_seed(s.targets, &known);
    rows[0].id = TEXT("gone"); /* it was copied */
    struct plan *plan = plan_of_targets(&s, "{\"id\":\"127.0.0.1\",\"port\":1},"
                                            "{\"id\":\"127.0.0.1\",\"port\":2}");
    assert_int_equal(plan->all[0]->state, TARGET_HEALTHY);
    assert_int_equal(plan->all[1]->state, TARGET_INITIAL);
    assert_int_equal(targets_report(s.targets, arena, &report), RC_OK);
    assert_int_equal(report.target_count, 2);
    plan_unref(plan);
    stand_done(&s);
    arena_free(arena);
}

TESTS({
    CASE(plan__listens_on_the_addresses_of_its_zone_only),
    CASE(plan__cross_zone_off_leaves_only_targets_of_the_own_zone),
    CASE(plan__security_groups_become_sources_of_each_port),
    CASE(targets__state_turn_and_counters_outlive_a_snapshot),
    CASE(targets__draining_one_leaves_the_scope_and_comes_back_when_registered_again),
    CASE(targets__one_that_no_plan_names_is_cut_after_its_delay),
    CASE(targets__moved_instance_is_another_target),
    CASE(targets__seed_makes_known_health_of_new_targets),
})
