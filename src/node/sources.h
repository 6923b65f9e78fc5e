/* SPDX-License-Identifier: Apache-2.0 */
/* sources: what each client address holds, connections and requests, so that one cannot take all
 * there is. A hash table of the addresses that hold any; as large as there are, no larger.
 *
 * Thread   one. */
#pragma once
#include "base/pool.h"

#include <stdint.h>

struct source {
    uint32_t ip;
    uint32_t connections;
    uint32_t requests; /* under way; counted by whoever holds one of the connections */
};

struct sources {
    struct source **slots; /* own; NULL: empty slot */
    size_t size;           /* a power of two, or 0 */
    size_t count;
    uint32_t seed; /* strangers choose the keys */
    struct pool pool;
};

void sources_init(struct sources *sources, uint32_t seed);
void sources_done(struct sources *sources);

/* One connection more. What it gives stays where it is until the last is removed. */
struct source *sources_add(struct sources *sources, uint32_t ip);
/* One less; after the last the source is gone. */
void sources_remove(struct sources *sources, struct source *source);
