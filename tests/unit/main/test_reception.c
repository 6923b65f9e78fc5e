/* SPDX-License-Identifier: Apache-2.0 */
#include "main/reception.h"

#include "base/mem.h"

#include "test.h"

#include <unistd.h>

enum { POOL = 0x7f05fd00, DNS_IP = POOL + 2 }; /* 127.5.253.0/24 */

static const struct child control = {.role = "control", .index = 0};
static const struct child node = {.role = "node", .index = 1};
static const struct child dns = {.role = "dns", .index = 2};

static void open_reception(struct reception *reception)
{
    struct text bad;

    reception_init(reception, NULL);
    assert_int_equal(grant_add(&reception->pools, TEXT("127.5.253.0/24"), &bad), RC_OK);
    reception->dns = net_addr_ip4(DNS_IP, 53);
    reception->port_offset = 20000;
}

static enum rc ask(struct reception *reception, const struct child *child, enum desk_verb verb,
                   uint32_t ip, uint16_t port)
{
    struct desk_question *question = MEM_NEW(struct desk_question);
    int fd = -1;
    int own_fd = -1;

    *question = (struct desk_question){.verb = verb, .ip = ip, .port = port};
    const enum rc rc = reception_answer(reception, child, question, &fd, &own_fd);
    mem_give(question);
    assert_int_equal(own_fd, -1);
    assert_true(rc != RC_OK || fd >= 0 || verb == DESK_UNLISTEN || verb == DESK_READY);
    return rc;
}

TEST(reception, gives_nodes_the_addresses_of_load_balancers_only)
{
    struct reception reception;

    open_reception(&reception);
    assert_int_equal(ask(&reception, &node, DESK_TCP, POOL + 10, 80), RC_OK);
    assert_int_equal(ask(&reception, &node, DESK_TCP, 0x7f05fe0a, 80), RC_DENIED);
    assert_int_equal(ask(&reception, &node, DESK_TCP, 0, 80), RC_DENIED);
    assert_int_equal(ask(&reception, &node, DESK_UDP, POOL + 10, 80), RC_DENIED);
    assert_int_equal(ask(&reception, &node, DESK_API, 0, 0), RC_DENIED);
    assert_int_equal(ask(&reception, &node, DESK_FEED, 0, 0), RC_DENIED);
    reception_done(&reception);
}

TEST(reception, gives_dns_its_own_place_only)
{
    struct reception reception;

    open_reception(&reception);
    assert_int_equal(ask(&reception, &dns, DESK_UDP, DNS_IP, 53), RC_OK);
    assert_int_equal(ask(&reception, &dns, DESK_TCP, DNS_IP, 53), RC_OK);
    assert_int_equal(ask(&reception, &dns, DESK_TCP, DNS_IP, 54), RC_DENIED);
    assert_int_equal(ask(&reception, &dns, DESK_TCP, POOL + 10, 53), RC_DENIED);
    reception_done(&reception);
}

TEST(reception, gives_control_no_sockets_of_load_balancers)
{
    struct reception reception;

    open_reception(&reception);
    assert_int_equal(ask(&reception, &control, DESK_TCP, POOL + 10, 80), RC_DENIED);
    reception.api_fd = dup(0);
    assert_int_equal(ask(&reception, &control, DESK_API, 0, 0), RC_OK);
    reception_done(&reception);
}

TEST(reception, moves_every_port_and_none_beyond_the_last)
{
    struct reception reception;
    struct net_addr place;

    open_reception(&reception);
    assert_int_equal(reception_place(&reception, POOL, 80, &place), RC_OK);
    assert_int_equal(place.port, 20080);
    assert_int_equal(reception_place(&reception, POOL, 45535, &place), RC_OK);
    assert_int_equal(place.port, 65535);
    assert_int_equal(reception_place(&reception, POOL, 45536, &place), RC_LIMIT);
    assert_int_equal(ask(&reception, &node, DESK_TCP, POOL + 10, 45536), RC_LIMIT);
    assert_int_equal(ask(&reception, &node, DESK_UNLISTEN, POOL + 10, 45536), RC_LIMIT);
    reception_done(&reception);
}

TESTS({
    CASE(reception__gives_nodes_the_addresses_of_load_balancers_only),
    CASE(reception__gives_dns_its_own_place_only),
    CASE(reception__gives_control_no_sockets_of_load_balancers),
    CASE(reception__moves_every_port_and_none_beyond_the_last),
})
