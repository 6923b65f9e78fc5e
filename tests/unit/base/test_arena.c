/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/budget.h"

#include "test.h"

static bool is_zero(const char *at, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (at[i]) {
            return false;
        }
    }
    return true;
}

TEST(arena_take, gives_zeroed_aligned_memory)
{
    AUTO(arena) struct arena *arena = arena_new(64, 4096);

    for (size_t bytes = 1; bytes < 40; bytes++) {
        char *at = arena_take(arena, bytes);
        assert_non_null(at);
        assert_int_equal((uintptr_t)at % _Alignof(max_align_t), 0);
        assert_true(is_zero(at, bytes));
        memset(at, 0xff, bytes);
    }
}

TEST(arena_take, stops_at_the_ceiling_and_stays_usable)
{
    AUTO(arena) struct arena *arena = arena_new(64, 256);
    const volatile size_t endless = SIZE_MAX; /* not for the compiler to see */

    assert_null(arena_take(arena, 257));
    assert_null(arena_take(arena, endless));
    assert_null(arena_take(arena, endless - 16));
    assert_non_null(arena_take(arena, 100));
    assert_null(arena_take(arena, 128));
    assert_non_null(arena_take(arena, 32));
    assert_true(arena_bytes(arena) <= 256);
}

TEST(arena_array, refuses_a_product_that_overflows)
{
    AUTO(arena) struct arena *arena = arena_new(64, 4096);

    assert_null(ARENA_ARRAY(arena, uint64_t, SIZE_MAX / 4));
    assert_non_null(ARENA_ARRAY(arena, uint64_t, 4));
}

TEST(arena_text, copies_and_terminates)
{
    AUTO(arena) struct arena *arena = arena_new(64, 4096);
    const struct text copy = arena_text(arena, TEXT("seven"));

    assert_text_equal(copy, TEXT("seven"));
    assert_int_equal(copy.at[5], '\0');
    assert_text_equal(arena_text(arena, (struct text){NULL, 0}), TEXT(""));
    assert_text_equal(arena_printf(arena, "%s-%d", "a", 7), TEXT("a-7"));
}

TEST(arena_rewind, takes_back_what_came_after_the_mark)
{
    AUTO(arena) struct arena *arena = arena_new(64, 1 << 20);
    char *kept = arena_take(arena, 16);
    const struct arena_mark mark = arena_mark(arena);
    char *first = arena_take(arena, 16);

    kept[0] = 'k';
    for (int i = 0; i < 100; i++) {
        assert_non_null(arena_take(arena, 1000));
    }
    assert_true(arena_bytes(arena) > 100000);
    arena_rewind(arena, mark);
    assert_int_equal(arena_bytes(arena), 64);
    assert_int_equal(kept[0], 'k');
    assert_ptr_equal(arena_take(arena, 16), first);
}

TEST(arena_reset, keeps_the_first_block)
{
    AUTO(arena) struct arena *arena = arena_new(64, 1 << 20);
    char *first = arena_take(arena, 16);

    assert_non_null(arena_take(arena, 5000));
    arena_reset(arena);
    assert_int_equal(arena_bytes(arena), 64);
    assert_ptr_equal(arena_take(arena, 16), first);
}

TEST(arena_charge, counts_every_block_and_stops_where_the_budget_ends)
{
    struct budget budget = {.used = 50, .max = 1000};
    AUTO(arena) struct arena *arena = arena_new(64, 1 << 20);

    arena_charge(arena, &budget);
    assert_int_equal(budget.used, 114);
    assert_non_null(arena_take(arena, 500));
    assert_int_equal(budget.used, 50 + arena_bytes(arena));
    assert_null(arena_take(arena, 600));
    arena_reset(arena);
    assert_int_equal(budget.used, 114);
    assert_non_null(arena_take(arena, 600));
    arena_free(arena);
    arena = NULL;
    assert_int_equal(budget.used, 50);
}

TESTS({
    CASE(arena_take__gives_zeroed_aligned_memory),
    CASE(arena_take__stops_at_the_ceiling_and_stays_usable),
    CASE(arena_array__refuses_a_product_that_overflows),
    CASE(arena_text__copies_and_terminates),
    CASE(arena_rewind__takes_back_what_came_after_the_mark),
    CASE(arena_reset__keeps_the_first_block),
    CASE(arena_charge__counts_every_block_and_stops_where_the_budget_ends),
})
