/* SPDX-License-Identifier: Apache-2.0 */
/* h2_budget: what a stranger may ask of an HTTP/2 session without doing anything useful. Frames
 * cost points by the work they cause; time and useful work earn them back, up to a cap. One purse
 * for all kinds of frames, so that no mixture is cheaper than its parts. Private to this room.
 *
 * An honest client that cancels a page of a thousand pictures stays within; a flood of resets ends
 * after as many, and then gets LIMIT_H2_POINTS_PER_S / 10 a second. */
#pragma once
#include "base/limits.h"
#include "base/text.h"

enum h2_cost {
    H2_COST_RESET = 10, /* RST_STREAM from the other side before we were done (CVE-2023-44487), or
                           ours that it provoked (CVE-2025-8671) */
    H2_COST_PING = 10,
    H2_COST_SETTINGS = 50,
    H2_COST_EMPTY_DATA = 10, /* CVE-2019-9518 */
    H2_COST_WINDOW_UPDATE = 1,
    H2_COST_PRIORITY = 2, /* PRIORITY, PRIORITY_UPDATE, unknown types, heads without a stream */
    H2_COST_CONTINUATION = 10,
};
enum h2_earning {
    H2_EARN_REQUEST = 10, /* a complete exchange */
    H2_EARN_DATA = 3,     /* a DATA frame with content, either way */
};

struct h2_budget {
    int64_t points;
    int64_t refilled_ms;
};

static inline void h2_budget_init(struct h2_budget *budget)
{
    budget->points = LIMIT_H2_POINTS;
    budget->refilled_ms = -1;
}

static inline void h2_budget_earn(struct h2_budget *budget, int64_t points)
{
    budget->points += points;
    if (budget->points > LIMIT_H2_POINTS) {
        budget->points = LIMIT_H2_POINTS;
    }
}

static inline void h2_budget_refill(struct h2_budget *budget, int64_t now_ms)
{
    const int64_t passed_ms = budget->refilled_ms < 0 ? 0 : now_ms - budget->refilled_ms;

    if (budget->refilled_ms >= 0 && passed_ms < 100) {
        return; /* rounding must not lose the small steps */
    }
    budget->refilled_ms = now_ms;
    h2_budget_earn(budget, (passed_ms < 60000 ? passed_ms : 60000) * LIMIT_H2_POINTS_PER_S / 1000);
}

/* False: it has run out. */
static inline bool h2_budget_spend(struct h2_budget *budget, int64_t points)
{
    budget->points -= points;
    return budget->points >= 0;
}
