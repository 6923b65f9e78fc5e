/* SPDX-License-Identifier: Apache-2.0 */
#include "node/shares.h"

#include "base/limits.h"

static size_t at_least_one(size_t count)
{
    return count > 0 ? count : 1;
}

static size_t percent(size_t all, size_t share)
{
    return at_least_one(all / 100 * share + all % 100 * share / 100);
}

static size_t divide(size_t all, int workers)
{
    return (all + (size_t)workers - 1) / (size_t)workers;
}

/* Targets that don't answer their checks hold a descriptor each, and there are more targets where
 * there are more descriptors. */
static size_t usable(size_t descriptors)
{
    const size_t reserved = LIMIT_RESERVED_DESCRIPTORS + descriptors * LIMIT_RESERVED_PERCENT / 100;

    return descriptors > 2 * reserved ? descriptors - reserved : descriptors / 2;
}

struct shares shares_of(const struct shares_stock *stock, int workers,
                        const struct shares_wish *wish)
{
    const size_t own = usable(stock->descriptors) / (size_t)workers;
    struct shares shares = {
        .connections = percent(own, LIMIT_CLIENTS_PERCENT),
        .refused = percent(own, LIMIT_REFUSED_PERCENT),
        .requests = percent(own, LIMIT_REQUESTS_PERCENT),
        .conduits = percent(own, LIMIT_CONDUITS_PERCENT) / 2,
        .memory_bytes = percent(stock->memory_bytes, LIMIT_MEMORY_PERCENT) / (size_t)workers,
    };

    if (wish->connections_max > 0) {
        shares.connections = divide(wish->connections_max, workers);
    }
    if (wish->requests_max > 0) {
        shares.requests = divide(wish->requests_max, workers);
    }
    if (wish->memory_max_bytes > 0) {
        shares.memory_bytes = divide(wish->memory_max_bytes, workers);
    }
    return shares;
}

size_t shares_of_listener(size_t all)
{
    return percent(all, LIMIT_LISTENER_SHARE_PERCENT);
}

size_t shares_of_source(size_t all)
{
    return percent(all, LIMIT_SOURCE_SHARE_PERCENT);
}
