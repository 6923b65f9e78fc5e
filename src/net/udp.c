/* SPDX-License-Identifier: Apache-2.0 */
#include "net/udp.h"

#include "base/limits.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum rc udp_open(struct net_addr addr, int *out)
{
    struct sockaddr_storage storage;
    const socklen_t len = net_addr_to_sockaddr(&addr, &storage);
    const int on = 1;
    const int fd = socket(storage.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0) {
        return RC_IO;
    }
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) == 0 &&
        bind(fd, (struct sockaddr *)&storage, len) == 0) {
        *out = fd;
        return RC_OK;
    }
    const enum rc rc = net_rc(errno);
    (void)close(fd); /* the first failure is the one to tell */
    return rc;
}

static void udp_ready(struct loop_watch *watch, unsigned events)
{
    struct udp *udp = CONTAINER_OF(watch, struct udp, watch);
    char bytes[LIMIT_DATAGRAM_BYTES];

    for (int i = 0; i < LIMIT_DATAGRAM_BATCH && udp->watch.fd >= 0; i++) {
        struct sockaddr_storage storage;
        socklen_t addr_len = sizeof(storage);
        const ssize_t got = recvfrom(udp->watch.fd, bytes, sizeof(bytes), MSG_TRUNC,
                                     (struct sockaddr *)&storage, &addr_len);

        if (got < 0 && errno == EAGAIN) {
            return;
        }
        /* Errors are of earlier sends (ICMP) and say nothing about this socket. */
        if (got >= 0 && (size_t)got <= sizeof(bytes)) {
            const struct net_addr peer = net_addr_from_sockaddr(&storage);
            udp->receive(udp->arg, peer, (struct text){bytes, (size_t)got});
        }
    }
}

enum rc udp_start(struct udp *udp, struct loop *loop, int fd, udp_receive_fn *receive, void *arg)
{
    *udp = (struct udp){
        .loop = loop,
        .receive = receive,
        .arg = arg,
        .local = net_addr_local(fd),
    };
    if (loop_watch_level(loop, &udp->watch, fd, udp_ready) != RC_OK) {
        udp->loop = NULL;
        (void)close(fd); /* it is refused already */
        return RC_IO;
    }
    return RC_OK;
}

void udp_stop(struct udp *udp)
{
    const int fd = udp->watch.fd;

    if (!udp->loop || fd < 0) {
        return;
    }
    loop_watch_stop(udp->loop, &udp->watch);
    (void)close(fd); /* nothing to do about a failure */
}

enum rc udp_send(struct udp *udp, struct net_addr peer, struct text data)
{
    struct sockaddr_storage storage;
    const socklen_t len = net_addr_to_sockaddr(&peer, &storage);

    if (sendto(udp->watch.fd, data.at, data.len, MSG_NOSIGNAL, (struct sockaddr *)&storage, len) >=
        0) {
        return RC_OK;
    }
    switch (errno) {
    case EAGAIN:
        return RC_AGAIN;
    case EMSGSIZE:
        return RC_LIMIT;
    default:
        return RC_IO;
    }
}
