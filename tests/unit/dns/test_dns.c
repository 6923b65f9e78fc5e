/* SPDX-License-Identifier: Apache-2.0 */
/* The server over real sockets, on loopback, with the loop turned by hand. */
#include "dns/dns.h"

#include "net/listen.h"
#include "net/udp.h"
#include "test.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

static const char document[] =
    "{\"balancers\":[{\"name\":\"alb\",\"dns_name\":\"alb-1.us-east-1.elb.internal\","
    "\"addresses\":[{\"zone\":\"us-east-1a\",\"ip\":\"127.0.80.10\"}],\"listeners\":[]}]}";

/* alb-1.us-east-1.elb.internal, type A, behind its length for TCP. */
static const char query[] = "\x00\x2e\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
                            "\x05"
                            "alb-1"
                            "\x09"
                            "us-east-1"
                            "\x03"
                            "elb"
                            "\x08"
                            "internal"
                            "\x00"
                            "\x00\x01\x00\x01";
enum { QUERY_BYTES = sizeof(query) - 1, ANSWER_BYTES = 46 + 16 };

struct server {
    struct loop *loop;
    struct dns *dns;
    struct net_addr udp;
    struct net_addr tcp;
};

static void start(struct server *server, bool has_snapshot)
{
    static const struct dns_config config = {TEXT_INIT("elb.internal"), 0x7f005002};
    struct net_addr any = net_addr_ip4(0x7f000001, 0);
    struct snapshot *snapshot;
    char why[256];
    int udp;
    int tcp;

    server->loop = loop_new();
    server->dns = dns_new(server->loop, NULL, &config);
    assert_int_equal(udp_open(any, &udp), RC_OK);
    assert_int_equal(listen_open(any, &tcp), RC_OK);
    server->udp = net_addr_local(udp);
    server->tcp = net_addr_local(tcp);
    assert_int_equal(dns_serve(server->dns, udp, tcp), RC_OK);
    if (has_snapshot) {
        assert_int_equal(snapshot_decode(text_of(document), &snapshot, why, sizeof(why)), RC_OK);
        dns_apply(server->dns, snapshot);
        snapshot_unref(snapshot);
    }
}

static void stop(struct server *server)
{
    dns_free(server->dns);
    loop_free(server->loop);
}

static int dial(const struct net_addr *to, int type)
{
    struct sockaddr_storage address;
    const socklen_t len = net_addr_to_sockaddr(to, &address);
    const int fd = socket(AF_INET, type, 0);

    assert_int_equal(connect(fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    return fd;
}

/* Turns the loop until `len` bytes came; false when they don't, or the end does. */
static bool receive(struct server *server, int fd, char *into, size_t len)
{
    size_t have = 0;

    for (int turns = 0; turns < 200 && have < len; turns++) {
        loop_turn(server->loop, 5);
        const ssize_t got = recv(fd, into + have, len - have, 0);
        if (got == 0) {
            return false;
        }
        have += got > 0 ? (size_t)got : 0;
    }
    return have == len;
}

static void assert_address(const char *answer)
{
    static const char expected[] = {127, 0, 80, 10};

    assert_memory_equal(answer, query + 2, 2); /* its id */
    assert_memory_equal(answer + ANSWER_BYTES - 4, expected, 4);
}

TEST(dns, answers_over_udp)
{
    char answer[ANSWER_BYTES];
    struct server server;

    start(&server, true);
    const int fd = dial(&server.udp, SOCK_DGRAM);
    assert_int_equal(send(fd, query + 2, QUERY_BYTES - 2, 0), QUERY_BYTES - 2);
    assert_true(receive(&server, fd, answer, sizeof(answer)));
    assert_address(answer);
    assert_int_equal(dns_answered(server.dns), 1);
    (void)close(fd);
    stop(&server);
}

TEST(dns, answers_queries_over_tcp_in_order_however_they_are_cut)
{
    char answer[2 + ANSWER_BYTES];
    struct server server;

    start(&server, true);
    const int fd = dial(&server.tcp, SOCK_STREAM);
    for (size_t i = 0; i < QUERY_BYTES; i++) {
        assert_int_equal(send(fd, query + i, 1, 0), 1);
        loop_turn(server.loop, 0);
    }
    assert_int_equal(send(fd, query, QUERY_BYTES, 0), QUERY_BYTES);
    for (int i = 0; i < 2; i++) {
        assert_true(receive(&server, fd, answer, sizeof(answer)));
        assert_int_equal(answer[1], ANSWER_BYTES);
        assert_address(answer + 2);
    }
    (void)close(fd);
    loop_turn(server.loop, 5);
    stop(&server);
}

TEST(dns, ends_a_conversation_that_is_not_dns)
{
    struct server server;
    char byte;

    start(&server, true);
    const int fd = dial(&server.tcp, SOCK_STREAM);
    assert_int_equal(send(fd, "GET / HTTP/1.1\r\n\r\n", 18, 0), 18);
    assert_false(receive(&server, fd, &byte, 1));
    (void)close(fd);
    stop(&server);
}

TEST(dns, closes_open_conversations_at_the_end)
{
    struct server server;

    start(&server, true);
    const int fd = dial(&server.tcp, SOCK_STREAM);
    loop_turn(server.loop, 5);
    stop(&server);
    (void)close(fd);
}

TEST(dns, is_silent_before_the_first_snapshot)
{
    struct server server;
    char byte;

    start(&server, false);
    const int fd = dial(&server.udp, SOCK_DGRAM);
    assert_int_equal(send(fd, query + 2, QUERY_BYTES - 2, 0), QUERY_BYTES - 2);
    for (int i = 0; i < 5; i++) {
        loop_turn(server.loop, 5);
    }
    assert_int_equal(recv(fd, &byte, 1, 0), -1);
    (void)close(fd);
    stop(&server);
}

TESTS({
    CASE(dns__answers_over_udp),
    CASE(dns__answers_queries_over_tcp_in_order_however_they_are_cut),
    CASE(dns__ends_a_conversation_that_is_not_dns),
    CASE(dns__closes_open_conversations_at_the_end),
    CASE(dns__is_silent_before_the_first_snapshot),
})
