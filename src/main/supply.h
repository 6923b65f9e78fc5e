/* SPDX-License-Identifier: Apache-2.0 */
/* supply: where a role's sockets come from: the supervisor's desk when it runs under `serve`, the
 * kernel itself when it stands alone. */
#pragma once
#include "base/text.h"
#include "net/listen.h"

struct supply {
    int desk_fd;          /* -1: alone */
    const char *feed;     /* alone: path of control's feed socket */
    uint16_t port_offset; /* alone: added to ports of listeners; else the supervisor does it */
};

/* Finds out which, from the descriptor that `serve` leaves. */
void supply_init(struct supply *supply, const char *feed, uint16_t port_offset);
bool supply_is_supervised(const struct supply *supply);

/* Descriptors are given. Results as listen_open(). */
MUST_USE enum rc supply_tcp(const struct supply *supply, uint32_t ip, uint16_t port, int worker,
                            int *fd);
MUST_USE enum rc supply_udp(const struct supply *supply, uint32_t ip, uint16_t port, int *fd);
/* Who may connect there, on every socket given for it. Supervised only. */
MUST_USE enum rc supply_allow(const struct supply *supply, uint32_t ip, uint16_t port,
                              const struct net_source *sources, size_t count);
void supply_unlisten(const struct supply *supply, uint32_t ip, uint16_t port);
MUST_USE enum rc supply_follow(const struct supply *supply, int *fd);
/* Control's own: the API at `addr`, the feed at `path`. */
MUST_USE enum rc supply_api(const struct supply *supply, struct net_addr addr, int *fd);
MUST_USE enum rc supply_feed(const struct supply *supply, const char *path, int *fd);
void supply_ready(const struct supply *supply);
