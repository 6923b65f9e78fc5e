/* SPDX-License-Identifier: Apache-2.0 */
/* udp: a bound datagram socket.
 *
 * Thread   the loop's. */
#pragma once
#include "loop/loop.h"
#include "net/addr.h"

/* A bound, non-blocking socket with SO_REUSEPORT; results as listen_open(). */
MUST_USE enum rc udp_open(struct net_addr addr, int *fd);

/* `data` is borrowed during the call. It may call udp_stop(). */
typedef void udp_receive_fn(void *arg, struct net_addr peer, struct text data);

struct udp {
    struct loop *loop;
    struct loop_watch watch;
    udp_receive_fn *receive;
    void *arg;
    struct net_addr local;
};

/* Takes fd, also when it fails (RC_IO). At most LIMIT_DATAGRAM_BATCH datagrams a turn; those longer
 * than LIMIT_DATAGRAM_BYTES are dropped. */
MUST_USE enum rc udp_start(struct udp *udp, struct loop *loop, int fd, udp_receive_fn *receive,
                           void *arg);
void udp_stop(struct udp *udp); /* closes; fine when not started or stopped already (zeroed) */

/* RC_AGAIN: the kernel's queue is full; as with any datagram, it is lost. RC_LIMIT: too long. */
MUST_USE enum rc udp_send(struct udp *udp, struct net_addr peer, struct text data);
