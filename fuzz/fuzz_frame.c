/* SPDX-License-Identifier: Apache-2.0 */
/* Frames are the same however the bytes arrive; a hello that is read can be written and read. */
#include "fuzz.h"

#include "feed/frame.h"
#include "feed/hello.h"

static void trace_hello(struct text payload, struct buf *out)
{
    AUTO(arena) struct arena *arena = arena_new(256, 64 * 1024);
    struct hello hello;

    if (hello_parse(payload, arena, &hello) == RC_OK) {
        hello_print(&hello, out);
    }
}

static void trace(const uint8_t *data, size_t size, size_t piece, struct buf *out)
{
    size_t given = 0;
    size_t done = 0;
    enum rc rc = RC_AGAIN;

    while (rc == RC_AGAIN && given < size) {
        struct frame frame;
        given += piece < size - given ? piece : size - given;
        while ((rc = frame_parse((struct text){(const char *)data + done, given - done},
                                 (1u << FEED_KIND_COUNT) - 1, &frame)) == RC_OK) {
            buf_printf(out, "%d %zu;", (int)frame.kind, frame.payload.len);
            trace_hello(frame.payload, out);
            done += frame.len;
        }
    }
    buf_printf(out, "%s", rc_name(rc));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_however_split(trace, data, size);
    return 0;
}
