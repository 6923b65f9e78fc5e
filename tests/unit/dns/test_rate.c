/* SPDX-License-Identifier: Apache-2.0 */
#include "dns/rate.h"

#include "test.h"

static void exhaust(struct rate *rate, uint32_t ip, int64_t now_ms)
{
    for (int i = 0; i < LIMIT_DNS_ANSWERS_PER_S; i++) {
        assert_true(rate_take(rate, ip, now_ms));
    }
}

TEST(rate_take, counts_a_network_for_a_second)
{
    static struct rate rate;

    exhaust(&rate, 0x0a000001, 5000);
    assert_false(rate_take(&rate, 0x0a000001, 5999));
    assert_false(rate_take(&rate, 0x0a0000fe, 5999)); /* the same /24 */
    assert_true(rate_take(&rate, 0x0a000101, 5999));  /* the next one */
    assert_true(rate_take(&rate, 0x0a000001, 6000));
}

TESTS({
    CASE(rate_take__counts_a_network_for_a_second),
})
