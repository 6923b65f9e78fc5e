/* SPDX-License-Identifier: Apache-2.0 */
#include "wire.h"

#include "conn/inbox.h"

struct world {
    struct wire wire;
    struct buffers buffers;
    struct inbox inbox;
};

static int set_up(void **state)
{
    static struct world world;

    wire_open(&world.wire);
    buffers_init(&world.buffers);
    inbox_init(&world.inbox, &world.buffers);
    *state = &world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;

    inbox_done(&world->inbox);
    buffers_done(&world->buffers); /* asserts that nothing was lost */
    stream_close(world->wire.stream);
    wire_close(&world->wire);
    return 0;
}

static void pour(struct world *world, char byte, size_t len)
{
    static char bytes[256 * 1024];

    memset(bytes, byte, len);
    assert_int_equal(write(world->wire.far, bytes, len), (ssize_t)len);
    loop_turn(world->wire.loop, 0);
}

static size_t buffers_taken(const struct world *world)
{
    return world->buffers.small.count_taken + world->buffers.large.count_taken;
}

TEST(inbox, holds_no_buffer_without_bytes)
{
    struct world *world = *state_;

    assert_int_equal(inbox_fill(&world->inbox, world->wire.stream, INBOX_ANY), RC_AGAIN);
    inbox_rest(&world->inbox);
    assert_int_equal(buffers_taken(world), 0);
    pour(world, 'a', 10);
    assert_int_equal(inbox_fill(&world->inbox, world->wire.stream, INBOX_ANY), RC_OK);
    assert_int_equal(inbox_bytes(&world->inbox).len, 10);
    inbox_rest(&world->inbox);
    assert_int_equal(buffers_taken(world), 1);
    inbox_drop(&world->inbox, 10);
    inbox_rest(&world->inbox);
    assert_int_equal(buffers_taken(world), 0);
}

TEST(inbox, unused_bytes_stay_in_one_piece_until_a_large_buffer_is_full)
{
    struct world *world = *state_;
    size_t poured = 0;
    enum rc rc;

    do {
        pour(world, (char)('a' + poured / 4000 % 26), 4000);
        poured += 4000;
        rc = inbox_fill(&world->inbox, world->wire.stream, INBOX_ANY);
        const struct text bytes = inbox_bytes(&world->inbox);
        for (size_t i = 0; i < bytes.len; i += 1000) {
            assert_int_equal(bytes.at[i], 'a' + (int)(i / 4000 % 26));
        }
    } while (rc == RC_OK && poured < 200000);
    assert_int_equal(rc, RC_LIMIT);
    assert_int_equal(inbox_bytes(&world->inbox).len, LIMIT_LARGE_BUFFER_BYTES);
}

TEST(inbox, what_is_pinned_stays_in_place_while_a_body_flows)
{
    struct world *world = *state_;
    char *head;

    pour(world, 'h', 1000);
    pour(world, 'b', 500);
    assert_int_equal(inbox_fill(&world->inbox, world->wire.stream, INBOX_ANY), RC_OK);
    head = world->inbox.at;
    inbox_pin(&world->inbox);
    inbox_drop(&world->inbox, 1000);
    for (int i = 0; i < 20; i++) {
        pour(world, 'b', 30000);
        assert_int_equal(inbox_fill(&world->inbox, world->wire.stream, 600000), RC_OK);
        assert_int_equal(inbox_bytes(&world->inbox).at[0], 'b');
        inbox_drop(&world->inbox, inbox_bytes(&world->inbox).len);
        inbox_rest(&world->inbox);
        for (int k = 0; k < 1000; k++) {
            assert_int_equal(head[k], 'h');
        }
    }
    assert_int_equal(buffers_taken(world), 1); /* the pinned one; the body's is back */
    inbox_unpin(&world->inbox);
    assert_int_equal(buffers_taken(world), 0);
}

TEST(inbox, a_short_body_is_read_behind_its_head)
{
    struct world *world = *state_;

    pour(world, 'h', 1000);
    assert_int_equal(inbox_fill(&world->inbox, world->wire.stream, INBOX_ANY), RC_OK);
    inbox_pin(&world->inbox);
    inbox_drop(&world->inbox, 1000);
    pour(world, 'b', 10000);
    assert_int_equal(inbox_fill(&world->inbox, world->wire.stream, 10000), RC_OK);
    assert_int_equal(inbox_bytes(&world->inbox).len, 10000);
    assert_int_equal(buffers_taken(world), 1);
    assert_int_equal(world->buffers.large.count_taken, 0);
}

TEST(inbox, a_bulky_connection_begins_with_a_large_buffer)
{
    struct world *world = *state_;

    pour(world, 'a', 60000);
    world->inbox.is_bulky = true;
    assert_int_equal(inbox_fill(&world->inbox, world->wire.stream, INBOX_ANY), RC_OK);
    assert_int_equal(inbox_bytes(&world->inbox).len, 60000);
    assert_false(world->inbox.was_filled);
}

TEST(inbox, bulky_is_what_is_longer_than_a_small_buffer_and_not_spliced)
{
    struct world *world = *state_;
    const size_t spliced = LIMIT_SMALL_BUFFER_BYTES + LIMIT_SPLICE_LEAST_BYTES;

    pour(world, 'a', 10);
    assert_int_equal(inbox_fill(&world->inbox, world->wire.stream, INBOX_ANY), RC_OK);
    assert_false(inbox_was_bulky(&world->inbox, 10));
    pour(world, 'a', LIMIT_SMALL_BUFFER_BYTES);
    assert_int_equal(inbox_fill(&world->inbox, world->wire.stream, INBOX_ANY), RC_OK);
    assert_true(inbox_was_bulky(&world->inbox, LIMIT_SMALL_BUFFER_BYTES + 10));
    assert_true(inbox_was_bulky(&world->inbox, spliced - 1));
    assert_false(inbox_was_bulky(&world->inbox, spliced));

    world->inbox.was_filled = false; /* begun with a large one */
    world->inbox.is_bulky = true;
    assert_true(inbox_was_bulky(&world->inbox, LIMIT_SMALL_BUFFER_BYTES + 1));
    assert_false(inbox_was_bulky(&world->inbox, LIMIT_SMALL_BUFFER_BYTES));
    assert_false(inbox_was_bulky(&world->inbox, spliced));
}

TEST(inbox, keeps_to_small_buffers_when_memory_is_short_and_then_to_none)
{
    struct world *world = *state_;
    struct budget budget = {.max = 2 * LIMIT_SMALL_BUFFER_BYTES + 1000};

    world->buffers.budget = &budget;
    world->inbox.is_bulky = true;
    pour(world, 'a', 60000);
    assert_int_equal(inbox_fill(&world->inbox, world->wire.stream, INBOX_ANY), RC_OK);
    assert_int_equal(inbox_bytes(&world->inbox).len, LIMIT_SMALL_BUFFER_BYTES);
    assert_int_equal(inbox_fill(&world->inbox, world->wire.stream, INBOX_ANY), RC_LIMIT);
    inbox_drop(&world->inbox, LIMIT_SMALL_BUFFER_BYTES);
    assert_int_equal(inbox_fill(&world->inbox, world->wire.stream, INBOX_ANY), RC_OK);
    inbox_drop(&world->inbox, inbox_bytes(&world->inbox).len);
    inbox_rest(&world->inbox);
    assert_int_equal(budget.used, 0);
    budget.used = budget.max;
    assert_int_equal(inbox_fill(&world->inbox, world->wire.stream, INBOX_ANY), RC_LIMIT);
    budget.used = 0;
    assert_int_equal(inbox_fill(&world->inbox, world->wire.stream, INBOX_ANY), RC_OK);
}

#define CASE_WORLD(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
TESTS({
    CASE_WORLD(inbox__holds_no_buffer_without_bytes),
    CASE_WORLD(inbox__unused_bytes_stay_in_one_piece_until_a_large_buffer_is_full),
    CASE_WORLD(inbox__what_is_pinned_stays_in_place_while_a_body_flows),
    CASE_WORLD(inbox__a_short_body_is_read_behind_its_head),
    CASE_WORLD(inbox__a_bulky_connection_begins_with_a_large_buffer),
    CASE_WORLD(inbox__bulky_is_what_is_longer_than_a_small_buffer_and_not_spliced),
    CASE_WORLD(inbox__keeps_to_small_buffers_when_memory_is_short_and_then_to_none),
})
