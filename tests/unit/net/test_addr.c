/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "net/addr.h"

TEST(net_addr, reads_four_numbers_and_nothing_else)
{
    static const char *const bad[] = {
        "",         "1.2.3",      "1.2.3.256", " 1.2.3.4",
        "1.2.3.4 ", "1.2.3.4:80", "::1",       "999999999999999999999999"};
    struct net_addr addr = {0};

    assert_int_equal(net_addr_of(TEXT("127.1.2.3"), 80, &addr), RC_OK);
    assert_int_equal(addr.ip4, 0x7f010203);
    assert_int_equal(addr.port, 80);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_int_equal(net_addr_of(text_of(bad[i]), 80, &addr), RC_BAD);
    }
    assert_int_equal(addr.ip4, 0x7f010203);
}

TEST(net_addr, becomes_words)
{
    char out[NET_ADDR_SIZE];
    const struct net_addr most = net_addr_ip4(UINT32_MAX, UINT16_MAX);
    const struct net_addr none = {.family = NET_NONE};

    const struct net_addr mixed = net_addr_ip4(0x000a63c8, 1);

    assert_text_equal(net_addr_ip(&most, out), TEXT("255.255.255.255"));
    assert_text_equal(net_addr_ip(&mixed, out), TEXT("0.10.99.200"));
    assert_text_equal(text_of(out), TEXT("0.10.99.200"));
    assert_text_equal(net_addr_text(&most, out), TEXT("255.255.255.255:65535"));
    assert_text_equal(net_addr_text(&none, out), TEXT("-"));
}

TEST(net_addr, survives_the_way_through_the_kernels_form)
{
    struct sockaddr_storage storage;
    const struct net_addr addr = net_addr_ip4(0x7f000001, 8080);

    assert_int_equal(net_addr_to_sockaddr(&addr, &storage), sizeof(struct sockaddr_in));
    const struct net_addr back = net_addr_from_sockaddr(&storage);
    assert_int_equal(back.ip4, addr.ip4);
    assert_int_equal(back.port, addr.port);
    storage.ss_family = AF_INET6;
    assert_int_equal(net_addr_from_sockaddr(&storage).family, NET_NONE);
}

TESTS({
    CASE(net_addr__reads_four_numbers_and_nothing_else),
    CASE(net_addr__becomes_words),
    CASE(net_addr__survives_the_way_through_the_kernels_form),
})
