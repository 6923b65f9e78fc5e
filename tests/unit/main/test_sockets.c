/* SPDX-License-Identifier: Apache-2.0 */
#include "main/sockets.h"

#include "test.h"

#include <sys/socket.h>
#include <unistd.h>

enum { IP = 0x7f05fe01, PORT = 18080 }; /* 127.5.254.1 */

static const struct net_addr addr = {.ip4 = IP, .port = PORT, .family = NET_IPV4};

static enum rc take(struct sockets *sockets, int worker, int owner, int *fd)
{
    const struct socket_key key = {.kind = SOCKET_TCP, .addr = addr, .worker = worker};

    return sockets_take(sockets, &key, owner, fd);
}

static bool is_listening(void)
{
    struct sockaddr_storage storage;
    const socklen_t len = net_addr_to_sockaddr(&addr, &storage);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool is = connect(fd, (struct sockaddr *)&storage, len) == 0;

    (void)close(fd);
    return is;
}

TEST(sockets, a_child_that_starts_again_gets_the_same_ones)
{
    struct sockets sockets;
    int first, second, again;

    sockets_init(&sockets);
    assert_int_equal(take(&sockets, 0, 1, &first), RC_OK);
    assert_int_equal(take(&sockets, 1, 1, &second), RC_OK);
    assert_int_not_equal(first, second);
    sockets_forget(&sockets, 1);
    assert_int_equal(take(&sockets, 0, 1, &again), RC_OK);
    assert_int_equal(again, first);
    sockets_done(&sockets);
    assert_false(is_listening());
}

TEST(sockets, an_address_belongs_to_one_child)
{
    struct sockets sockets;
    int fd;

    sockets_init(&sockets);
    assert_int_equal(take(&sockets, 0, 1, &fd), RC_OK);
    assert_int_equal(take(&sockets, 0, 2, &fd), RC_CONFLICT);
    sockets_drop(&sockets, addr, 2); /* not its own */
    assert_true(is_listening());
    sockets_drop(&sockets, addr, 1);
    assert_false(is_listening());
    assert_int_equal(take(&sockets, 0, 2, &fd), RC_OK);
    sockets_done(&sockets);
}

TEST(sockets, shares_no_address_with_another_program)
{
    struct sockets ours, theirs;
    int fd;

    sockets_init(&ours);
    sockets_init(&theirs);
    assert_false(sockets_is_taken(addr));
    assert_int_equal(take(&theirs, 0, 1, &fd), RC_OK);
    assert_true(sockets_is_taken(addr));
    assert_int_equal(take(&ours, 0, 1, &fd), RC_CONFLICT);
    sockets_done(&theirs);
    assert_int_equal(take(&ours, 0, 1, &fd), RC_OK);
    sockets_done(&ours);
}

TEST(sockets, a_sweep_closes_what_was_not_asked_for_again)
{
    struct sockets sockets;
    int fd;

    sockets_init(&sockets);
    assert_int_equal(take(&sockets, 0, 1, &fd), RC_OK);
    sockets_sweep(&sockets, 1);
    assert_true(is_listening());
    sockets_forget(&sockets, 2);
    sockets_sweep(&sockets, 1);
    assert_true(is_listening());
    sockets_forget(&sockets, 1);
    sockets_sweep(&sockets, 2);
    assert_true(is_listening());
    sockets_sweep(&sockets, 1);
    assert_false(is_listening());
    sockets_done(&sockets);
}

TESTS({
    CASE(sockets__a_child_that_starts_again_gets_the_same_ones),
    CASE(sockets__an_address_belongs_to_one_child),
    CASE(sockets__shares_no_address_with_another_program),
    CASE(sockets__a_sweep_closes_what_was_not_asked_for_again),
})
