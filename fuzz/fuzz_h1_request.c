/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "wire.h"

#include "base/limits.h"
#include "base/mem.h"
#include "http/h1.h"

static void tell(struct buf *out, const struct http_request *head, size_t consumed)
{
    ASSERT(consumed == head->head_bytes);
    ASSERT(http_is_token(head->method));
    ASSERT(head->target.len > 0);
    buf_printf(out, "ok %zu %.*s %.*s|%.*s|%.*s|%.*s v%d f%d %lu %d%d%d up %.*s %s\n", consumed,
               TEXT_ARG(head->method), TEXT_ARG(head->target), TEXT_ARG(head->path),
               TEXT_ARG(head->query), TEXT_ARG(head->authority), (int)head->version,
               (int)head->framing, (unsigned long)head->content_length, head->is_absolute,
               head->wants_close, head->expects_continue, TEXT_ARG(head->upgrade),
               head->desync_reason ? head->desync_reason : "-");
    for (size_t i = 0; i < head->fields.count; i++) {
        const struct http_field *field = &head->fields.at[i];

        buf_printf(out, "%d ", (int)field->id);
        buf_add(out, field->name);
        buf_add_byte(out, '=');
        buf_add(out, field->value);
        buf_add_byte(out, '\n');
        ASSERT(http_is_token(field->name));
        ASSERT(http_is_value(field->value));
    }
}

/* Nobody can see other lines in what we accepted: none ends in another way than with CRLF. */
static void check_lines(const uint8_t *data, size_t consumed, const struct http_request *head)
{
    const size_t skipped = data[0] == '\r' ? 1 : 0;
    const size_t lines = wire_lines((struct text){(const char *)data, consumed});

    ASSERT(lines == skipped + 1 + (head->version == HTTP_0_9 ? 0 : head->fields.count + 1));
}

/* Each piece arrives in a buffer of its own, as if the buffer had grown and moved. */
static void trace(const uint8_t *data, size_t size, size_t piece, struct buf *out)
{
    AUTO(arena) struct arena *arena = arena_new(4096, LIMIT_REQUEST_ARENA_BYTES);
    struct h1_reader reader = {0};
    struct http_request head;
    struct h1_refusal refusal;
    size_t consumed = 0;
    char *last = NULL;
    enum rc rc = RC_AGAIN;

    for (size_t len = 0; rc == RC_AGAIN && len < size;) {
        char *copy;

        len = len + piece < size ? len + piece : size;
        copy = mem_take(len);
        memcpy(copy, data, len);
        rc = h1_request_read(&reader, (struct text){copy, len}, arena, &head, &consumed, &refusal);
        mem_give(last);
        last = copy;
    }
    if (rc == RC_OK) {
        check_lines(data, consumed, &head);
        tell(out, &head, consumed);
    } else if (rc != RC_AGAIN) {
        buf_printf(out, "%s %d %s %s\n", rc_name(rc), refusal.status, refusal.fault.why,
                   head.desync_reason ? head.desync_reason : "-");
    }
    mem_give(last);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_however_split(trace, data, size);
    return 0;
}
