/* SPDX-License-Identifier: Apache-2.0 */
#include "base/map.h"

#include "test.h"

#include <stdio.h>

enum { MANY = 2000 };

struct thing {
    char name[16];
    struct text key;
    int seen;
};

static void fill(struct map *map, struct thing *things)
{
    map_init(map);
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(things[i].name, sizeof(things[i].name), "thing-%d", i);
        things[i].key = text_of(things[i].name);
        things[i].seen = 0;
        assert_null(map_put(map, things[i].key, &things[i]));
    }
}

TEST(map_get, finds_each_of_many_and_nothing_else)
{
    static struct thing things[MANY];
    struct map map;

    fill(&map, things);
    for (int i = 0; i < MANY; i++) {
        assert_ptr_equal(map_get(&map, things[i].key), &things[i]);
    }
    assert_null(map_get(&map, TEXT("thing-")));
    assert_null(map_get(&map, TEXT("")));
    map_done(&map);
    assert_null(map_get(&map, things[0].key));
}

TEST(map_put, gives_back_what_it_replaced)
{
    struct thing a = {0}, b = {0};
    struct map map;

    map_init(&map);
    assert_null(map_put(&map, TEXT("k"), &a));
    assert_ptr_equal(map_put(&map, TEXT("k"), &b), &a);
    assert_ptr_equal(map_get(&map, TEXT("k")), &b);
    assert_int_equal(map.count, 1);
    map_done(&map);
}

TEST(map_remove, leaves_every_other_key_findable)
{
    static struct thing things[MANY];
    struct map map;

    fill(&map, things);
    for (int i = 0; i < MANY; i += 2) {
        assert_ptr_equal(map_remove(&map, things[i].key), &things[i]);
        assert_null(map_remove(&map, things[i].key));
    }
    for (int i = 0; i < MANY; i++) {
        assert_ptr_equal(map_get(&map, things[i].key), i % 2 ? &things[i] : NULL);
    }
    assert_int_equal(map.count, MANY / 2);
    map_done(&map);
}

TEST(map_each, visits_every_value_once)
{
    static struct thing things[MANY];
    struct thing *thing;
    struct map map;
    size_t at = 0;

    fill(&map, things);
    while ((thing = map_each(&map, &at))) {
        thing->seen++;
    }
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(things[i].seen, 1);
    }
    map_done(&map);
}

TESTS({
    CASE(map_get__finds_each_of_many_and_nothing_else),
    CASE(map_put__gives_back_what_it_replaced),
    CASE(map_remove__leaves_every_other_key_findable),
    CASE(map_each__visits_every_value_once),
})
