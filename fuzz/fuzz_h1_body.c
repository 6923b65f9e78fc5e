/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "wire.h"

#include "base/limits.h"
#include "base/mem.h"
#include "http/h1_body.h"
#include "http/h1_write.h"

/* Everybody else finds the same content, and the same end. */
static void check_content(const uint8_t *data, size_t used, struct text content)
{
    struct buf plain;

    buf_init(&plain, 64 * 1024 * 1024);
    ASSERT(wire_chunked((struct text){(const char *)data, used}, &plain) == used);
    ASSERT(text_eq(buf_text(&plain), content));
    buf_done(&plain);
}

/* Nothing behind a defect makes the body whole again. */
static void check_broken(struct h1_body *body, const uint8_t *data, size_t used, size_t size)
{
    for (size_t at = used; at <= size; at += 1 + (size - at) / 8) {
        struct text content = {0};
        struct fault fault = {0};
        size_t skip = 0;

        ASSERT(h1_body_read(body, (struct text){(const char *)data + at, size - at}, &skip,
                            &content, &fault) == RC_BAD);
        ASSERT(skip == 0 && fault.why != NULL);
    }
}

/* Content and trailers, written anew, are read as the same. */
static void check_written(struct text content, const struct http_fields *trailers)
{
    static char last[2 * LIMIT_TRAILER_BYTES];
    char head[H1_CHUNK_HEAD_BYTES];
    struct buf wire, plain;
    size_t len = 0;

    buf_init(&wire, 64 * 1024 * 1024);
    buf_init(&plain, 64 * 1024 * 1024);
    for (size_t at = 0, size = 1; at < content.len; at += size, size = size * 3 + 1) {
        const struct text chunk = text_slice(content, at, size);

        buf_add(&wire, (struct text){head, h1_write_chunk_head(chunk.len, head)});
        buf_add(&wire, chunk);
        buf_add(&wire, H1_CHUNK_END);
    }
    ASSERT(h1_write_last_chunk(trailers, last, sizeof(last), &len) == RC_OK);
    buf_add(&wire, (struct text){last, len});
    ASSERT(wire_chunked(buf_text(&wire), &plain) == buf_text(&wire).len);
    ASSERT(text_eq(buf_text(&plain), content));
    buf_done(&wire);
    buf_done(&plain);
}

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
    if (rc == RC_END) {
        check_content(data, used, buf_text(out));
        check_written(buf_text(out), &body.trailers);
    }
    if (rc == RC_BAD || rc == RC_LIMIT) {
        check_broken(&body, data, used, size);
    }
    buf_printf(out, "\n%s %s\n", rc_name(rc), fault.why ? fault.why : "-");
    if (rc == RC_END) {
        buf_printf(out, "%zu bytes\n", used);
        for (size_t i = 0; i < body.trailers.count; i++) {
            wire_check_token(body.trailers.at[i].name);
            wire_check_value(body.trailers.at[i].value);
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
