/* SPDX-License-Identifier: Apache-2.0 */
#include "node/leases.h"

#include "base/limits.h"
#include "base/mem.h"
#include "tls/stream.h"

/* Of HTTP/1.1: a connection, and the request that uses it. Of HTTP/2 there are two kinds: carriers
 * own a connection and have no request, riders have one and use a carrier's connection. */
struct lease {
    struct list link; /* in its slot: among the leases, or of a carrier among the shared */
    struct list idle; /* in its slot, while no request has it; else self-linked */
    struct list seat; /* of a rider, among its carrier's */
    struct leases *leases;
    struct target *target; /* borrowed: a plan of this worker holds it */
    struct lease_way way;
    struct client_conn *conn; /* own; NULL: dialing, lost, or a rider */
    struct stream *shaking;   /* own; the TLS handshake is under way */
    void *arg;                /* the request; NULL: none */
    struct loop_timer timer;  /* in use: the answer's deadline; idle: the end of idleness */
    int64_t born_ms;
    bool is_reused;
    struct lease *carrier; /* of a rider */
    struct list riders;    /* of a carrier */
    size_t rider_count;
    bool is_carrier;
    bool is_retired; /* a carrier that takes no more riders */
    struct dial dial;
};

static struct target_slot *slot_of(const struct lease *lease)
{
    return &lease->target->slots[lease->leases->worker];
}

static bool is_idle(const struct lease *lease)
{
    return lease->is_carrier ? lease->rider_count == 0 : !list_is_empty(&lease->idle);
}

/* Its connection shall serve no further request. */
static bool is_worn(const struct lease *lease)
{
    return atomic_load_explicit(&lease->target->is_leaving, memory_order_relaxed) ||
           loop_now_ms(lease->leases->loop) - lease->born_ms > LIMIT_LEASE_AGE_MS;
}

void leases_init(struct leases *leases, struct loop *loop, struct client *client, int worker,
                 size_t connections_max, const struct lease_user *user)
{
    *leases = (struct leases){
        .loop = loop,
        .client = client,
        .user = *user,
        .connections_max = connections_max,
        .worker = worker,
    };
    tls_clients_init(&leases->tls);
    pool_init(&leases->objects, sizeof(struct lease), 0);
}

void leases_done(struct leases *leases)
{
    pool_done(&leases->objects);
    tls_clients_done(&leases->tls);
}

/* ---- ends --------------------------------------------------------------------------------- */

void lease_drop_closed(struct lease *lease)
{
    lease->conn = NULL;
    lease_drop(lease);
}

static void alight(struct lease *carrier);

void lease_drop(struct lease *lease)
{
    if (!lease) {
        return;
    }
    struct lease *carrier = lease->carrier;
    dial_cancel(&lease->dial);
    loop_timer_cancel(lease->leases->loop, &lease->timer);
    list_remove(&lease->idle);
    list_remove(&lease->link);
    list_remove(&lease->seat);
    stream_close(lease->shaking);
    if (lease->conn) {
        client_close(lease->conn);
    }
    lease->leases->connections -= !carrier;
    pool_give(&lease->leases->objects, lease);
    if (carrier) {
        alight(carrier);
    }
}

static void idle_for_a_while(struct lease *lease)
{
    loop_timer_set(lease->leases->loop, &lease->timer,
                   loop_now_ms(lease->leases->loop) + LIMIT_LEASE_IDLE_MS);
}

/* One rider less; an empty carrier waits for the next one, or goes. */
static void alight(struct lease *carrier)
{
    if (--carrier->rider_count > 0) {
        return;
    }
    if (!carrier->conn || carrier->is_retired || is_worn(carrier)) {
        lease_drop(carrier);
    } else {
        idle_for_a_while(carrier);
    }
}

/* The target, or the network, ended an idle connection. The room that calls frees it. */
static void on_gone(void *arg, struct client_conn *conn)
{
    struct lease *lease = arg;

    ASSERT(lease->conn == conn);
    ASSERT(is_idle(lease));
    lease_drop_closed(lease);
}

static void tell(struct lease *lease, enum rc rc);

static void on_due(struct loop_timer *timer)
{
    struct lease *lease = LIST_ITEM(timer, struct lease, timer);

    if (is_idle(lease)) {
        lease_drop(lease);
    } else if (lease->shaking) {
        tell(lease, RC_LATE);
    } else if (!lease->is_carrier) {
        if (lease->carrier) {
            lease->carrier->is_retired = true; /* its target may be gone without a word */
        }
        lease->leases->user.late(lease->arg);
    }
}

/* ---- dialing ------------------------------------------------------------------------------ */

static enum rc adopt(struct lease *lease, struct stream *stream)
{
    lease->conn = client_adopt(lease->leases->client, stream, lease->way.is_http2, on_gone, lease);
    return RC_OK;
}

/* How dialing ended, to all who ride. Each may drop its lease, and none may free the carrier under
 * our feet: it has a rider more meanwhile. */
static void tell_riders(struct lease *carrier, enum rc rc)
{
    struct list waiting;
    struct list *seat;

    list_init(&waiting);
    while ((seat = list_pop_front(&carrier->riders))) {
        list_push_back(&waiting, seat);
    }
    carrier->is_retired |= rc != RC_OK;
    carrier->rider_count++;
    while ((seat = list_pop_front(&waiting))) {
        list_push_back(&carrier->riders, seat);
        carrier->leases->user.ready(LIST_ITEM(seat, struct lease, seat)->arg, rc);
    }
    alight(carrier);
}

static void tell(struct lease *lease, enum rc rc)
{
    if (lease->is_carrier) {
        tell_riders(lease, rc);
    } else {
        lease->leases->user.ready(lease->arg, rc);
    }
}

/* ---- the handshake with an HTTPS target ----------------------------------------------------- */

static enum rc shake(struct lease *lease)
{
    const enum rc rc = tls_stream_handshake(lease->shaking);

    if (rc != RC_OK) {
        return rc;
    }
    loop_timer_cancel(lease->leases->loop, &lease->timer);
    if (lease->way.is_http2 && !tls_stream_is_http2(lease->shaking)) {
        return RC_BAD;
    }
    return adopt(lease, MOVE(lease->shaking));
}

static void on_shake(void *arg)
{
    struct lease *lease = arg;
    const enum rc rc = shake(lease);

    if (rc != RC_AGAIN) {
        tell(lease, rc == RC_OK || rc == RC_IO ? rc : RC_BAD);
    }
}

/* The socket stands: in clear text it is a connection, else hands are shaken first. */
static enum rc secure(struct lease *lease, struct stream *stream)
{
    struct leases *leases = lease->leases;

    if (!lease->way.tls) {
        return adopt(lease, stream);
    }
    lease->shaking = tls_stream_client(
        tls_clients_get(&leases->tls, lease->way.tls, lease->way.is_http2), stream);
    stream_on_wake(lease->shaking, on_shake, lease);
    loop_timer_set(leases->loop, &lease->timer, loop_now_ms(leases->loop) + LIMIT_HANDSHAKE_MS);
    return shake(lease);
}

static void on_dialed(void *arg, enum rc rc, struct stream *stream)
{
    struct lease *lease = arg;

    rc = rc == RC_OK ? secure(lease, stream) : rc;
    if (rc != RC_AGAIN) {
        tell(lease, rc);
    }
}

/* Of a rider, until it is given a carrier, too: it is counted as a connection. */
static struct lease *lease_new(struct leases *leases, struct target *target, struct lease_way way,
                               void *arg)
{
    struct lease *lease = pool_take(&leases->objects);

    *lease = (struct lease){
        .leases = leases,
        .target = target,
        .way = way,
        .arg = arg,
        .born_ms = loop_now_ms(leases->loop),
    };
    list_init(&lease->idle);
    list_init(&lease->seat);
    list_init(&lease->riders);
    loop_timer_init(&lease->timer, on_due);
    dial_init(&lease->dial);
    list_push_back(&slot_of(lease)->leases, &lease->link);
    leases->connections++;
    return lease;
}

static bool is_crowded(struct leases *leases)
{
    if (leases->connections > leases->connections_max) {
        leases->user.crowded(leases);
    }
    return leases->connections > leases->connections_max;
}

static enum rc dial(struct lease *lease)
{
    struct leases *leases = lease->leases;
    const struct target *target = lease->target;
    struct stream *stream = NULL;

    if (is_crowded(leases)) {
        return RC_LIMIT;
    }
    const enum rc rc =
        dial_start(&lease->dial, leases->loop, net_addr_ip4(target->ip, target->port),
                   loop_now_ms(leases->loop) + LIMIT_CONNECT_MS, on_dialed, lease, &stream);
    return rc == RC_OK ? secure(lease, stream) : rc;
}

/* As lease_take(); what fails at once is dropped. */
static enum rc dial_target(struct lease *lease)
{
    const enum rc rc = dial(lease);

    if (rc != RC_OK && rc != RC_AGAIN) {
        lease_drop(lease);
    }
    return rc;
}

/* ---- sharing ------------------------------------------------------------------------------ */

static bool has_room(const struct lease *carrier, struct lease_way way)
{
    if (carrier->is_retired || is_worn(carrier) || carrier->way.tls != way.tls) {
        return false;
    }
    return carrier->conn ? client_is_usable(carrier->conn)
                         : carrier->rider_count < LIMIT_H2_RIDERS_WAITING;
}

static struct lease *find_carrier(struct target_slot *slot, struct lease_way way)
{
    LIST_EACH (&slot->shared, link) {
        struct lease *carrier = LIST_ITEM(link, struct lease, link);

        if (has_room(carrier, way)) {
            return carrier;
        }
    }
    return NULL;
}

/* RC_OK, RC_AGAIN; else it is gone again. */
static enum rc start_carrier(struct leases *leases, struct target *target, struct lease_way way,
                             struct lease **out)
{
    struct lease *carrier = lease_new(leases, target, way, NULL);

    carrier->is_carrier = true;
    list_remove(&carrier->link);
    list_push_front(&slot_of(carrier)->shared, &carrier->link);
    *out = carrier;
    return dial_target(carrier);
}

static enum rc take_shared(struct leases *leases, struct target *target, struct lease_way way,
                           void *arg, struct lease **out)
{
    struct lease *carrier = find_carrier(&target->slots[leases->worker], way);

    if (!carrier) {
        const enum rc rc = start_carrier(leases, target, way, &carrier);

        if (rc != RC_OK && rc != RC_AGAIN) {
            return rc;
        }
    }
    struct lease *rider = lease_new(leases, target, way, arg);
    rider->carrier = carrier;
    leases->connections--;
    rider->is_reused = carrier->is_reused;
    list_push_back(&carrier->riders, &rider->seat);
    if (carrier->rider_count++ == 0 && carrier->conn) {
        loop_timer_cancel(leases->loop, &carrier->timer); /* it was idle */
    }
    *out = rider;
    return carrier->conn ? RC_OK : RC_AGAIN;
}

/* ---- use ---------------------------------------------------------------------------------- */

enum rc lease_take(struct leases *leases, struct target *target, struct lease_way way, void *arg,
                   struct lease **out)
{
    if (way.is_http2) {
        return take_shared(leases, target, way, arg, out);
    }
    struct list *newest = list_pop_front(&target->slots[leases->worker].idle);
    if (!newest) {
        struct lease *lease = lease_new(leases, target, way, arg);
        const enum rc rc = dial_target(lease);

        if (rc == RC_OK || rc == RC_AGAIN) {
            *out = lease;
        }
        return rc;
    }
    struct lease *lease = LIST_ITEM(newest, struct lease, idle);
    lease->arg = arg;
    lease->is_reused = true;
    *out = lease;
    return RC_OK;
}

struct client_conn *lease_conn(const struct lease *lease)
{
    return lease->carrier ? lease->carrier->conn : lease->conn;
}

bool lease_is_reused(const struct lease *lease)
{
    return lease->is_reused;
}

void lease_expect(struct lease *lease, int64_t deadline_ms)
{
    loop_timer_set(lease->leases->loop, &lease->timer, deadline_ms);
}

void lease_give(struct lease *lease)
{
    if (lease->carrier) {
        lease->carrier->is_reused = true;
        lease_drop(lease);
        return;
    }
    ASSERT(lease->conn != NULL);
    ASSERT(!is_idle(lease));
    if (is_worn(lease)) {
        lease_drop(lease);
        return;
    }
    lease->arg = NULL;
    list_push_front(&slot_of(lease)->idle, &lease->idle);
    idle_for_a_while(lease);
}

void leases_shed(struct leases *leases, struct target *target)
{
    struct target_slot *slot = &target->slots[leases->worker];

    if (!list_is_empty(&slot->idle)) {
        lease_drop(LIST_ITEM(slot->idle.prev, struct lease, idle));
        return;
    }
    LIST_EACH (&slot->shared, link) {
        struct lease *carrier = LIST_ITEM(link, struct lease, link);

        if (carrier->conn && is_idle(carrier)) {
            lease_drop(carrier);
            return;
        }
    }
}

void leases_quiet(struct leases *leases, struct target *target)
{
    struct target_slot *slot = &target->slots[leases->worker];

    LIST_EACH (&slot->idle, link) {
        lease_drop(LIST_ITEM(link, struct lease, idle));
    }
    LIST_EACH (&slot->shared, link) {
        struct lease *carrier = LIST_ITEM(link, struct lease, link);

        carrier->is_retired = true;
        if (is_idle(carrier)) {
            lease_drop(carrier);
        }
    }
}

void leases_cut(struct leases *leases, struct target *target)
{
    leases_quiet(leases, target);
    /* One request's end may drop another's lease at most by ending it: none does. */
    LIST_EACH (&target->slots[leases->worker].leases, link) {
        leases->user.cut(LIST_ITEM(link, struct lease, link)->arg);
    }
}
