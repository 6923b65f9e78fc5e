/* SPDX-License-Identifier: Apache-2.0 */
#include "main/reception.h"

#include "main/unix_socket.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void reception_init(struct reception *reception, const struct log *log)
{
    *reception = (struct reception){.log = log, .api_fd = -1, .feed_fd = -1};
    sockets_init(&reception->sockets);
}

static void close_one(int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
        *fd = -1;
    }
}

void reception_done(struct reception *reception)
{
    sockets_done(&reception->sockets);
    close_one(&reception->api_fd);
    close_one(&reception->feed_fd);
}

enum rc reception_place(const struct reception *reception, uint32_t ip, uint16_t port,
                        struct net_addr *out)
{
    const unsigned moved = (unsigned)port + reception->port_offset;

    if (moved > UINT16_MAX) {
        return RC_LIMIT;
    }
    *out = net_addr_ip4(ip, (uint16_t)moved);
    return RC_OK;
}

static bool is_role(const struct child *child, const char *role)
{
    return strcmp(child->role, role) == 0;
}

static bool may_listen(const struct reception *reception, const struct child *child,
                       const struct desk_question *question)
{
    if (is_role(child, "dns")) {
        return question->ip == reception->dns.ip4 && question->port == reception->dns.port;
    }
    return is_role(child, "node") && question->verb == DESK_TCP &&
           grant_holds(&reception->pools, question->ip);
}

static void tell_trouble(const struct reception *reception, struct net_addr addr, enum rc rc)
{
    char address[NET_ADDR_SIZE];
    const char *why = rc == RC_DENIED
                          ? "no right to this port: run as root, grant CAP_NET_BIND_SERVICE, or "
                            "give --port-offset N"
                      : rc == RC_CONFLICT ? "another program listens there"
                      : rc == RC_ABSENT   ? "it is not an address of this machine"
                      : rc == RC_LIMIT    ? "too many listeners"
                                          : strerror(errno);

    log_event(reception->log, LOG_ERROR, "cannot listen",
              {"address", net_addr_text(&addr, address)}, {"why", text_of(why)});
}

static enum rc open_for(struct reception *reception, const struct child *child,
                        const struct desk_question *question, int *fd)
{
    struct socket_key key = {
        .kind = question->verb == DESK_UDP ? SOCKET_UDP : SOCKET_TCP,
        .worker = question->worker,
    };

    if (!may_listen(reception, child, question)) {
        return RC_DENIED;
    }
    TRY(reception_place(reception, question->ip, question->port, &key.addr));
    const enum rc rc = sockets_take(&reception->sockets, &key, child->index, fd);
    if (rc != RC_OK && question->worker == 0) {
        tell_trouble(reception, key.addr, rc);
    }
    return rc;
}

static enum rc give_to_control(const struct child *child, int held, int *fd)
{
    if (!is_role(child, "control")) {
        return RC_DENIED;
    }
    *fd = held;
    return RC_OK;
}

enum rc reception_answer(struct reception *reception, const struct child *child,
                         const struct desk_question *question, int *fd, int *own_fd)
{
    struct net_addr place;

    switch (question->verb) {
    case DESK_TCP:
    case DESK_UDP:
        return open_for(reception, child, question, fd);
    case DESK_UNLISTEN:
        TRY(reception_place(reception, question->ip, question->port, &place));
        sockets_drop(&reception->sockets, place, child->index);
        return RC_OK;
    case DESK_ALLOW:
        TRY(reception_place(reception, question->ip, question->port, &place));
        return sockets_allow(&reception->sockets, place, child->index, question->sources,
                             question->source_count);
    case DESK_API:
        return give_to_control(child, reception->api_fd, fd);
    case DESK_FEED:
        return give_to_control(child, reception->feed_fd, fd);
    case DESK_FOLLOW:
        TRY(unix_connect(reception->feed_path, own_fd));
        *fd = *own_fd;
        return RC_OK;
    case DESK_READY:
        return RC_OK;
    case DESK_VERBS:
        break;
    }
    return RC_BAD;
}
