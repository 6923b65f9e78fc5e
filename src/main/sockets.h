/* SPDX-License-Identifier: Apache-2.0 */
/* sockets: the listening sockets that the supervisor keeps for its children. A child that starts
 * again asks again and gets the same sockets, with whatever waits in their backlogs, so nothing is
 * refused meanwhile.
 *
 * Owner    sockets own every descriptor; answers are borrowed.
 * Thread   the supervisor's. */
#pragma once
#include "base/list.h"
#include "net/listen.h"

struct sockets {
    struct list all;
};

enum socket_kind { SOCKET_TCP, SOCKET_UDP };

struct socket_key {
    enum socket_kind kind;
    struct net_addr addr;
    int worker;
};

void sockets_init(struct sockets *sockets);
void sockets_done(struct sockets *sockets); /* closes all */

/* Does another program listen on this TCP address? The kernel would let it and us share it
 * (SO_REUSEPORT), half of the connections each. */
bool sockets_is_taken(struct net_addr addr);

/* The socket of this key, opened now or before. `owner` is whoever asks (an index of a child): an
 * address belongs to one. RC_CONFLICT: in use, by another program or another owner; RC_DENIED: no
 * right to this port; RC_ABSENT: not an address of this machine; RC_LIMIT: it has
 * LIMIT_CHILD_SOCKETS; RC_IO. */
MUST_USE enum rc sockets_take(struct sockets *sockets, const struct socket_key *key, int owner,
                              int *fd);
/* Who may connect to the owner's sockets of the address. Results as listen_allow(). */
MUST_USE enum rc sockets_allow(struct sockets *sockets, struct net_addr addr, int owner,
                               const struct net_source *sources, size_t count);
/* Closes all workers' sockets of the address, if it is the owner's. */
void sockets_drop(struct sockets *sockets, struct net_addr addr, int owner);

/* The owner starts anew: nothing was asked for yet. */
void sockets_forget(struct sockets *sockets, int owner);
/* Closes what the owner did not ask for since then. */
void sockets_sweep(struct sockets *sockets, int owner);
