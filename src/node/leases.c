/* SPDX-License-Identifier: Apache-2.0 */
#include "node/leases.h"

#include "base/limits.h"
#include "base/mem.h"
#include "tls/stream.h"

struct lease {
    struct list link; /* in its slot */
    struct list idle; /* in its slot, while no request has it; else self-linked */
    struct leases *leases;
    struct target *target;        /* borrowed: a plan of this worker holds it */
    const struct tls_policy *tls; /* NULL: clear text */
    struct client_conn *conn;     /* own; NULL while dialing */
    struct stream *shaking;       /* own; the TLS handshake is under way */
    void *arg;                    /* the request */
    struct loop_timer timer;      /* in use: the answer's deadline; idle: the end of idleness */
    int64_t born_ms;
    bool is_reused;
    struct dial dial;
};

static struct target_slot *slot_of(const struct lease *lease)
{
    return &lease->target->slots[lease->leases->worker];
}

static bool is_idle(const struct lease *lease)
{
    return !list_is_empty(&lease->idle);
}

void leases_init(struct leases *leases, struct loop *loop, struct client *client, int worker,
                 const struct lease_user *user)
{
    *leases = (struct leases){.loop = loop, .client = client, .user = *user, .worker = worker};
    pool_init(&leases->objects, sizeof(struct lease), 0);
}

void leases_done(struct leases *leases)
{
    pool_done(&leases->objects);
    while (leases->tls) {
        struct lease_tls *tls = leases->tls;

        leases->tls = tls->next;
        tls_client_free(tls->client);
        mem_give(tls);
    }
}

/* ---- ends --------------------------------------------------------------------------------- */

void lease_drop_closed(struct lease *lease)
{
    lease->conn = NULL;
    lease_drop(lease);
}

void lease_drop(struct lease *lease)
{
    if (!lease) {
        return;
    }
    dial_cancel(&lease->dial);
    loop_timer_cancel(lease->leases->loop, &lease->timer);
    list_remove(&lease->idle);
    list_remove(&lease->link);
    stream_close(lease->shaking);
    if (lease->conn) {
        client_close(lease->conn);
    }
    pool_give(&lease->leases->objects, lease);
}

/* The target, or the network, ended an idle connection. The room that calls frees it. */
static void on_gone(void *arg, struct client_conn *conn)
{
    struct lease *lease = arg;

    ASSERT(lease->conn == conn);
    ASSERT(is_idle(lease));
    lease_drop_closed(lease);
}

static void on_due(struct loop_timer *timer)
{
    struct lease *lease = LIST_ITEM(timer, struct lease, timer);

    if (is_idle(lease)) {
        lease_drop(lease);
    } else if (lease->shaking) {
        lease->leases->user.ready(lease->arg, RC_LATE);
    } else {
        lease->leases->user.late(lease->arg);
    }
}

/* ---- dialing ------------------------------------------------------------------------------ */

static struct tls_client *tls_of(struct leases *leases, const struct tls_policy *policy)
{
    struct lease_tls *tls = leases->tls;

    while (tls && tls->policy != policy) {
        tls = tls->next;
    }
    if (!tls) {
        tls = MEM_NEW(struct lease_tls);
        *tls = (struct lease_tls){leases->tls, policy, tls_client_new(policy, false)};
        leases->tls = tls;
    }
    return tls->client;
}

static enum rc adopt(struct lease *lease, struct stream *stream)
{
    lease->conn = client_adopt(lease->leases->client, stream, false, on_gone, lease);
    return RC_OK;
}

/* ---- the handshake with an HTTPS target ----------------------------------------------------- */

static enum rc shake(struct lease *lease)
{
    const enum rc rc = tls_stream_handshake(lease->shaking);

    if (rc != RC_OK) {
        return rc;
    }
    loop_timer_cancel(lease->leases->loop, &lease->timer);
    return adopt(lease, MOVE(lease->shaking));
}

static void on_shake(void *arg)
{
    struct lease *lease = arg;
    const enum rc rc = shake(lease);

    if (rc != RC_AGAIN) {
        lease->leases->user.ready(lease->arg, rc == RC_OK || rc == RC_IO ? rc : RC_BAD);
    }
}

/* The socket stands: in clear text it is a connection, else hands are shaken first. */
static enum rc secure(struct lease *lease, struct stream *stream)
{
    struct leases *leases = lease->leases;

    if (!lease->tls) {
        return adopt(lease, stream);
    }
    lease->shaking = tls_stream_client(tls_of(leases, lease->tls), stream);
    stream_on_wake(lease->shaking, on_shake, lease);
    loop_timer_set(leases->loop, &lease->timer, loop_now_ms(leases->loop) + LIMIT_HANDSHAKE_MS);
    return shake(lease);
}

static void on_dialed(void *arg, enum rc rc, struct stream *stream)
{
    struct lease *lease = arg;

    rc = rc == RC_OK ? secure(lease, stream) : rc;
    if (rc != RC_AGAIN) {
        lease->leases->user.ready(lease->arg, rc);
    }
}

static struct lease *lease_new(struct leases *leases, struct target *target,
                               const struct tls_policy *tls, void *arg)
{
    struct lease *lease = pool_take(&leases->objects);

    *lease = (struct lease){
        .leases = leases,
        .target = target,
        .tls = tls,
        .arg = arg,
        .born_ms = loop_now_ms(leases->loop),
    };
    list_init(&lease->idle);
    loop_timer_init(&lease->timer, on_due);
    dial_init(&lease->dial);
    list_push_back(&slot_of(lease)->leases, &lease->link);
    return lease;
}

static enum rc dial_target(struct leases *leases, struct target *target,
                           const struct tls_policy *tls, void *arg, struct lease **out)
{
    struct lease *lease = lease_new(leases, target, tls, arg);
    struct stream *stream = NULL;
    enum rc rc =
        dial_start(&lease->dial, leases->loop, net_addr_ip4(target->ip, target->port),
                   loop_now_ms(leases->loop) + LIMIT_CONNECT_MS, on_dialed, lease, &stream);

    if (rc == RC_OK) {
        rc = secure(lease, stream);
    }
    if (rc != RC_OK && rc != RC_AGAIN) {
        lease_drop(lease);
        return rc;
    }
    *out = lease;
    return rc;
}

/* ---- use ---------------------------------------------------------------------------------- */

enum rc lease_take(struct leases *leases, struct target *target, const struct tls_policy *tls,
                   void *arg, struct lease **out)
{
    struct list *newest = list_pop_front(&target->slots[leases->worker].idle);

    if (!newest) {
        return dial_target(leases, target, tls, arg, out);
    }
    struct lease *lease = LIST_ITEM(newest, struct lease, idle);
    lease->arg = arg;
    lease->is_reused = true;
    *out = lease;
    return RC_OK;
}

struct client_conn *lease_conn(const struct lease *lease)
{
    return lease->conn;
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
    const int64_t now_ms = loop_now_ms(lease->leases->loop);

    ASSERT(lease->conn != NULL);
    ASSERT(!is_idle(lease));
    if (atomic_load_explicit(&lease->target->is_leaving, memory_order_relaxed) ||
        now_ms - lease->born_ms > LIMIT_LEASE_AGE_MS) {
        lease_drop(lease);
        return;
    }
    lease->arg = NULL;
    list_push_front(&slot_of(lease)->idle, &lease->idle);
    loop_timer_set(lease->leases->loop, &lease->timer, now_ms + LIMIT_LEASE_IDLE_MS);
}

void leases_quiet(struct leases *leases, struct target *target)
{
    LIST_EACH (&target->slots[leases->worker].idle, link) {
        lease_drop(LIST_ITEM(link, struct lease, idle));
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
