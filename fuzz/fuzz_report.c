/* SPDX-License-Identifier: Apache-2.0 */
/* A report comes from a process that faces the internet: control must bear anything. */
#include "fuzz.h"

#include "base/limits.h"
#include "snapshot/report.h"

enum { ARENA_BYTES = 1 << 20 };

static void encode_again(struct text first)
{
    AUTO(arena) struct arena *arena = arena_new(4096, ARENA_BYTES);
    struct report report;
    struct buf second;

    ASSERT(report_decode(first, arena, &report) == RC_OK);
    buf_init(&second, LIMIT_REPORT_BYTES);
    report_encode(&report, &second);
    ASSERT(text_eq(first, buf_text(&second)));
    buf_done(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) struct arena *arena = arena_new(4096, ARENA_BYTES);
    struct report report;
    struct buf first;

    if (report_decode((struct text){(const char *)data, size}, arena, &report) == RC_OK) {
        buf_init(&first, LIMIT_REPORT_BYTES);
        report_encode(&report, &first);
        encode_again(buf_text(&first));
        buf_done(&first);
    }
    return 0;
}
