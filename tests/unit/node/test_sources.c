/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "node/sources.h"

#define MANY 5000

TEST(sources, counts_each_address_apart)
{
    struct sources s;

    sources_init(&s, 7);
    struct source *one = sources_add(&s, 1);
    struct source *two = sources_add(&s, 2);
    assert_ptr_equal(sources_add(&s, 1), one);
    assert_int_equal(one->connections, 2);
    assert_int_equal(two->connections, 1);
    sources_remove(&s, one);
    assert_int_equal(one->connections, 1);
    struct source *zero = sources_add(&s, 0);
    assert_int_equal(zero->connections, 1);
    sources_remove(&s, one);
    sources_remove(&s, two);
    sources_remove(&s, zero);
    assert_int_equal(s.count, 0);
    sources_done(&s);
}

TEST(sources, stay_where_they_are_while_others_come_and_go)
{
    static struct source *held[MANY];
    struct sources s;

    sources_init(&s, 7);
    for (uint32_t round = 0; round < 3; round++) {
        for (uint32_t ip = 0; ip < MANY; ip++) {
            held[ip] = sources_add(&s, ip * 256 + round);
            assert_int_equal(held[ip]->connections, 1);
            held[ip]->requests = ip;
        }
        for (uint32_t ip = 0; ip < MANY; ip += 2) {
            held[ip]->requests = 0;
            sources_remove(&s, held[ip]);
        }
        for (uint32_t ip = 1; ip < MANY; ip += 2) {
            assert_ptr_equal(sources_add(&s, ip * 256 + round), held[ip]);
            assert_int_equal(held[ip]->connections, 2);
            assert_int_equal(held[ip]->requests, ip);
            held[ip]->requests = 0;
            sources_remove(&s, held[ip]);
            sources_remove(&s, held[ip]);
        }
        assert_int_equal(s.count, 0);
    }
    assert_true(s.size <= 4 * MANY);
    sources_done(&s);
}

TESTS({
    CASE(sources__counts_each_address_apart),
    CASE(sources__stay_where_they_are_while_others_come_and_go),
})
