/* SPDX-License-Identifier: Apache-2.0 */
/* hello: the first frame of a peer: who it is. JSON, as everything on the feed. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"

struct hello {
    struct text role; /* "node", "dns" */
    struct text zone; /* of a node; else empty */
};

void hello_print(const struct hello *hello, struct buf *out);
/* Texts live in `arena`. RC_BAD, RC_LIMIT. */
MUST_USE enum rc hello_parse(struct text json, struct arena *arena, struct hello *out);
