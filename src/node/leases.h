/* SPDX-License-Identifier: Apache-2.0 */
/* leases: a lease is the right to use a connection to one target for one request.
 *
 * HTTP/1.1: a worker keeps the idle connections of each target, newest first. lease_take() hands
 * one out or dials. The request gives it back when the answer was complete and the connection can
 * carry another one, and drops it in every other case. HTTP/2: requests share connections; another
 * one is dialed when those there are have no room.
 *
 * Owner    the worker owns the pool; the request owns a lease from take until give or drop.
 * Thread   one worker.   Time   the worker's loop.
 * Sources  AWS ALB, "Connection idle timeout", connect timeout 10 s; RFC 9112 §9.3. */
#pragma once
#include "base/pool.h"
#include "conn/client.h"
#include "net/dial.h"
#include "node/targets.h"
#include "tls/clients.h"

struct lease;
struct leases;

/* What happens to a lease in use; from the loop, never from inside a call into this room. The
 * lease stays the request's. */
struct lease_user {
    void (*ready)(void *arg, enum rc rc); /* RC_OK, RC_IO, RC_LATE, RC_LIMIT; RC_BAD: TLS, ALPN */
    void (*late)(void *arg);              /* the deadline of lease_expect() passed */
    void (*cut)(void *arg);               /* the target's time is over */
    /* From inside lease_take(): another connection is one too many. leases_shed() idle ones. */
    void (*crowded)(struct leases *leases);
};

/* How targets of a group are spoken to. */
struct lease_way {
    const struct tls_policy
        *tls;      /* to shake hands by, within LIMIT_HANDSHAKE_MS; NULL: clear text */
    bool is_http2; /* by ALPN; in clear text with prior knowledge */
};

/* One worker's. */
struct leases {
    struct loop *loop;
    struct client *client;
    struct lease_user user;
    struct pool objects;
    struct tls_clients tls;
    size_t connections; /* open or being made */
    size_t connections_max;
    int worker; /* index of the slot in each target */
};

void leases_init(struct leases *leases, struct loop *loop, struct client *client, int worker,
                 size_t connections_max, const struct lease_user *user);
void leases_done(struct leases *leases); /* all are given or dropped, all targets quiet */

/* The target is borrowed: whoever asks keeps it alive until give or drop.
 * RC_OK     *out is yours and connected.
 * RC_AGAIN  *out is yours and dialing; ready() will tell.
 * RC_IO     refused at once.   RC_LIMIT  no descriptor, no local port, all connections in use. */
MUST_USE enum rc lease_take(struct leases *leases, struct target *target, struct lease_way way,
                            void *arg, struct lease **out);
struct client_conn *lease_conn(const struct lease *lease);
/* It served a request before: the target may have closed it meanwhile. */
bool lease_is_reused(const struct lease *lease);
/* late() is called unless this is moved, or the lease given back, before. Costs one store. */
void lease_expect(struct lease *lease, int64_t deadline_ms);

/* Takes it back, connected and (HTTP/1.1) quiet. Closed at once if the target is leaving. */
void lease_give(struct lease *lease);
/* Takes and closes it, in any state; a shared connection goes on for the others. NULL is fine. */
void lease_drop(struct lease *lease);
/* Takes it; its connection is gone already. */
void lease_drop_closed(struct lease *lease);

/* Closes this worker's idle connection to the target that was used the longest time ago, if any. */
void leases_shed(struct leases *leases, struct target *target);
/* Closes this worker's idle connections to the target. */
void leases_quiet(struct leases *leases, struct target *target);
/* The same, and tells every request that uses one. */
void leases_cut(struct leases *leases, struct target *target);
