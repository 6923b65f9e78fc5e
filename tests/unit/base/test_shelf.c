/* SPDX-License-Identifier: Apache-2.0 */
#include "base/shelf.h"

#include "test.h"

#include <string.h>

TEST(shelf_take, hands_out_what_came_back_last_of_the_same_size)
{
    struct shelf shelf;

    shelf_init(&shelf, 4096);
    void *small = shelf_take(&shelf, 40);
    void *other = shelf_take(&shelf, 64);
    void *large = shelf_take(&shelf, 65);
    assert_int_equal((uintptr_t)small % 16, 0);
    shelf_give(&shelf, small);
    shelf_give(&shelf, large);
    shelf_give(&shelf, other);
    shelf_give(&shelf, NULL);
    assert_int_equal(shelf.kept_bytes, 64 + 64 + 128);
    assert_ptr_equal(shelf_take(&shelf, 1), other);
    assert_ptr_equal(shelf_take(&shelf, 0), small);
    assert_ptr_equal(shelf_take(&shelf, 128), large);
    assert_int_equal(shelf.kept_bytes, 0);
    shelf_give(&shelf, small);
    shelf_give(&shelf, other);
    shelf_give(&shelf, large);
    shelf_clear(&shelf);
    assert_int_equal(shelf.kept_bytes, 0);
}

TEST(shelf_give, keeps_no_more_than_allowed_and_nothing_large)
{
    struct shelf shelf;
    void *taken[3];

    shelf_init(&shelf, 128);
    for (size_t i = 0; i < ARRAY_LEN(taken); i++) {
        taken[i] = shelf_take(&shelf, 64);
    }
    for (size_t i = 0; i < ARRAY_LEN(taken); i++) {
        shelf_give(&shelf, taken[i]);
    }
    assert_int_equal(shelf.kept_bytes, 128);
    shelf_clear(&shelf);
    shelf.kept_bytes_max = SIZE_MAX / 2;
    shelf_give(&shelf, shelf_take(&shelf, SHELF_STEP_BYTES * SHELF_SLOTS + 1));
    assert_int_equal(shelf.kept_bytes, 0);
    shelf_give(&shelf, shelf_take(&shelf, SHELF_STEP_BYTES * SHELF_SLOTS));
    assert_int_equal(shelf.kept_bytes, SHELF_STEP_BYTES * SHELF_SLOTS);
    shelf_clear(&shelf);
}

TEST(shelf_grow, carries_the_bytes_along)
{
    static const size_t sizes[] = {10, 60, 64, 65, 700, 1024, 1025, 5000, 20000};
    char expected[20000];
    struct shelf shelf;
    char *object = NULL;
    size_t held = 0;

    shelf_init(&shelf, 4096);
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        object = shelf_grow(&shelf, object, sizes[i]);
        if (held) {
            assert_memory_equal(object, expected, held);
        }
        held = sizes[i];
        memset(object, (int)i + 1, held);
        memset(expected, (int)i + 1, held);
    }
    shelf_give(&shelf, object);
    assert_int_equal(shelf.kept_bytes, 64 + 128 + 704 + 1024);
    shelf_clear(&shelf);
}

TESTS({
    CASE(shelf_take__hands_out_what_came_back_last_of_the_same_size),
    CASE(shelf_give__keeps_no_more_than_allowed_and_nothing_large),
    CASE(shelf_grow__carries_the_bytes_along),
})
