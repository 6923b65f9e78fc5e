/* SPDX-License-Identifier: Apache-2.0 */
/* wheel: the timers of one loop, as a hashed wheel over virtual time.
 *
 * A timer stands in a slot at or before the end of its deadline's grain. When the slot comes, the
 * timer fires if its deadline has passed, else it is put into a later slot. So moving a deadline
 * out is one store, and a deadline beyond the wheel's horizon is merely looked at on the way. The
 * grain grows with the length of the timer, so long timers share slots and the loop wakes rarely.
 *
 * Thread   the loop's. Time   as given: any clock that never goes back. */
#pragma once
#include "loop/loop.h"

enum {
    WHEEL_TICK_MS = 4,
    WHEEL_SLOTS = 4096, /* a power of two; horizon: 16 s */
    WHEEL_WORDS = WHEEL_SLOTS / 64,
};

struct wheel {
    int64_t tick;               /* the last one that was expired; slots behind it are to come */
    uint64_t words;             /* bit i: used[i] is not 0 */
    uint64_t used[WHEEL_WORDS]; /* a bit a slot that may hold timers */
    struct list firing;         /* of the slot being expired */
    struct list slots[WHEEL_SLOTS];
};

void wheel_init(struct wheel *wheel, int64_t now_ms);
void wheel_set(struct wheel *wheel, struct loop_timer *timer, int64_t deadline_ms);
/* Calls what is due at now_ms. */
void wheel_expire(struct wheel *wheel, int64_t now_ms);
/* When to look again; INT64_MAX when there is no timer. */
int64_t wheel_next_ms(struct wheel *wheel);
