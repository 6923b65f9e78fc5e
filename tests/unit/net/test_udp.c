/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/limits.h"
#include "net/udp.h"

#include <sys/socket.h>
#include <unistd.h>

#define HERE 0x7f010003u /* 127.1.0.3 */

struct echo {
    struct udp udp;
    int received;
    bool stops;
};

static void echo_back(void *arg, struct net_addr peer, struct text data)
{
    struct echo *echo = arg;

    echo->received++;
    assert_int_equal(udp_send(&echo->udp, peer, data), RC_OK);
    if (echo->stops) {
        udp_stop(&echo->udp);
    }
}

static void say(int fd, const struct udp *to, struct text data)
{
    struct sockaddr_storage storage;
    const socklen_t len = net_addr_to_sockaddr(&to->local, &storage);

    assert_int_equal(sendto(fd, data.at, data.len, 0, (struct sockaddr *)&storage, len),
                     (ssize_t)data.len);
}

TEST(udp, answers_whoever_asked_and_drops_what_is_too_long)
{
    static char big[LIMIT_DATAGRAM_BYTES + 1];
    AUTO(loop) struct loop *loop = loop_new();
    struct echo echo = {.received = 0};
    int fd = -1;
    int client = -1;
    char bytes[16];

    assert_int_equal(udp_open(net_addr_ip4(HERE, 0), &fd), RC_OK);
    assert_int_equal(udp_open(net_addr_ip4(HERE, 0), &client), RC_OK);
    assert_int_equal(udp_start(&echo.udp, loop, fd, echo_back, &echo), RC_OK);
    say(client, &echo.udp, (struct text){big, sizeof(big)});
    say(client, &echo.udp, TEXT("ping"));
    loop_turn(loop, 1000);
    assert_int_equal(echo.received, 1);
    assert_int_equal(recv(client, bytes, sizeof(bytes), 0), 4);
    assert_memory_equal(bytes, "ping", 4);
    udp_stop(&echo.udp);
    udp_stop(&echo.udp);
    close(client);
}

TEST(udp, may_be_stopped_from_inside)
{
    AUTO(loop) struct loop *loop = loop_new();
    struct echo echo = {.stops = true};
    int fd = -1;
    int client = -1;

    assert_int_equal(udp_open(net_addr_ip4(HERE, 0), &fd), RC_OK);
    assert_int_equal(udp_open(net_addr_ip4(HERE, 0), &client), RC_OK);
    assert_int_equal(udp_start(&echo.udp, loop, fd, echo_back, &echo), RC_OK);
    say(client, &echo.udp, TEXT("one"));
    say(client, &echo.udp, TEXT("two"));
    loop_turn(loop, 1000);
    loop_turn(loop, 0);
    assert_int_equal(echo.received, 1);
    close(client);
}

TESTS({
    CASE(udp__answers_whoever_asked_and_drops_what_is_too_long),
    CASE(udp__may_be_stopped_from_inside),
})
