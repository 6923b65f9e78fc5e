/* SPDX-License-Identifier: Apache-2.0 */
#include "loop/wheel.h"

#include <string.h>

/* A grain is at most 1/64 of what is left, so that a timer is late by less than 2 %. */
#define GRAIN_SHIFT 6
#define GRAIN_MAX   (WHEEL_SLOTS >> GRAIN_SHIFT) /* ticks */

static int64_t tick_of(int64_t ms)
{
    return ms / WHEEL_TICK_MS;
}

void wheel_init(struct wheel *wheel, int64_t now_ms)
{
    wheel->tick = tick_of(now_ms);
    wheel->words = 0;
    memset(wheel->used, 0, sizeof(wheel->used));
    list_init(&wheel->firing);
    for (size_t i = 0; i < WHEEL_SLOTS; i++) {
        list_init(&wheel->slots[i]);
    }
}

/* The tick at which a deadline is looked at: rounded up to its grain, within the horizon, never one
 * that has passed. */
static int64_t tick_for(const struct wheel *wheel, int64_t deadline_ms)
{
    /* On a grain too, so that those who wait beyond the horizon are looked at together. */
    const int64_t farthest = (wheel->tick + WHEEL_SLOTS - 1) & ~(int64_t)(GRAIN_MAX - 1);
    const int64_t soonest = wheel->tick + 1;

    if (deadline_ms > farthest * WHEEL_TICK_MS) {
        return farthest;
    }
    int64_t tick = tick_of(deadline_ms + WHEEL_TICK_MS - 1);
    if (tick <= soonest) {
        return soonest;
    }
    const uint64_t grains = (uint64_t)(tick - wheel->tick) >> GRAIN_SHIFT;
    if (grains > 1) {
        /* The largest power of two that is not above `grains`. */
        const int64_t grain = (int64_t)1 << (63 - __builtin_clzll(grains));
        tick = (tick + grain - 1) & ~(grain - 1);
    }
    return tick < farthest ? tick : farthest;
}

static void insert(struct wheel *wheel, struct loop_timer *timer)
{
    const int64_t tick = tick_for(wheel, timer->deadline_ms);
    const size_t slot = (size_t)tick % WHEEL_SLOTS;

    timer->slot_ms = tick * WHEEL_TICK_MS;
    list_push_back(&wheel->slots[slot], &timer->link);
    wheel->used[slot / 64] |= UINT64_C(1) << (slot % 64);
    wheel->words |= UINT64_C(1) << (slot / 64);
}

void wheel_set(struct wheel *wheel, struct loop_timer *timer, int64_t deadline_ms)
{
    timer->deadline_ms = deadline_ms;
    if (!list_is_empty(&timer->link)) {
        if (deadline_ms >= timer->slot_ms) {
            return; /* looked at when its old slot comes */
        }
        list_remove(&timer->link);
    }
    if (deadline_ms != INT64_MAX) {
        insert(wheel, timer);
    }
}

static void forget_slot(struct wheel *wheel, size_t slot)
{
    wheel->used[slot / 64] &= ~(UINT64_C(1) << (slot % 64));
    if (!wheel->used[slot / 64]) {
        wheel->words &= ~(UINT64_C(1) << (slot / 64));
    }
}

/* The first marked slot at or behind `slot`, once around; WHEEL_SLOTS when there is none. */
static size_t find_slot(const struct wheel *wheel, size_t slot)
{
    const size_t word = slot / 64;
    const uint64_t here = wheel->used[word] & (UINT64_MAX << (slot % 64));

    if (here) {
        return word * 64 + (size_t)__builtin_ctzll(here);
    }
    if (!wheel->words) {
        return WHEEL_SLOTS;
    }
    /* Words behind this one, else from the start (which may come back to this one). */
    const uint64_t behind = word == 63 ? 0 : wheel->words & (UINT64_MAX << (word + 1));
    const size_t next = (size_t)__builtin_ctzll(behind ? behind : wheel->words);
    return next * 64 + (size_t)__builtin_ctzll(wheel->used[next]);
}

int64_t wheel_next_ms(struct wheel *wheel)
{
    const int64_t first = wheel->tick + 1;

    for (;;) {
        const size_t slot = find_slot(wheel, (size_t)first % WHEEL_SLOTS);
        if (slot == WHEEL_SLOTS) {
            return INT64_MAX;
        }
        if (!list_is_empty(&wheel->slots[slot])) {
            const size_t ahead = (slot - (size_t)first % WHEEL_SLOTS) % WHEEL_SLOTS;
            return (first + (int64_t)ahead) * WHEEL_TICK_MS;
        }
        forget_slot(wheel, slot); /* all that stood there was cancelled or moved */
    }
}

static void fire_slot(struct wheel *wheel, size_t slot, int64_t now_ms)
{
    struct list *const timers = &wheel->slots[slot];

    forget_slot(wheel, slot);
    if (list_is_empty(timers)) {
        return;
    }
    /* Aside, so that what a timer's function sets is not met again in this round. */
    list_insert_between(&wheel->firing, timers->prev, timers->next);
    list_init(timers);
    for (struct list *link; (link = list_pop_front(&wheel->firing));) {
        struct loop_timer *timer = LIST_ITEM(link, struct loop_timer, link);

        if (timer->deadline_ms <= now_ms) {
            timer->due(timer);
        } else if (timer->deadline_ms != INT64_MAX) {
            insert(wheel, timer);
        }
    }
}

void wheel_expire(struct wheel *wheel, int64_t now_ms)
{
    const int64_t last = tick_of(now_ms);
    int64_t tick = wheel->tick + 1;

    if (last < tick) {
        return;
    }
    if (wheel_next_ms(wheel) > now_ms) {
        wheel->tick = last;
        return;
    }
    if (last - tick >= WHEEL_SLOTS) {
        tick = last - WHEEL_SLOTS + 1; /* we slept for longer than a round: every slot once */
    }
    wheel->tick = last;
    for (; tick <= last; tick++) {
        const size_t slot = (size_t)tick % WHEEL_SLOTS;
        if (wheel->used[slot / 64] & (UINT64_C(1) << (slot % 64))) {
            fire_slot(wheel, slot, now_ms);
        }
    }
}
