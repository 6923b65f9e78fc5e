/* SPDX-License-Identifier: Apache-2.0 */
#include "control/ticket_keys.h"
#include "world.h"

static struct ticket_key_rows keys_of(struct world *world)
{
    struct ticket_key_rows rows;

    assert_int_equal(ticket_key_row_list(world->store, world->arena, &rows), RC_OK);
    return rows;
}

TEST(ticket_keys_rotate, makes_one_when_due_and_forgets_old_ones)
{
    struct world world = world_new();

    world_begin(&world);
    assert_int_equal(ticket_keys_rotate(&world.turn), RC_OK);
    assert_int_equal(ticket_keys_rotate(&world.turn), RC_OK);
    assert_int_equal(keys_of(&world).count, 1);
    const struct text first = keys_of(&world).at[0].hex;
    assert_int_equal(first.len, 2 * TICKET_KEY_BYTES);

    world.turn.now_unix_ms += TICKET_KEY_ROTATE_MS;
    assert_int_equal(ticket_keys_rotate(&world.turn), RC_OK);
    assert_int_equal(keys_of(&world).count, 2);
    assert_false(text_eq(keys_of(&world).at[0].hex, first)); /* the new one encrypts */
    assert_text_equal(keys_of(&world).at[1].hex, first);

    for (int i = 0; i < 10; i++) {
        world.turn.now_unix_ms += TICKET_KEY_ROTATE_MS;
        assert_int_equal(ticket_keys_rotate(&world.turn), RC_OK);
    }
    assert_int_equal(keys_of(&world).count, 4); /* three of age, and the newest */
    world_done(&world);
}

TESTS({
    CASE(ticket_keys_rotate__makes_one_when_due_and_forgets_old_ones),
})
