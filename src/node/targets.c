/* SPDX-License-Identifier: Apache-2.0 */
#include "node/targets_inner.h"

#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>

/* ---- balancers and groups ----------------------------------------------------------------- */

static struct text text_own(struct text text)
{
    return (struct text){mem_string(text), text.len};
}

static void text_disown(struct text text)
{
    mem_give((void *)(uintptr_t)text.at);
}

static struct counters *counters_new(int workers)
{
    return mem_take_aligned((size_t)workers, sizeof(struct counters), alignof(struct counters));
}

static bool is_last_ref(_Atomic unsigned *refs)
{
    const unsigned before = atomic_fetch_sub_explicit(refs, 1, memory_order_acq_rel);

    ASSERT(before > 0);
    return before == 1;
}

static void add_ref(_Atomic unsigned *refs)
{
    atomic_fetch_add_explicit(refs, 1, memory_order_relaxed);
}

void balancer_unref(struct balancer *balancer)
{
    if (balancer && is_last_ref(&balancer->refs)) {
        text_disown(balancer->id);
        mem_give(balancer->counters);
        mem_give(balancer);
    }
}

void group_unref(struct group *group)
{
    if (group && is_last_ref(&group->refs)) {
        text_disown(group->arn);
        text_disown(group->id);
        text_disown(group->balancer_id);
        mem_give(group->counters);
        mem_give(group);
    }
}

struct balancer *targets_take_balancer(struct targets *targets, const struct snap_balancer *snap)
{
    struct balancer *balancer = map_get(&targets->balancers, snap->id);

    if (!balancer) {
        balancer = MEM_NEW(struct balancer);
        balancer->id = text_own(snap->id);
        balancer->counters = counters_new(targets->workers);
        balancer->refs = 1;
        (void)map_put(&targets->balancers, balancer->id, balancer); /* it was absent */
    }
    balancer->generation = targets->generation;
    add_ref(&balancer->refs);
    return balancer;
}

struct group *targets_take_group(struct targets *targets, const struct snap_group *snap,
                                 struct text balancer_id)
{
    struct group *group = map_get(&targets->groups, snap->arn);

    if (!group) {
        group = mem_take_aligned(1, sizeof(*group), alignof(struct group));
        group->arn = text_own(snap->arn);
        group->id = text_own(snap->id);
        group->balancer_id = text_own(balancer_id);
        group->counters = counters_new(targets->workers);
        group->refs = 1;
        (void)map_put(&targets->groups, group->arn, group); /* it was absent */
    }
    if (!text_eq(group->balancer_id, balancer_id)) {
        text_disown(group->balancer_id);
        group->balancer_id = text_own(balancer_id);
    }
    group->generation = targets->generation;
    add_ref(&group->refs);
    return group;
}

/* ---- one target --------------------------------------------------------------------------- */

struct target *target_ref(struct target *target)
{
    add_ref(&target->refs);
    return target;
}

void target_unref(struct target *target)
{
    if (target && is_last_ref(&target->refs)) {
        ASSERT(target->check == NULL);
        ASSERT(target->requests == 0);
        group_unref(target->group);
        text_disown(target->key);
        text_disown(target->id);
        mem_give(target);
    }
}

/* Who may be picked has changed: the workers look again at their next request. */
static void stir(struct target *target)
{
    atomic_fetch_add_explicit(&target->group->epoch, 1, memory_order_release);
}

static void log_health(const struct targets *targets, const struct target *target,
                       const struct threshold *now)
{
    static const char *const events[] = {
        [TARGET_INITIAL] = "target is initial",
        [TARGET_HEALTHY] = "target is healthy",
        [TARGET_UNHEALTHY] = "target is unhealthy",
    };
    char name[512];
    char status[16];

    (void)snprintf(name, sizeof(name), "%.*s:%u", TEXT_ARG(target->id), target->port); /* fits */
    (void)snprintf(status, sizeof(status), "%d", now->detail);
    log_event(targets->log, now->state == TARGET_UNHEALTHY ? LOG_WARN : LOG_INFO,
              events[now->state], {"group", target->group->id}, {"target", text_of(name)},
              {"status", now->detail ? text_of(status) : TEXT("-")});
}

static void on_health(void *arg, const struct threshold *before, const struct threshold *now)
{
    struct target *target = arg;
    struct targets *targets = target->targets;

    if (before->state != now->state) {
        /* AWS ALB, "Slow start mode": a target enters it when it becomes healthy. */
        atomic_store(&target->ramp_from_ms, loop_now_ms(targets->loop));
        atomic_store(&target->state, (int)now->state);
        stir(target);
        log_health(targets, target, now);
    }
    targets->user.changed(targets->user.arg);
}

static void on_probed(void *arg, const struct check_result *result)
{
    const struct target *target = arg;
    const struct targets_user *user = &target->targets->user;

    if (target->group->logs_checks && user->checked) {
        user->checked(user->arg, target, result);
    }
}

static void on_cut_due(struct loop_timer *timer)
{
    struct target *target = LIST_ITEM(timer, struct target, cut_timer);
    struct targets *targets = target->targets;

    targets->user.cut(targets->user.arg, target);
    if (!target->is_known) {
        list_remove(&target->link);
        target_unref(target); /* the registry's, kept for this moment */
    }
}

/* An instance that moves to another address becomes another target: nothing of what is known of the
 * old address holds for the new one. */
static struct text key_new(const struct group *group, const struct snap_target *snap)
{
    enum { NUMBERS_BYTES = 32 };
    const size_t size = group->arn.len + snap->id.len + NUMBERS_BYTES;
    char *key = mem_take(size);
    const int len = snprintf(key, size, "%.*s %.*s %x %u", TEXT_ARG(group->arn), TEXT_ARG(snap->id),
                             snap->ip, snap->port);

    ASSERT(len > 0);
    ASSERT((size_t)len < size);
    return (struct text){key, (size_t)len};
}

static struct target *target_new(struct targets *targets, struct group *group,
                                 const struct snap_target *snap, struct text key /* takes it */)
{
    const size_t bytes =
        sizeof(struct target) + (size_t)targets->workers * sizeof(struct target_slot);
    struct target *target = mem_take_aligned(1, bytes, alignof(struct target));

    target->group = group;
    add_ref(&group->refs);
    target->key = key;
    target->id = text_own(snap->id);
    target->ip = snap->ip;
    target->port = snap->port;
    target->targets = targets;
    target->is_known = true;
    target->refs = 1;
    target->state = TARGET_INITIAL;
    target->ramp_from_ms = INT64_MIN;
    loop_timer_init(&target->cut_timer, on_cut_due);
    list_init(&target->link);
    for (int i = 0; i < targets->workers; i++) {
        list_init(&target->slots[i].leases);
        list_init(&target->slots[i].idle);
        list_init(&target->slots[i].shared);
    }
    (void)map_put(&targets->by_key, target->key, target); /* it was absent */
    return target;
}

static const struct report_target *find_known(const struct targets *targets,
                                              const struct target *target)
{
    for (size_t i = 0; i < targets->known_count; i++) {
        const struct report_target *known = &targets->known[i];

        if (known->port == target->port && text_eq(known->id, target->id) &&
            text_eq(known->group_arn, target->group->arn)) {
            return known;
        }
    }
    return NULL;
}

static void start_check(struct targets *targets, struct target *target,
                        const struct check_target *asked)
{
    target->check =
        check_start(targets->checks, asked, find_known(targets, target), on_health, target);
    atomic_store(&target->state, (int)check_health(target->check)->state);
    atomic_store(&target->ramp_from_ms, INT64_MIN);
    stir(target);
}

/* The check ends; what was known ends with it. */
static void end_check(struct target *target)
{
    if (target->check) {
        check_stop(MOVE(target->check));
        atomic_store(&target->state, (int)TARGET_UNUSED);
        stir(target);
    }
}

static void leave(struct targets *targets, struct target *target, int64_t cut_ms)
{
    if (!atomic_load(&target->is_leaving)) {
        atomic_store(&target->is_leaving, true);
        stir(target);
        loop_timer_set(targets->loop, &target->cut_timer, cut_ms);
    }
}

/* An instance may be registered again while it drains: then it just stays. */
static void stay(struct targets *targets, struct target *target)
{
    if (atomic_load(&target->is_leaving)) {
        loop_timer_cancel(targets->loop, &target->cut_timer);
        atomic_store(&target->is_leaving, false);
        stir(target);
    }
}

struct target *targets_take(struct targets *targets, struct group *group,
                            const struct snap_group *snap_group, const struct snap_target *snap,
                            bool is_checked)
{
    const struct check_target asked = {
        .settings = &snap_group->health,
        .ip = snap->ip,
        .port = snap->port,
        .version = snap_group->version,
        .tls = group->tls,
    };
    const struct text key = key_new(group, snap);
    struct target *target = map_get(&targets->by_key, key);

    if (target) {
        text_disown(key);
    } else {
        target = target_new(targets, group, snap, key);
    }
    target->generation = targets->generation;
    target->drain_ms = snap_group->drain_ms;
    if (snap->is_draining) {
        const int64_t left_ms = snap->drain_until_unix_ms - loop_unix_ms(targets->loop);
        end_check(target);
        leave(targets, target, loop_now_ms(targets->loop) + (left_ms > 0 ? left_ms : 0));
        return target_ref(target);
    }
    stay(targets, target);
    if (!is_checked) {
        end_check(target);
    } else if (target->check) {
        check_change(target->check, &asked);
    } else {
        start_check(targets, target, &asked);
    }
    return target_ref(target);
}

/* ---- the registry ------------------------------------------------------------------------- */

struct targets *targets_new(struct loop *loop, int workers, const struct targets_user *user,
                            const struct log *log)
{
    struct targets *targets = MEM_NEW(struct targets);

    ASSERT(workers > 0);
    targets->loop = loop;
    targets->workers = workers;
    targets->user = *user;
    targets->log = log;
    targets->checks = checks_new(loop);
    checks_on_probed(targets->checks, on_probed);
    list_init(&targets->forgotten);
    map_init(&targets->balancers);
    map_init(&targets->groups);
    map_init(&targets->by_key);
    return targets;
}

static void forget_known(struct targets *targets)
{
    arena_free(MOVE(targets->known_arena));
    targets->known = NULL;
    targets->known_count = 0;
}

void targets_seed(struct targets *targets, const struct report *known)
{
    struct report_target *copy;

    forget_known(targets);
    targets->known_arena = arena_new(4096, LIMIT_REPORT_BYTES);
    copy = ARENA_ARRAY(targets->known_arena, struct report_target, known->target_count);
    for (size_t i = 0; copy && i < known->target_count; i++) {
        copy[i] = known->targets[i];
        copy[i].group_arn = arena_text(targets->known_arena, known->targets[i].group_arn);
        copy[i].id = arena_text(targets->known_arena, known->targets[i].id);
    }
    targets->known = copy;
    targets->known_count = copy ? known->target_count : 0;
}

void targets_begin(struct targets *targets)
{
    targets->generation++;
}

/* Out of the registry; its reference stays until the cut. */
static void forget(struct targets *targets, struct target *target)
{
    const bool was_leaving = atomic_load(&target->is_leaving);
    const int64_t now_ms = loop_now_ms(targets->loop);

    (void)map_remove(&targets->by_key, target->key); /* it is this one */
    end_check(target);
    target->is_known = false;
    list_push_back(&targets->forgotten, &target->link);
    /* Control takes a drained target out of the snapshot when its delay is over: cut now what is
     * left. One that vanishes without having drained has its group's delay from here on. */
    leave(targets, target, now_ms + target->drain_ms);
    if (was_leaving) {
        loop_timer_set(targets->loop, &target->cut_timer, now_ms);
    }
}

/* map_each() allows no removal while it steps: collect first. */
static void sweep(struct targets *targets, struct map *map,
                  bool (*is_stale)(struct targets *, void *),
                  void (*drop)(struct targets *, void *))
{
    void **stale = mem_take_array(map->count + 1, sizeof(*stale));
    size_t count = 0;
    size_t at = 0;

    for (void *value; (value = map_each(map, &at));) {
        if (is_stale(targets, value)) {
            stale[count++] = value;
        }
    }
    for (size_t i = 0; i < count; i++) {
        drop(targets, stale[i]);
    }
    mem_give(stale);
}

static bool is_stale_target(struct targets *targets, void *value)
{
    return ((struct target *)value)->generation != targets->generation;
}

static bool is_stale_group(struct targets *targets, void *value)
{
    return ((struct group *)value)->generation != targets->generation;
}

static bool is_stale_balancer(struct targets *targets, void *value)
{
    return ((struct balancer *)value)->generation != targets->generation;
}

static void drop_target(struct targets *targets, void *value)
{
    forget(targets, value);
}

static void drop_group(struct targets *targets, void *value)
{
    (void)map_remove(&targets->groups, ((struct group *)value)->arn); /* it is this one */
    group_unref(value);
}

static void drop_balancer(struct targets *targets, void *value)
{
    (void)map_remove(&targets->balancers, ((struct balancer *)value)->id); /* it is this one */
    balancer_unref(value);
}

void targets_end(struct targets *targets)
{
    sweep(targets, &targets->by_key, is_stale_target, drop_target);
    sweep(targets, &targets->groups, is_stale_group, drop_group);
    sweep(targets, &targets->balancers, is_stale_balancer, drop_balancer);
    forget_known(targets);
}

void targets_free(struct targets *targets)
{
    if (!targets) {
        return;
    }
    targets_begin(targets);
    targets_end(targets);
    LIST_EACH (&targets->forgotten, link) {
        struct target *target = LIST_ITEM(link, struct target, link);

        loop_timer_cancel(targets->loop, &target->cut_timer);
        list_remove(link);
        target_unref(target);
    }
    map_done(&targets->by_key);
    map_done(&targets->groups);
    map_done(&targets->balancers);
    checks_free(targets->checks);
    mem_give(targets);
}
