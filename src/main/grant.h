/* SPDX-License-Identifier: Apache-2.0 */
/* grant: the addresses that the supervisor may open for its children: a CIDR block, or addresses
 * with commas, as --public-addresses has them. */
#pragma once
#include "snapshot/snapshot.h"

enum { GRANT_BLOCKS_MAX = 512 };

struct grant {
    struct snap_cidr blocks[GRANT_BLOCKS_MAX];
    size_t count;
};

/* Adds what `list` names. RC_BAD: `*bad` is the part that is no address and no block; RC_LIMIT. */
MUST_USE enum rc grant_add(struct grant *grant, struct text list, struct text *bad);
bool grant_holds(const struct grant *grant, uint32_t ip);
