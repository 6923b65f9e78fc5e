/* SPDX-License-Identifier: Apache-2.0 */
#include "base/list.h"

#include "test.h"

struct item {
    int value;
    struct list link;
};

TEST(list_push, keeps_the_order_of_both_ends)
{
    struct item items[] = {{.value = 2}, {.value = 3}, {.value = 1}};
    struct list list;
    int expected = 1;

    list_init(&list);
    assert_true(list_is_empty(&list));
    list_push_back(&list, &items[0].link);
    list_push_back(&list, &items[1].link);
    list_push_front(&list, &items[2].link);
    LIST_EACH (&list, link) {
        assert_int_equal(LIST_ITEM(link, struct item, link)->value, expected++);
    }
    assert_int_equal(expected, 4);
}

TEST(list_each, survives_the_removal_of_the_current_item)
{
    struct item items[3] = {0};
    struct list list;
    int visited = 0;

    list_init(&list);
    for (size_t i = 0; i < ARRAY_LEN(items); i++) {
        list_push_back(&list, &items[i].link);
    }
    LIST_EACH (&list, link) {
        list_remove(link);
        list_remove(link); /* twice is harmless */
        visited++;
    }
    assert_int_equal(visited, 3);
    assert_true(list_is_empty(&list));
    assert_null(list_pop_front(&list));
}

TEST(list_pop_front, takes_the_first_off)
{
    struct item items[2] = {0};
    struct list list;

    list_init(&list);
    list_push_back(&list, &items[0].link);
    list_push_back(&list, &items[1].link);
    assert_ptr_equal(list_pop_front(&list), &items[0].link);
    assert_ptr_equal(list_pop_front(&list), &items[1].link);
    assert_null(list_pop_front(&list));
}

TESTS({
    CASE(list_push__keeps_the_order_of_both_ends),
    CASE(list_each__survives_the_removal_of_the_current_item),
    CASE(list_pop_front__takes_the_first_off),
})
