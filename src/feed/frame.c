/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/frame.h"

#include "base/limits.h"

static const size_t payload_max[] = {
#define X(id, bytes_max) [FEED_##id] = (bytes_max),
    FEED_KINDS(X)
#undef X
};

enum rc frame_parse(struct text bytes, unsigned accepted, struct frame *out)
{
    const unsigned char *at = (const unsigned char *)bytes.at;

    if (bytes.len < FRAME_HEAD_BYTES) {
        return RC_AGAIN;
    }
    const size_t len = (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
    const unsigned kind = at[4];
    if (kind >= FEED_KIND_COUNT || !(accepted & 1u << kind)) {
        return RC_BAD;
    }
    if (len > payload_max[kind]) {
        return RC_LIMIT;
    }
    if (bytes.len - FRAME_HEAD_BYTES < len) {
        return RC_AGAIN;
    }
    *out = (struct frame){
        .kind = (enum feed_kind)kind,
        .payload = {bytes.at + FRAME_HEAD_BYTES, len},
        .len = FRAME_HEAD_BYTES + len,
    };
    return RC_OK;
}

void frame_print_head(enum feed_kind kind, size_t payload_len, char out[FRAME_HEAD_BYTES])
{
    ASSERT(payload_len <= payload_max[kind]);
    out[0] = (char)(payload_len >> 24);
    out[1] = (char)(payload_len >> 16);
    out[2] = (char)(payload_len >> 8);
    out[3] = (char)payload_len;
    out[4] = (char)kind;
}
