/* SPDX-License-Identifier: Apache-2.0 */
/* rate: how many answers a network gets per second over UDP, where anybody can claim to be anybody.
 * Beyond it answers shrink to "come by TCP", so a flood in somebody's name brings them no more
 * bytes than it took to send. Networks are /24s, hashed into a fixed table.
 *
 * Time     now_ms, monotonic.
 * Sources  RFC 5358 (reflector attacks). */
#pragma once
#include "base/limits.h"

#include <stdbool.h>
#include <stdint.h>

struct rate {
    struct rate_slot {
        int64_t second; /* the second that `count` counts */
        uint32_t count;
    } slots[LIMIT_DNS_NETWORKS];
};

/* Counts an answer to `ip` (host order). False: its network had LIMIT_DNS_ANSWERS_PER_S already. */
bool rate_take(struct rate *rate, uint32_t ip, int64_t now_ms);
