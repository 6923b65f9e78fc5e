/* SPDX-License-Identifier: Apache-2.0 */
#include "main/supply.h"

#include "main/child.h"
#include "main/desk.h"
#include "main/unix_socket.h"
#include "net/listen.h"
#include "net/udp.h"

#include <fcntl.h>
#include <stdlib.h>

void supply_init(struct supply *supply, const char *feed, uint16_t port_offset)
{
    *supply = (struct supply){.desk_fd = -1, .feed = feed, .port_offset = port_offset};
    if (getenv(CHILD_VARIABLE) && fcntl(CHILD_DESK_FD, F_SETFD, FD_CLOEXEC) == 0) {
        supply->desk_fd = CHILD_DESK_FD;
    }
}

bool supply_is_supervised(const struct supply *supply)
{
    return supply->desk_fd >= 0;
}

static enum rc ask(const struct supply *supply, enum desk_verb verb, uint32_t ip, uint16_t port,
                   int worker, int *fd)
{
    const struct desk_question question = {
        .verb = verb, .ip = ip, .port = port, .worker = (uint16_t)worker};

    return desk_ask(supply->desk_fd, &question, fd);
}

/* The port as the kernel shall see it; 0 when that is none. */
static struct net_addr moved(const struct supply *supply, uint32_t ip, uint16_t port)
{
    const unsigned sum = (unsigned)port + supply->port_offset;

    return net_addr_ip4(ip, sum > UINT16_MAX ? 0 : (uint16_t)sum);
}

enum rc supply_tcp(const struct supply *supply, uint32_t ip, uint16_t port, int worker, int *fd)
{
    if (supply_is_supervised(supply)) {
        return ask(supply, DESK_TCP, ip, port, worker, fd);
    }
    const struct net_addr addr = moved(supply, ip, port);
    return addr.port ? listen_open(addr, fd) : RC_DENIED;
}

enum rc supply_udp(const struct supply *supply, uint32_t ip, uint16_t port, int *fd)
{
    if (supply_is_supervised(supply)) {
        return ask(supply, DESK_UDP, ip, port, 0, fd);
    }
    const struct net_addr addr = moved(supply, ip, port);
    return addr.port ? udp_open(addr, fd) : RC_DENIED;
}

enum rc supply_allow(const struct supply *supply, uint32_t ip, uint16_t port,
                     const struct net_source *sources, size_t count)
{
    struct desk_question question = {.verb = DESK_ALLOW, .ip = ip, .port = port};

    ASSERT(supply_is_supervised(supply));
    if (count > ARRAY_LEN(question.sources)) {
        return RC_LIMIT;
    }
    if (count > 0) {
        memcpy(question.sources, sources, count * sizeof(*sources));
    }
    question.source_count = (uint32_t)count;
    return desk_ask(supply->desk_fd, &question, NULL);
}

void supply_unlisten(const struct supply *supply, uint32_t ip, uint16_t port)
{
    if (supply_is_supervised(supply)) {
        /* Failing, the supervisor is gone, and its sockets with it. */
        const enum rc rc = ask(supply, DESK_UNLISTEN, ip, port, 0, NULL);
        (void)rc;
    }
}

enum rc supply_follow(const struct supply *supply, int *fd)
{
    if (supply_is_supervised(supply)) {
        return ask(supply, DESK_FOLLOW, 0, 0, 0, fd);
    }
    return unix_connect(supply->feed, fd);
}

enum rc supply_api(const struct supply *supply, struct net_addr addr, int *fd)
{
    return supply_is_supervised(supply) ? ask(supply, DESK_API, 0, 0, 0, fd)
                                        : listen_open(addr, fd);
}

enum rc supply_feed(const struct supply *supply, const char *path, int *fd)
{
    return supply_is_supervised(supply) ? ask(supply, DESK_FEED, 0, 0, 0, fd)
                                        : unix_listen(path, fd);
}

void supply_ready(const struct supply *supply)
{
    if (supply_is_supervised(supply)) {
        /* As in supply_unlisten(). */
        const enum rc rc = ask(supply, DESK_READY, 0, 0, 0, NULL);
        (void)rc;
    }
}
