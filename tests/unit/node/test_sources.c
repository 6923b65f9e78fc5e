/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "node/sources.h"

#define MANY 5000

TEST(sources, counts_each_address_apart)
{
    struct sources s;

    sources_init(&s, 7);
    assert_int_equal(sources_add(&s, 1), 1);
    assert_int_equal(sources_add(&s, 2), 1);
    assert_int_equal(sources_add(&s, 1), 2);
    sources_remove(&s, 1);
    assert_int_equal(sources_add(&s, 1), 2);
    assert_int_equal(sources_add(&s, 0), 1);
    sources_done(&s);
}

TEST(sources, forgets_an_address_without_connections)
{
    struct sources s;

    sources_init(&s, 7);
    for (uint32_t round = 0; round < 3; round++) {
        for (uint32_t ip = 0; ip < MANY; ip++) {
            assert_int_equal(sources_add(&s, ip * 256 + round), 1);
        }
        for (uint32_t ip = 0; ip < MANY; ip += 2) {
            sources_remove(&s, ip * 256 + round);
        }
        for (uint32_t ip = 1; ip < MANY; ip += 2) {
            assert_int_equal(sources_add(&s, ip * 256 + round), 2);
            sources_remove(&s, ip * 256 + round);
            sources_remove(&s, ip * 256 + round);
        }
        assert_int_equal(s.count, 0);
    }
    assert_true(s.size <= 4 * MANY);
    sources_done(&s);
}

TESTS(CASE(sources__counts_each_address_apart)
          CASE(sources__forgets_an_address_without_connections))
