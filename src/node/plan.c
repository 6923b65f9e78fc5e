/* SPDX-License-Identifier: Apache-2.0 */
#include "node/plan.h"

#include "base/limits.h"
#include "base/mem.h"
#include "node/secure.h"

#include <stdlib.h>

/* What is being built; the plan's arrays are const to everyone else. */
struct builder {
    struct plan *plan;
    const struct plan *before;
    struct targets *targets;
    struct text zone;
    unsigned logs; /* kept of every balancer */
    struct plan_listener *listeners;
    struct plan_group *groups;
    struct target **all;
    const struct snap_balancer **users; /* of each group; NULL: not in use here */
};

/* ---- who is in use ------------------------------------------------------------------------ */

static const struct snap_address *address_in(const struct snap_balancer *balancer, struct text zone)
{
    for (size_t i = 0; i < balancer->address_count; i++) {
        if (text_eq(balancer->addresses[i].zone, zone)) {
            return &balancer->addresses[i];
        }
    }
    return NULL;
}

const struct plan_group *plan_group_of(const struct plan *plan, const struct snap_group *snap)
{
    const size_t index = (size_t)(snap - plan->groups[0].snap);

    ASSERT(index < plan->group_count);
    return &plan->groups[index];
}

static void mark_rule(struct builder *builder, const struct snap_balancer *balancer,
                      const struct snap_rule *rule)
{
    for (size_t i = 0; i < rule->action_count; i++) {
        const struct snap_action *action = &rule->actions[i];

        for (size_t j = 0; action->type == SNAP_FORWARD && j < action->forward.count; j++) {
            const struct snap_group *group = action->forward.groups[j].group;
            builder->users[plan_group_of(builder->plan, group)->index] = balancer;
        }
    }
}

static void mark_users(struct builder *builder, const struct snap_balancer *balancer)
{
    for (size_t i = 0; i < balancer->listener_count; i++) {
        for (size_t j = 0; j < balancer->listeners[i].rule_count; j++) {
            mark_rule(builder, balancer, &balancer->listeners[i].rules[j]);
        }
    }
}

/* ---- groups ------------------------------------------------------------------------------- */

/* AWS ALB, "Cross-zone load balancing for target groups": off, a node uses the targets of its own
 * zone and those registered with `all`. */
static bool is_in_scope(const struct builder *builder, const struct snap_group *group,
                        const struct snap_target *target)
{
    return group->is_cross_zone || text_eq(target->zone, TEXT("all")) ||
           text_eq(target->zone, builder->zone);
}

static void take_group(struct builder *builder, struct plan_group *out)
{
    const struct snap_group *snap = out->snap;
    const struct snap_balancer *user = builder->users[out->index];
    struct plan *plan = builder->plan;

    out->way.is_http2 = snap->version != SNAP_HTTP1;
    out->group = targets_take_group(builder->targets, snap, user ? user->id : TEXT(""));
    out->group->tls = user ? secure_policy_toward_targets(user) : NULL;
    out->way.tls = snap->protocol == SNAP_HTTPS ? out->group->tls : NULL;
    const struct snap_address *address = user ? address_in(user, builder->zone) : NULL;
    const unsigned logs =
        builder->logs | (user && user->logs_health_checks ? LOG_SET(HEALTH_CHECK) : 0);
    out->group->balancer_ip = address ? address->ip : 0;
    out->group->logs_checks = user && (logs & LOG_SET(HEALTH_CHECK));
    for (size_t i = 0; i < snap->target_count; i++) {
        const bool is_used = user && is_in_scope(builder, snap, &snap->targets[i]);
        struct target *target =
            targets_take(builder->targets, out->group, snap, &snap->targets[i], is_used);

        builder->all[plan->all_count++] = target;
        if (is_used && !snap->targets[i].is_draining) {
            out->targets[out->target_count++] = target;
        }
    }
}

/* ---- listeners ---------------------------------------------------------------------------- */

/* AWS ALB, "Security groups for your Application Load Balancer". */
static enum rc build_sources(struct builder *builder, struct plan_listener *listener)
{
    const struct snap_balancer *balancer = listener->balancer;
    struct net_source *sources =
        ARENA_ARRAY(builder->plan->arena, struct net_source, balancer->ingress_count);

    if (!sources) {
        return RC_LIMIT;
    }
    listener->sources = sources;
    for (size_t i = 0; i < balancer->ingress_count; i++) {
        const struct snap_ingress *ingress = &balancer->ingress[i];

        if (listener->port >= ingress->from_port && listener->port <= ingress->to_port) {
            sources[listener->source_count++] = (struct net_source){
                .network = ingress->source.network,
                .prefix_len = ingress->source.prefix_len,
            };
        }
    }
    return RC_OK;
}

bool plan_admits(const struct plan_listener *listener, uint32_t source_ip)
{
    for (size_t i = 0; i < listener->source_count; i++) {
        const struct net_source *source = &listener->sources[i];
        const uint32_t mask = source->prefix_len ? UINT32_MAX << (32 - source->prefix_len) : 0;

        if ((source_ip & mask) == (source->network & mask)) {
            return true;
        }
    }
    return false;
}

bool plan_has_same_sources(const struct plan_listener *a, const struct plan_listener *b)
{
    if (a->source_count != b->source_count) {
        return false;
    }
    for (size_t i = 0; i < a->source_count; i++) {
        if (a->sources[i].network != b->sources[i].network ||
            a->sources[i].prefix_len != b->sources[i].prefix_len) {
            return false;
        }
    }
    return true;
}

static unsigned logs_of(const struct snap_balancer *balancer)
{
    return (balancer->logs_requests ? LOG_SET(ACCESS) : 0) |
           (balancer->logs_connections ? LOG_SET(CONNECTION) : 0);
}

static bool is_same_trust(const struct snap_trust_store *a, const struct snap_trust_store *b)
{
    return text_eq(a->arn, b->arn) && text_eq(a->bundle_pem, b->bundle_pem) &&
           text_eq(a->crl_pem, b->crl_pem);
}

/* The same trust store in the plan before; NULL: it is new, or has changed. */
static struct tls_trust *find_trust(const struct plan *before,
                                    const struct snap_trust_store *wanted)
{
    size_t count = 0;
    const struct snap_trust_store *stores =
        before ? snapshot_trust_stores(before->snapshot, &count) : NULL;

    for (size_t i = 0; i < count; i++) {
        if (before->trusts[i] && is_same_trust(&stores[i], wanted)) {
            return tls_trust_ref(before->trusts[i]);
        }
    }
    return NULL;
}

static enum rc build_trusts(struct builder *builder)
{
    struct plan *plan = builder->plan;
    size_t count;
    const struct snap_trust_store *stores = snapshot_trust_stores(plan->snapshot, &count);

    plan->trusts = ARENA_ARRAY(plan->arena, struct tls_trust *, count);
    if (!plan->trusts) {
        return RC_LIMIT;
    }
    plan->trust_count = count;
    for (size_t i = 0; i < count; i++) {
        plan->trusts[i] = find_trust(builder->before, &stores[i]);
        if (!plan->trusts[i]) {
            plan->trusts[i] = secure_trust(&stores[i]);
        }
    }
    return RC_OK;
}

static struct tls_trust *trust_of(const struct plan *plan, const struct snap_listener *snap)
{
    size_t count;

    return snap->trust_store
               ? plan->trusts[snap->trust_store - snapshot_trust_stores(plan->snapshot, &count)]
               : NULL;
}

static enum rc build_listener(struct builder *builder, const struct snap_balancer *balancer,
                              const struct snap_listener *snap, uint32_t ip,
                              struct plan_listener *out)
{
    *out = (struct plan_listener){
        .balancer = balancer,
        .snap = snap,
        .config =
            {
                .idle_timeout_ms = balancer->idle_timeout_ms,
                .head_timeout_ms = balancer->idle_timeout_ms,
                .keep_alive_ms = balancer->keep_alive_ms,
                .is_http2_offered = balancer->is_http2 && snap->protocol == SNAP_HTTPS,
                .allows_pipelining = true,
            },
        .ip = ip,
        .port = snap->port,
        .logs = builder->logs | logs_of(balancer),
        .trust = trust_of(builder->plan, snap),
    };
    builder->plan->listener_count++;
    TRY(build_sources(builder, out));
    TRY(listener_fields_build(snap, builder->plan->arena, &out->fields));
    return rules_build(snap, builder->plan->arena, &out->rules);
}

static enum rc build_balancer(struct builder *builder, const struct snap_balancer *balancer)
{
    const struct snap_address *address = address_in(balancer, builder->zone);

    for (size_t i = 0; address && i < balancer->listener_count; i++) {
        TRY(build_listener(builder, balancer, &balancer->listeners[i], address->ip,
                           &builder->listeners[builder->plan->listener_count]));
    }
    return RC_OK;
}

/* ---- the whole ---------------------------------------------------------------------------- */

static enum rc make_room(struct builder *builder)
{
    struct plan *plan = builder->plan;
    size_t balancer_count;
    size_t target_count = 0;
    size_t listener_count = 0;
    const struct snap_balancer *balancers = snapshot_balancers(plan->snapshot, &balancer_count);
    const struct snap_group *groups = snapshot_groups(plan->snapshot, &plan->group_count);

    for (size_t i = 0; i < balancer_count; i++) {
        listener_count += balancers[i].listener_count;
    }
    for (size_t i = 0; i < plan->group_count; i++) {
        target_count += groups[i].target_count;
    }
    builder->listeners = ARENA_ARRAY(plan->arena, struct plan_listener, listener_count);
    builder->groups = ARENA_ARRAY(plan->arena, struct plan_group, plan->group_count);
    builder->all = ARENA_ARRAY(plan->arena, struct target *, target_count);
    builder->users = ARENA_ARRAY(plan->arena, const struct snap_balancer *, plan->group_count);
    if (!builder->listeners || !builder->groups || !builder->all || !builder->users) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < plan->group_count; i++) {
        builder->groups[i].snap = &groups[i];
        builder->groups[i].index = i;
        builder->groups[i].targets =
            ARENA_ARRAY(plan->arena, struct target *, groups[i].target_count);
        if (!builder->groups[i].targets) {
            return RC_LIMIT;
        }
    }
    plan->listeners = builder->listeners;
    plan->groups = builder->groups;
    plan->all = builder->all;
    return RC_OK;
}

static int compare_listeners(const void *a, const void *b)
{
    const struct plan_listener *x = a;
    const struct plan_listener *y = b;

    return x->ip != y->ip ? (x->ip < y->ip ? -1 : 1) : (int)x->port - (int)y->port;
}

const struct plan_listener *plan_find(const struct plan *plan, uint32_t ip, uint16_t port)
{
    const struct plan_listener key = {.ip = ip, .port = port};

    return plan->listener_count ? bsearch(&key, plan->listeners, plan->listener_count, sizeof(key),
                                          compare_listeners)
                                : NULL;
}

static enum rc build(struct builder *builder)
{
    size_t balancer_count;
    const struct snap_balancer *balancers =
        snapshot_balancers(builder->plan->snapshot, &balancer_count);

    TRY(make_room(builder));
    TRY(build_trusts(builder));
    for (size_t i = 0; i < balancer_count; i++) {
        if (address_in(&balancers[i], builder->zone)) {
            mark_users(builder, &balancers[i]);
        }
    }
    for (size_t i = 0; i < balancer_count; i++) {
        TRY(build_balancer(builder, &balancers[i]));
    }
    qsort(builder->listeners, builder->plan->listener_count, sizeof(struct plan_listener),
          compare_listeners);
    return RC_OK;
}

/* Last, because it cannot fail: from here on the registry follows this plan. */
static void take_all(struct builder *builder)
{
    struct plan *plan = builder->plan;

    targets_begin(builder->targets);
    for (size_t i = 0; i < plan->group_count; i++) {
        take_group(builder, &builder->groups[i]);
    }
    for (size_t i = 0; i < plan->listener_count; i++) {
        struct plan_listener *listener = &builder->listeners[i];
        listener->state = targets_take_balancer(builder->targets, listener->balancer);
    }
    targets_end(builder->targets);
}

enum rc plan_build(struct snapshot *snapshot, struct text zone, unsigned logs,
                   struct targets *targets, const struct plan *before, struct plan **out)
{
    struct plan *plan = MEM_NEW(struct plan);
    struct builder builder = {
        .plan = plan, .before = before, .targets = targets, .zone = zone, .logs = logs};

    plan->refs = 1;
    plan->snapshot = snapshot_ref(snapshot);
    plan->arena = arena_new(4096, LIMIT_PLAN_BYTES);

    const enum rc rc = build(&builder);
    if (rc != RC_OK) {
        plan_unref(plan);
        return rc;
    }
    take_all(&builder);
    *out = plan;
    return RC_OK;
}

struct plan *plan_ref(struct plan *plan)
{
    atomic_fetch_add_explicit(&plan->refs, 1, memory_order_relaxed);
    return plan;
}

void plan_unref(struct plan *plan)
{
    if (!plan || atomic_fetch_sub_explicit(&plan->refs, 1, memory_order_acq_rel) > 1) {
        return;
    }
    for (size_t i = 0; i < plan->all_count; i++) {
        target_unref(plan->all[i]);
    }
    for (size_t i = 0; plan->groups && i < plan->group_count; i++) {
        group_unref(plan->groups[i].group);
    }
    for (size_t i = 0; i < plan->listener_count; i++) {
        balancer_unref(plan->listeners[i].state);
    }
    for (size_t i = 0; i < plan->trust_count; i++) {
        tls_trust_free(plan->trusts[i]);
    }
    arena_free(plan->arena);
    snapshot_unref(plan->snapshot);
    mem_give(plan);
}
