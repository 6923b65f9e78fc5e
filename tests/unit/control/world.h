/* SPDX-License-Identifier: Apache-2.0 */
/* world: a control on a store in memory, with one turn open, for tests of verbs. */
#pragma once
#include "test.h"

#include "control/control.h"
#include "control/vpc.h"

struct world {
    struct store *store;
    struct control *control;
    struct arena *arena;
    struct turn turn;
};

static inline struct world world_new(void)
{
    static const struct control_config config;
    struct world world = {.arena = arena_new(1 << 16, 1 << 24)};
    char why[256] = "";

    if (store_open(":memory:", &world.store, why, sizeof(why)) != RC_OK ||
        control_new(world.store, &config, 1000, &world.control, why, sizeof(why)) != RC_OK) {
        fail_msg("%s", why);
    }
    return world;
}

/* Opens the turn; call it with the world where it stays. */
static inline void world_begin(struct world *world)
{
    assert_int_equal(
        turn_begin(&world->turn, world->control, world->arena, 1700000000000, STORE_WRITE), RC_OK);
}

/* Undoes the turn and opens a new one: what a refused call does. */
static inline void world_again(struct world *world)
{
    assert_int_equal(turn_end(&world->turn, RC_BAD), RC_BAD);
    world_begin(world);
}

static inline void world_done(struct world *world)
{
    store_rollback(world->store);
    control_free(world->control);
    store_free(world->store);
    arena_free(world->arena);
}

static inline struct vpc_row world_vpc(struct world *world)
{
    struct vpc_row vpc;

    assert_int_equal(vpc_row_get_default(world->store, world->arena, &vpc), RC_OK);
    return vpc;
}

/* The last call refused with this code and message, and returned no RC_OK. */
#define assert_refused(world, rc, code_, message_)                    \
    do {                                                              \
        assert_int_not_equal(rc, RC_OK);                              \
        assert_non_null((world)->turn.refusal.code);                  \
        assert_string_equal((world)->turn.refusal.code, code_);       \
        assert_string_equal((world)->turn.refusal.message, message_); \
        world_again(world);                                           \
    } while (0)
