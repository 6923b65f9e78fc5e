/* SPDX-License-Identifier: Apache-2.0 */
/* schedule: when the next check of each target is due. A heap over deadlines; time is an argument,
 * so a test lives through a week in a millisecond.
 *
 * The first checks of many targets that came together are spread over a short while, and each then
 * keeps its own beat: due every interval from its first, however long a check takes. A check that
 * outlasts its interval skips beats instead of piling up.
 *
 * Owner    entries are embedded in their owners; they are taken out before those go.
 * Sources  AWS ALB, HealthCheckIntervalSeconds: "approximate amount of time between checks". */
#pragma once
#include "base/rc.h"

#include <stdint.h>

struct schedule_entry {
    int64_t due_ms;
    int64_t interval_ms;
    size_t at; /* in the heap; SIZE_MAX: not in */
};

struct schedule {
    struct schedule_entry **heap; /* own: the earliest first */
    size_t count;
    size_t size;
    uint32_t spread; /* moves on with each entry, so that neighbours fall apart */
};

/* OURS: the first checks of targets that come together fall within this while (or their interval,
 * if that is shorter): soon enough for who waits, too spread to be a burst. */
#define SCHEDULE_SPREAD_MS 1000

void schedule_init(struct schedule *schedule);
void schedule_done(struct schedule *schedule);

void schedule_entry_init(struct schedule_entry *entry);
/* First due between now and the spread later. */
void schedule_add(struct schedule *schedule, struct schedule_entry *entry, int64_t now_ms,
                  int64_t interval_ms);
void schedule_remove(struct schedule *schedule, struct schedule_entry *entry); /* fine if absent */
/* Another interval: the next check is due at most that long from now. */
void schedule_change(struct schedule *schedule, struct schedule_entry *entry, int64_t now_ms,
                     int64_t interval_ms);

/* One that is due, moved on to its next beat after now_ms; NULL: none. */
struct schedule_entry *schedule_next(struct schedule *schedule, int64_t now_ms);
/* When to ask again; INT64_MAX: never. */
int64_t schedule_due_ms(const struct schedule *schedule);
