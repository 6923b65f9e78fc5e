/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "node/shares.h"

static const struct shares_wish as_it_comes;

static struct shares share(size_t descriptors, int workers, const struct shares_wish *wish)
{
    const struct shares_stock stock = {descriptors, (size_t)4 << 30};

    return shares_of(&stock, workers, wish);
}

TEST(shares, leave_descriptors_to_health_checks_when_everything_is_taken)
{
    static const struct {
        size_t descriptors;
        int workers;
        size_t left;
    } machines[] = {{1024, 1, 256}, {1024, 8, 256}, {20000, 4, 1200}, {1 << 20, 64, 50000}};

    for (size_t i = 0; i < ARRAY_LEN(machines); i++) {
        const struct shares one = share(machines[i].descriptors, machines[i].workers, &as_it_comes);
        const size_t all = (one.connections + one.refused + one.requests + 2 * one.conduits) *
                           (size_t)machines[i].workers;

        assert_true(all + machines[i].left <= machines[i].descriptors);
        assert_true(all * 10 >= (machines[i].descriptors - machines[i].left) * 8);
    }
}

TEST(shares, give_something_of_everything_also_of_very_few)
{
    const struct shares few = share(64, 4, &as_it_comes);

    assert_true(few.connections >= 1);
    assert_true(few.requests >= 1);
    assert_true(shares_of_source(few.requests) >= 1);
    assert_true(shares_of_listener(1) == 1);
}

TEST(shares, divide_what_was_asked_for_among_workers)
{
    const struct shares_wish wish = {.connections_max = 100, .requests_max = 50};
    const struct shares one = share(20000, 4, &wish);

    assert_int_equal(one.connections, 25);
    assert_int_equal(one.requests, 13);
    assert_int_equal(one.memory_bytes, (size_t)256 << 20);
}

TEST(shares, leave_room_beside_one_listener_and_one_source)
{
    assert_int_equal(shares_of_listener(1000), 900);
    assert_int_equal(shares_of_source(1000), 800);
    assert_int_equal(shares_of_source(17), 13);
}

TESTS({
    CASE(shares__leave_descriptors_to_health_checks_when_everything_is_taken),
    CASE(shares__give_something_of_everything_also_of_very_few),
    CASE(shares__divide_what_was_asked_for_among_workers),
    CASE(shares__leave_room_beside_one_listener_and_one_source),
})
