/* SPDX-License-Identifier: Apache-2.0 */
/* reception: what the supervisor gives its children at their desks, and to whom: nodes get
 * listening sockets on addresses of load balancers, dns its own, control the API's and the feed's,
 * everybody a connection to the feed. A child that was taken over by a stranger can ask for nothing
 * else.
 *
 * Owner    it owns the sockets and the two descriptors.
 * Thread   the supervisor's. */
#pragma once
#include "base/log.h"
#include "main/child.h"
#include "main/desk.h"
#include "main/grant.h"
#include "main/sockets.h"

enum { RECEPTION_PATH_BYTES = 4096 };

struct reception {
    const struct log *log; /* borrowed */
    struct sockets sockets;
    struct grant pools;   /* where listeners of load balancers may be */
    struct net_addr dns;  /* before the offset */
    uint16_t port_offset; /* added to every port that is asked for */
    int api_fd, feed_fd;  /* own; -1: not open yet */
    char feed_path[RECEPTION_PATH_BYTES];
};

void reception_init(struct reception *reception, const struct log *log);
void reception_done(struct reception *reception); /* closes everything */

/* *fd is borrowed; *own_fd is to be closed behind the answer (-1: nothing). DESK_READY is the
 * caller's to act on. */
MUST_USE enum rc reception_answer(struct reception *reception, const struct child *child,
                                  const struct desk_question *question, int *fd, int *own_fd);

/* RC_LIMIT: beyond the last port. */
MUST_USE enum rc reception_place(const struct reception *reception, uint32_t ip, uint16_t port,
                                 struct net_addr *out);
