/* SPDX-License-Identifier: Apache-2.0 */
/* block: address blocks as callers write them and EC2 echoes them. What is stored is canonical and
 * read with snapshot/address. */
#pragma once
#include "base/arena.h"
#include "snapshot/address.h"

/* "10.0.0.28/29" -> "10.0.0.24/29": bits behind the prefix are cut off, as EC2 does. RC_BAD for
 * anything that is not an address, a slash and a prefix. */
MUST_USE enum rc block_canonical(struct arena *arena, struct text text, struct text *out);
/* The same for IPv6, in the form of RFC 5952. */
MUST_USE enum rc block6_canonical(struct arena *arena, struct text text, struct text *out);

struct text block_text(struct arena *arena, struct snap_cidr block);
struct text block_address_text(struct arena *arena, uint32_t ip);
uint64_t block_size(struct snap_cidr block); /* how many addresses */
