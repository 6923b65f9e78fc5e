/* SPDX-License-Identifier: Apache-2.0 */
#include "elb_world.h"

#include "reconcile/reconcile.h"

struct stage {
    struct world world;
    struct loop *loop;
    struct reconcile *reconcile;
};

static struct stage stage_new(void)
{
    struct stage stage = {.world = world_new(), .loop = loop_new()};

    stage.reconcile = reconcile_new(stage.loop, stage.world.control, NULL, NULL);
    return stage;
}

static void stage_done(struct stage *stage)
{
    reconcile_free(stage->reconcile);
    loop_free(stage->loop);
    world_done(&stage->world);
}

/* Turns for a while: longer than the gap between two runs. */
static void stage_wait(struct stage *stage, int64_t ms)
{
    const int64_t end_ms = loop_now_ms(stage->loop) + ms;

    while (loop_now_ms(stage->loop) < end_ms) {
        loop_turn(stage->loop, 10);
    }
}

static void begin(struct stage *stage)
{
    struct world *world = &stage->world;

    assert_int_equal(turn_begin(&world->turn, world->control, world->arena,
                                loop_unix_ms(stage->loop), STORE_WRITE),
                     RC_OK);
}

static void end(struct stage *stage)
{
    assert_int_equal(turn_end(&stage->world.turn, RC_OK), RC_OK);
    reconcile_poke(stage->reconcile);
}

TEST(reconcile, publishes_at_the_start_and_after_a_change_only)
{
    struct stage stage = stage_new();

    assert_int_equal(reconcile_counts(stage.reconcile).published, 1);
    stage_wait(&stage, 60);
    reconcile_poke(stage.reconcile);
    stage_wait(&stage, 60);
    assert_int_equal(reconcile_counts(stage.reconcile).published, 1);

    begin(&stage);
    (void)elb_balancer(&stage.world, "a");
    end(&stage);
    stage_wait(&stage, 100);
    assert_int_equal(reconcile_counts(stage.reconcile).published, 2);
    assert_true(reconcile_counts(stage.reconcile).revision == store_revision(stage.world.store));
    assert_int_equal(reconcile_counts(stage.reconcile).failed, 0);
    stage_done(&stage);
}

TEST(reconcile, makes_few_snapshots_of_many_changes)
{
    struct stage stage = stage_new();

    for (int i = 0; i < 200; i++) {
        char name[16];

        (void)snprintf(name, sizeof(name), "g%d", i);
        begin(&stage);
        (void)elb_group(&stage.world, name);
        end(&stage);
    }
    stage_wait(&stage, 100);
    assert_int_equal(reconcile_counts(stage.reconcile).published, 2);
    assert_true(reconcile_counts(stage.reconcile).revision == store_revision(stage.world.store));
    stage_done(&stage);
}

TEST(reconcile, removes_a_drained_target_by_itself)
{
    const struct attribute delay = {TEXT_INIT("deregistration_delay.timeout_seconds"),
                                    TEXT_INIT("1")};
    const struct target_name name = {TEXT_INIT("127.0.0.1"), 0, {NULL, 0}};
    struct stage stage = stage_new();
    struct target_healths healths;
    struct attribute_set set;
    struct target_group group;

    begin(&stage);
    group = elb_group(&stage.world, "g");
    assert_int_equal(target_group_set_attributes(&stage.world.turn, group.row.arn, &delay, 1, &set),
                     RC_OK);
    assert_int_equal(target_register(&stage.world.turn, group.row.arn, &name, 1), RC_OK);
    assert_int_equal(target_deregister(&stage.world.turn, group.row.arn, &name, 1), RC_OK);
    end(&stage);
    stage_wait(&stage, 100);
    begin(&stage);
    assert_text_equal(elb_health(&stage.world, group.row.arn).reason,
                      TEXT("Target.DeregistrationInProgress"));
    end(&stage);
    const uint64_t draining = store_revision(stage.world.store);

    stage_wait(&stage, 1200);
    assert_true(store_revision(stage.world.store) > draining);
    begin(&stage);
    assert_int_equal(target_describe(&stage.world.turn, group.row.arn, NULL, 0, &healths), RC_OK);
    assert_int_equal(healths.count, 0);
    assert_int_equal(target_register(&stage.world.turn, group.row.arn, &name, 1), RC_OK);
    end(&stage);
    stage_done(&stage);
}

TESTS({
    CASE(reconcile__publishes_at_the_start_and_after_a_change_only),
    CASE(reconcile__makes_few_snapshots_of_many_changes),
    CASE(reconcile__removes_a_drained_target_by_itself),
})
