/* SPDX-License-Identifier: Apache-2.0 */
/* counters: what happened, by the metric names of AWS. Each worker counts into blocks of its own,
 * without locks; the thread that reports adds them up.
 *
 * Thread   counters_add: the worker that owns the block; counters_read: any. */
#pragma once
#include "base/rc.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>

enum metric {
#define METRIC(id, name, scope) METRIC_##id,
#include "node/metrics.def"
#undef METRIC
    METRICS
};

enum metric_scope { METRIC_SCOPE_BALANCER = 1, METRIC_SCOPE_GROUP = 2, METRIC_SCOPE_BOTH = 3 };

const char *metric_name(enum metric metric);
enum metric_scope metric_scope(enum metric metric);

/* One worker's block for one balancer or group; on cache lines of its own. */
struct counters {
    alignas(64) _Atomic uint64_t values[METRICS];
};

static inline void counters_add(struct counters *counters, enum metric metric, uint64_t amount)
{
    _Atomic uint64_t *value = &counters->values[metric];

    /* One writer: a load and a store, no locked instruction. */
    atomic_store_explicit(value, atomic_load_explicit(value, memory_order_relaxed) + amount,
                          memory_order_relaxed);
}

/* The sum of `count` blocks. */
uint64_t counters_read(const struct counters *blocks, int count, enum metric metric);
