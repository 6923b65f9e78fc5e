/* SPDX-License-Identifier: Apache-2.0 */
/* sources: how many connections each client address holds, so that one cannot take all there are.
 * A hash table of the addresses that hold any; as large as there are connections, no larger.
 *
 * Thread   one. */
#pragma once
#include "base/rc.h"

#include <stdint.h>

struct source {
    uint32_t ip;
    uint32_t count; /* 0: empty slot */
};

struct sources {
    struct source *slots; /* own */
    size_t size;          /* a power of two, or 0 */
    size_t count;
    uint32_t seed; /* strangers choose the keys */
};

void sources_init(struct sources *sources, uint32_t seed);
void sources_done(struct sources *sources);

/* One more; gives how many it holds now. */
uint32_t sources_add(struct sources *sources, uint32_t ip);
/* One less; it was added before. */
void sources_remove(struct sources *sources, uint32_t ip);
