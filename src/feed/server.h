/* SPDX-License-Identifier: Apache-2.0 */
/* server: control's end of the feed: many peers, snapshots down, reports up.
 *
 * A peer says hello (its role and zone), then gets what the user sends it and the newest snapshot,
 * and each newer one. A peer that reads slowly skips the snapshots that were replaced meanwhile.
 *
 * Owner    the server owns its listening socket and its peers.
 * Thread   the loop's. Nothing is called back from inside these functions. */
#pragma once
#include "feed/frame.h"
#include "loop/loop.h"

struct feed_server;
struct feed_peer;

enum { FEED_EDITIONS_MAX = 4 };

struct feed_server_user {
    /* A peer said hello. Now is the time for feed_peer_send(SEED). */
    void (*joined)(void *arg, struct feed_peer *peer);
    /* A report came; borrowed during the call. Anything but RC_OK ends the connection. */
    enum rc (*reported)(void *arg, struct feed_peer *peer, struct text report);
    /* Lines of logs came; as above. NULL: a peer that sends some breaks the rules. */
    enum rc (*logged)(void *arg, struct feed_peer *peer, struct text pages);
    /* The peer is gone. Not called for those that never joined, nor by feed_server_free(). */
    void (*left)(void *arg, struct feed_peer *peer);
    void *arg;
};

/* Accepts from listen_fd (a Unix stream socket, non-blocking), which it takes also when it fails
 * (RC_IO). `user` is borrowed for life. */
MUST_USE enum rc feed_server_new(struct loop *loop, int listen_fd,
                                 const struct feed_server_user *user, struct feed_server **out);
void feed_server_free(struct feed_server *server); /* NULL is fine */
AUTO_DEFINE(feed_server)

/* To the peers of this role, now and when they join, until the next one. An empty role: to all
 * whose role has no snapshot of its own. At most FEED_EDITIONS_MAX roles. */
void feed_server_publish(struct feed_server *server, struct text role, struct text snapshot);
/* To one peer, once. */
void feed_peer_send(struct feed_peer *peer, enum feed_kind kind, struct text payload);

struct text feed_peer_role(const struct feed_peer *peer);   /* "node", "dns" */
struct text feed_peer_zone(const struct feed_peer *peer);   /* may be empty */
size_t feed_server_peers(const struct feed_server *server); /* joined */
