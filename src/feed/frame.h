/* SPDX-License-Identifier: Apache-2.0 */
/* frame: what the courier carries: a kind and bytes.
 *
 *   length  4 bytes, big endian, of the payload
 *   kind    1 byte, enum feed_kind
 *   payload
 *
 * Pure: bytes in, frames out. */
#pragma once
#include "base/text.h"

#define FRAME_HEAD_BYTES 5

/* FEED_KIND(id, longest payload); when several wait to be sent, in this order. */
#define FEED_KINDS(X)                                                  \
    X(HELLO, LIMIT_FEED_HELLO_BYTES)  /* up, first: who connects */    \
    X(SEED, LIMIT_REPORT_BYTES)       /* down: health as last known */ \
    X(SNAPSHOT, LIMIT_SNAPSHOT_BYTES) /* down: the desired state */    \
    X(REPORT, LIMIT_REPORT_BYTES)     /* up: what was observed */      \
    X(LINES, LIMIT_FEED_LINES_BYTES)  /* up: lines of logs, none replaces another */

enum feed_kind {
#define X(id, bytes_max) FEED_##id,
    FEED_KINDS(X)
#undef X
        FEED_KIND_COUNT
};

/* A set of kinds: FEED_SET(HELLO) | FEED_SET(REPORT). */
#define FEED_SET(id) (1u << FEED_##id)

struct frame {
    enum feed_kind kind;
    struct text payload; /* borrowed from the bytes */
    size_t len;          /* head and payload */
};

/* The frame at the front of `bytes`. RC_AGAIN: not whole yet. RC_BAD: not one of the accepted
 * kinds. RC_LIMIT: announced as longer than its kind may be; told from the head alone. */
MUST_USE enum rc frame_parse(struct text bytes, unsigned accepted, struct frame *out);
void frame_print_head(enum feed_kind kind, size_t payload_len, char out[FRAME_HEAD_BYTES]);
