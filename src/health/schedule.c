/* SPDX-License-Identifier: Apache-2.0 */
#include "health/schedule.h"

#include "base/mem.h"

void schedule_init(struct schedule *schedule)
{
    *schedule = (struct schedule){0};
}

void schedule_done(struct schedule *schedule)
{
    ASSERT(schedule->count == 0);
    mem_give(schedule->heap);
    schedule->heap = NULL;
}

void schedule_entry_init(struct schedule_entry *entry)
{
    *entry = (struct schedule_entry){.at = SIZE_MAX};
}

static void place(struct schedule *schedule, struct schedule_entry *entry, size_t at)
{
    schedule->heap[at] = entry;
    entry->at = at;
}

static void rise(struct schedule *schedule, struct schedule_entry *entry)
{
    size_t at = entry->at;

    while (at > 0 && schedule->heap[(at - 1) / 2]->due_ms > entry->due_ms) {
        place(schedule, schedule->heap[(at - 1) / 2], at);
        at = (at - 1) / 2;
    }
    place(schedule, entry, at);
}

static void sink(struct schedule *schedule, struct schedule_entry *entry)
{
    size_t at = entry->at;

    for (;;) {
        size_t child = 2 * at + 1;

        if (child + 1 < schedule->count &&
            schedule->heap[child + 1]->due_ms < schedule->heap[child]->due_ms) {
            child++;
        }
        if (child >= schedule->count || schedule->heap[child]->due_ms >= entry->due_ms) {
            break;
        }
        place(schedule, schedule->heap[child], at);
        at = child;
    }
    place(schedule, entry, at);
}

static void move(struct schedule *schedule, struct schedule_entry *entry, int64_t due_ms)
{
    entry->due_ms = due_ms;
    rise(schedule, entry);
    sink(schedule, entry);
}

/* Offsets that stay apart for any number of entries: multiples of the golden ratio, modulo one. */
static int64_t next_offset_ms(struct schedule *schedule, int64_t interval_ms)
{
    const int64_t range_ms = interval_ms < SCHEDULE_SPREAD_MS ? interval_ms : SCHEDULE_SPREAD_MS;

    schedule->spread += 2654435769u;
    return (int64_t)((uint64_t)schedule->spread * (uint64_t)range_ms >> 32);
}

void schedule_add(struct schedule *schedule, struct schedule_entry *entry, int64_t now_ms,
                  int64_t interval_ms)
{
    ASSERT(entry->at == SIZE_MAX);
    ASSERT(interval_ms > 0);
    if (schedule->count == schedule->size) {
        schedule->size = schedule->size ? schedule->size * 2 : 64;
        schedule->heap = mem_grow(schedule->heap, schedule->size * sizeof(struct schedule_entry *));
    }
    entry->interval_ms = interval_ms;
    entry->due_ms = now_ms + next_offset_ms(schedule, interval_ms);
    place(schedule, entry, schedule->count++);
    rise(schedule, entry);
}

void schedule_remove(struct schedule *schedule, struct schedule_entry *entry)
{
    if (entry->at == SIZE_MAX) {
        return;
    }
    struct schedule_entry *last = schedule->heap[--schedule->count];
    if (last != entry) {
        place(schedule, last, entry->at);
        move(schedule, last, last->due_ms);
    }
    entry->at = SIZE_MAX;
}

void schedule_change(struct schedule *schedule, struct schedule_entry *entry, int64_t now_ms,
                     int64_t interval_ms)
{
    ASSERT(interval_ms > 0);
    entry->interval_ms = interval_ms;
    if (entry->at != SIZE_MAX && entry->due_ms > now_ms + interval_ms) {
        move(schedule, entry, now_ms + interval_ms);
    }
}

struct schedule_entry *schedule_next(struct schedule *schedule, int64_t now_ms)
{
    struct schedule_entry *entry = schedule->count ? schedule->heap[0] : NULL;

    if (!entry || entry->due_ms > now_ms) {
        return NULL;
    }
    const int64_t beats = (now_ms - entry->due_ms) / entry->interval_ms + 1;
    move(schedule, entry, entry->due_ms + beats * entry->interval_ms);
    return entry;
}

int64_t schedule_due_ms(const struct schedule *schedule)
{
    return schedule->count ? schedule->heap[0]->due_ms : INT64_MAX;
}
