/* SPDX-License-Identifier: Apache-2.0 */
#include "node/choices.h"

#include "base/mem.h"

/* ---- who may be chosen
 * ----------------------------------------------------------------------------- */

static int state_of(const struct target *target)
{
    return atomic_load_explicit(&target->state, memory_order_relaxed);
}

static bool is_leaving(const struct target *target)
{
    return atomic_load_explicit(&target->is_leaving, memory_order_relaxed);
}

/* When its slow start ends; INT64_MIN: long ago. */
static int64_t ramp_end_ms(const struct plan_group *group, const struct target *target)
{
    const int64_t from_ms = atomic_load_explicit(&target->ramp_from_ms, memory_order_relaxed);

    return from_ms == INT64_MIN || group->snap->slow_start_ms == 0
               ? INT64_MIN
               : from_ms + group->snap->slow_start_ms;
}

static size_t collect(struct choices *choices, const struct plan_group *group, bool is_fail_open,
                      size_t *registered)
{
    choices->count = 0;
    *registered = 0;
    for (size_t i = 0; i < group->target_count; i++) {
        struct target *target = group->targets[i];
        const int state = state_of(target);

        if (is_leaving(target)) {
            continue;
        }
        *registered += 1;
        if (state == TARGET_HEALTHY || (is_fail_open && state == TARGET_UNHEALTHY)) {
            choices->targets[choices->count++] = target;
        }
    }
    return choices->count;
}

/* AWS ALB, "Unhealthy state actions": either threshold, count or percentage, is enough. */
static bool fails_open(const struct snap_group *snap, size_t healthy, size_t registered)
{
    return (int64_t)healthy < snap->unhealthy_routing_count ||
           (int64_t)healthy * 100 < (int64_t)registered * snap->unhealthy_routing_percent;
}

static void find_ramps(struct choices *choices, const struct plan_group *group, int64_t now_ms)
{
    size_t ramping = 0;

    choices->until_ms = INT64_MAX;
    for (size_t i = 0; i < choices->count; i++) {
        const int64_t end_ms = ramp_end_ms(group, choices->targets[i]);

        if (end_ms > now_ms) {
            ramping++;
            choices->until_ms = end_ms < choices->until_ms ? end_ms : choices->until_ms;
        }
    }
    /* AWS ALB, "Slow start mode": if all are new, none is held back. */
    choices->has_ramp = ramping > 0 && ramping < choices->count;
}

static void make(struct choices *choices, const struct plan_group *group, int64_t now_ms)
{
    size_t registered;

    if (!choices->targets) {
        choices->targets = mem_take_array(group->target_count, sizeof(struct target *));
    }
    choices->epoch = atomic_load_explicit(&group->group->epoch, memory_order_acquire);
    choices->is_made = true;
    collect(choices, group, false, &registered);
    choices->is_fail_open = fails_open(group->snap, choices->count, registered);
    if (choices->is_fail_open) {
        collect(choices, group, true, &registered);
    }
    find_ramps(choices, group, now_ms);
}

static void refresh(struct choices *choices, const struct plan_group *group, int64_t now_ms)
{
    if (!choices->is_made || now_ms >= choices->until_ms ||
        choices->epoch != atomic_load_explicit(&group->group->epoch, memory_order_acquire)) {
        make(choices, group, now_ms);
    }
}

void choices_done(struct choices *choices)
{
    mem_give(choices->targets);
    *choices = (struct choices){0};
}

/* ---- the algorithms ----------------------------------------------------------------------- */

uint64_t choices_random(uint64_t *state)
{
    /* xorshift64*, Marsaglia and Vigna. */
    ASSERT(*state != 0);
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545f4914f6cdd1du;
}

void choices_random_bytes(uint8_t *bytes, size_t count, uint64_t *state)
{
    while (count > 0) {
        const uint64_t value = choices_random(state);
        const size_t len = count < sizeof(value) ? count : sizeof(value);

        memcpy(bytes, &value, len);
        bytes += len;
        count -= len;
    }
}

/* 0 to below - 1, evenly enough: the top 32 bits scaled. */
static size_t random_below(uint64_t *random, size_t below)
{
    return (size_t)((choices_random(random) >> 32) * below >> 32);
}

static size_t next_turn(const struct plan_group *group, size_t count)
{
    return atomic_fetch_add_explicit(&group->group->turn, 1, memory_order_relaxed) % count;
}

/* AWS ALB, "Slow start mode": its share grows linearly; here, the chance that it takes its turn. */
static bool is_held_back(const struct plan_group *group, const struct target *target,
                         int64_t now_ms, uint64_t *random)
{
    const int64_t end_ms = ramp_end_ms(group, target);

    return end_ms > now_ms &&
           (int64_t)random_below(random, (size_t)group->snap->slow_start_ms) < end_ms - now_ms;
}

static struct target *round_robin(const struct choices *choices, const struct plan_group *group,
                                  const struct target *avoid, int64_t now_ms, uint64_t *random)
{
    struct target *target = NULL;

    for (size_t i = 0; i < choices->count; i++) {
        target = choices->targets[next_turn(group, choices->count)];
        if (target != avoid &&
            !(choices->has_ramp && is_held_back(group, target, now_ms, random))) {
            return target;
        }
    }
    return target;
}

/* The fewest requests under way; equals take turns. */
static struct target *least_outstanding(const struct choices *choices,
                                        const struct plan_group *group, const struct target *avoid)
{
    const size_t start = next_turn(group, choices->count);
    struct target *best = NULL;
    uint32_t best_requests = 0;

    for (size_t i = 0; i < choices->count; i++) {
        const size_t at = start + i < choices->count ? start + i : start + i - choices->count;
        struct target *target = choices->targets[at];
        const uint32_t requests = atomic_load_explicit(&target->requests, memory_order_relaxed);

        if ((!best || requests < best_requests) && (target != avoid || choices->count == 1)) {
            best = target;
            best_requests = requests;
        }
    }
    return best;
}

static struct target *even_random(const struct choices *choices, const struct target *avoid,
                                  uint64_t *random)
{
    const size_t at = random_below(random, choices->count);

    return choices->targets[at] == avoid ? choices->targets[(at + 1) % choices->count]
                                         : choices->targets[at];
}

struct target *choices_pick(struct choices *choices, const struct plan_group *group,
                            const struct target *avoid, int64_t now_ms, uint64_t *random)
{
    refresh(choices, group, now_ms);
    if (choices->count == 0) {
        return NULL;
    }
    switch (group->snap->algorithm) {
    case SNAP_ROUND_ROBIN:
        return round_robin(choices, group, avoid, now_ms, random);
    case SNAP_LEAST_OUTSTANDING:
        return least_outstanding(choices, group, avoid);
    case SNAP_WEIGHTED_RANDOM:
        return even_random(choices, avoid, random);
    }
    return NULL;
}

size_t choices_pick_group(const struct snap_weighted *groups, size_t count, uint64_t *random)
{
    size_t total = 0;

    if (count == 1 && groups[0].weight > 0) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        total += groups[i].weight;
    }
    if (total == 0) {
        return count;
    }
    size_t point = random_below(random, total);
    for (size_t i = 0; i < count; i++) {
        if (point < groups[i].weight) {
            return i;
        }
        point -= groups[i].weight;
    }
    return count;
}
