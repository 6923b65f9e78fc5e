/* SPDX-License-Identifier: Apache-2.0 */
/* elb_world: a world with a load balancer, a target group and a listener, for tests of verbs. */
#pragma once
#include "world.h"

#include "control/balancer.h"
#include "control/listener.h"
#include "control/target.h"
#include "control/target_group.h"
#include "store/subnet.h"

/* Commits, so that a refusal afterwards undoes nothing of it. */
static inline void elb_keep(struct world *world)
{
    assert_int_equal(turn_end(&world->turn, RC_OK), RC_OK);
    world_begin(world);
}

static inline void elb_subnets(struct world *world, struct text out[2])
{
    struct subnet_rows rows;

    assert_int_equal(subnet_row_list(world->store, world->arena, &rows), RC_OK);
    assert_int_equal(rows.count, 2);
    out[0] = rows.at[0].id;
    out[1] = rows.at[1].id;
}

static inline struct balancer elb_balancer(struct world *world, const char *name)
{
    struct text *subnets = ARENA_ARRAY(world->arena, struct text, 2);
    struct balancer balancer;

    elb_subnets(world, subnets);
    const struct balancer_new wanted = {
        .name = text_of(name), .subnets = subnets, .subnet_count = 2};
    assert_int_equal(balancer_create(&world->turn, &wanted, &balancer), RC_OK);
    return balancer;
}

static inline struct target_group_new elb_group_new(struct world *world, const char *name)
{
    return (struct target_group_new){.name = text_of(name),
                                     .target_type = TEXT("ip"),
                                     .protocol = TEXT("HTTP"),
                                     .port = 8000,
                                     .vpc_id = world_vpc(world).id};
}

static inline struct target_group elb_group(struct world *world, const char *name)
{
    const struct target_group_new wanted = elb_group_new(world, name);
    struct target_group group;

    assert_int_equal(target_group_create(&world->turn, &wanted, &group), RC_OK);
    return group;
}

/* One action that forwards to the group. */
static inline struct actions elb_forward(struct world *world, struct text group)
{
    struct action *action = ARENA_NEW(world->arena, struct action);

    *action = (struct action){.type = ACTION_FORWARD, .forward = {.target_group_arn = group}};
    return (struct actions){action, 1};
}

static inline struct listener elb_listener(struct world *world, struct text balancer, int64_t port,
                                           struct text group)
{
    const struct listener_new wanted = {.balancer = balancer,
                                        .protocol = TEXT("HTTP"),
                                        .port = port,
                                        .actions = elb_forward(world, group)};
    struct listener listener;

    assert_int_equal(listener_create(&world->turn, &wanted, &listener), RC_OK);
    return listener;
}

static inline enum rc elb_register(struct world *world, struct text group, const char *id,
                                   int64_t port, const char *zone)
{
    const struct target_name name = {text_of(id), port, text_of(zone)};

    return target_register(&world->turn, group, &name, 1);
}

/* The one target of the group. */
static inline struct target_health elb_health(struct world *world, struct text group)
{
    struct target_healths healths;

    assert_int_equal(target_describe(&world->turn, group, NULL, 0, &healths), RC_OK);
    assert_int_equal(healths.count, 1);
    return healths.at[0];
}
