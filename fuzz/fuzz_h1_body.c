/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "base/limits.h"
#include "base/mem.h"
#include "http/h1_body.h"

/* Chunked: what the content is, where it ends, and why it fails, do not depend on the pieces. */
static void trace(const uint8_t *data, size_t size, size_t piece, struct buf *out)
{
    AUTO(arena) struct arena *arena = arena_new(4096, LIMIT_REQUEST_ARENA_BYTES);
    struct h1_body body;
    struct fault fault = {0};
    size_t shown = 0;
    size_t used = 0;
    enum rc rc = RC_AGAIN;

    h1_body_init(&body, HTTP_CHUNKED, 0, arena);
    while (rc == RC_OK || (rc == RC_AGAIN && shown < size)) {
        struct text content = {0};
        size_t skip = 0;
        char *copy;

        if (rc == RC_AGAIN) {
            shown = shown + piece < size ? shown + piece : size;
        }
        copy = mem_take(shown - used + 1);
        memcpy(copy, data + used, shown - used);
        rc = h1_body_read(&body, (struct text){copy, shown - used}, &skip, &content, &fault);
        ASSERT(skip <= shown - used);
        used += skip;
        if (rc == RC_OK) {
            ASSERT(content.len > 0);
            ASSERT(content.len <= shown - used);
            buf_add(out, content);
            h1_body_consume(&body, content.len);
            used += content.len;
        }
        mem_give(copy);
    }
    buf_printf(out, "\n%s %s\n", rc_name(rc), fault.why ? fault.why : "-");
    if (rc == RC_END) {
        buf_printf(out, "%zu bytes\n", used);
        for (size_t i = 0; i < body.trailers.count; i++) {
            buf_printf(out, "%.*s=%.*s\n", TEXT_ARG(body.trailers.at[i].name),
                       TEXT_ARG(body.trailers.at[i].value));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_however_split(trace, data, size);
    return 0;
}
