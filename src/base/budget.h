/* SPDX-License-Identifier: Apache-2.0 */
/* budget: how many bytes all who share it may hold together. Who takes memory for strangers counts
 * it here, asks before it takes more, and has an answer to no. What must not fail is counted all
 * the same, so that the others wait for it.
 *
 * Owner    whoever made it; those who share it borrow it. NULL, or max 0, is without end.
 * Thread   one. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct budget {
    size_t used;
    size_t max;
};

static inline void budget_take(struct budget *budget, size_t bytes)
{
    if (budget) {
        budget->used += bytes;
    }
}

static inline void budget_give(struct budget *budget, size_t bytes)
{
    if (budget) {
        budget->used -= bytes;
    }
}

/* Whether `bytes` more would leave it within `percent` of what there is. */
static inline bool budget_allows(const struct budget *budget, size_t bytes, unsigned percent)
{
    return !budget || budget->max == 0 || budget->used + bytes <= budget->max / 100 * percent;
}
