/* SPDX-License-Identifier: Apache-2.0 */
#include "dns/rate.h"

#include <stddef.h>

enum { NETWORK_BITS = 8 }; /* a /24 counts as one */

bool rate_take(struct rate *rate, uint32_t ip, int64_t now_ms)
{
    /* Knuth's multiplier: neighbours fall into different slots. */
    const size_t hash = ((ip >> NETWORK_BITS) * 2654435761u) >> 16;
    struct rate_slot *slot = &rate->slots[hash % LIMIT_DNS_NETWORKS];
    const int64_t second = now_ms / 1000;

    if (slot->second != second) {
        slot->second = second;
        slot->count = 0;
    }
    if (slot->count >= LIMIT_DNS_ANSWERS_PER_S) {
        return false;
    }
    slot->count++;
    return true;
}
