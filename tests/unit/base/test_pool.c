/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pool.h"

#include "test.h"

TEST(pool_take, hands_out_what_came_back_last)
{
    struct pool pool;

    pool_init(&pool, 100, 0);
    void *a = pool_take(&pool);
    void *b = pool_take(&pool);
    assert_ptr_not_equal(a, b);
    pool_give(&pool, a);
    pool_give(&pool, b);
    assert_ptr_equal(pool_take(&pool), b);
    assert_ptr_equal(pool_take(&pool), a);
    pool_give(&pool, a);
    pool_give(&pool, b);
    pool_give(&pool, NULL);
    pool_done(&pool);
}

TEST(pool_take, refuses_one_more_than_allowed)
{
    struct pool pool;

    pool_init(&pool, 1, 2);
    void *a = pool_take(&pool);
    void *b = pool_take(&pool);
    assert_null(pool_take(&pool));
    pool_give(&pool, a);
    a = pool_take(&pool);
    assert_non_null(a);
    pool_give(&pool, a);
    pool_give(&pool, b);
    pool_done(&pool);
}

TEST(pool_trim, frees_what_is_beyond_the_reserve)
{
    void *taken[10];
    struct pool pool;

    pool_init(&pool, 64, 0);
    for (size_t i = 0; i < ARRAY_LEN(taken); i++) {
        taken[i] = pool_take(&pool);
    }
    for (size_t i = 0; i < ARRAY_LEN(taken); i++) {
        pool_give(&pool, taken[i]);
    }
    assert_int_equal(pool.count_free, 10);
    pool_trim(&pool, 3);
    assert_int_equal(pool.count_free, 3);
    assert_int_equal(pool.count_taken, 0);
    pool_done(&pool);
}

TESTS({
    CASE(pool_take__hands_out_what_came_back_last),
    CASE(pool_take__refuses_one_more_than_allowed),
    CASE(pool_trim__frees_what_is_beyond_the_reserve),
})
