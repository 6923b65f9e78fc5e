/* SPDX-License-Identifier: Apache-2.0 */
#include "node/counters.h"

static const struct {
    const char *name;
    enum metric_scope scope;
} metrics[METRICS] = {
#define METRIC(id, name, scope) [METRIC_##id] = {name, METRIC_SCOPE_##scope},
#include "node/metrics.def"
#undef METRIC
};

const char *metric_name(enum metric metric)
{
    return metrics[metric].name;
}

enum metric_scope metric_scope(enum metric metric)
{
    return metrics[metric].scope;
}

uint64_t counters_read(const struct counters *blocks, int count, enum metric metric)
{
    uint64_t sum = 0;

    for (int i = 0; i < count; i++) {
        sum += atomic_load_explicit(&blocks[i].values[metric], memory_order_relaxed);
    }
    return sum;
}
