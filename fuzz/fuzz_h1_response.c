/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "wire.h"

#include "base/limits.h"
#include "base/mem.h"
#include "http/forward.h"
#include "http/h1.h"
#include "http/h1_write.h"

#include <stdio.h>

#define WIRE_BYTES (256 * 1024)

static void tell(struct buf *out, const struct http_response *head, size_t consumed)
{
    buf_printf(out, "ok %zu %d %.*s v%d f%d %lu %d%d up %.*s\n", consumed, head->status,
               TEXT_ARG(head->reason), (int)head->version, (int)head->framing,
               (unsigned long)head->content_length, head->tells_length, head->wants_close,
               TEXT_ARG(head->upgrade));
    for (size_t i = 0; i < head->fields.count; i++) {
        buf_add(out, head->fields.at[i].name);
        buf_add_byte(out, '=');
        buf_add(out, head->fields.at[i].value);
        buf_add_byte(out, '\n');
    }
}

static bool is_passed_on(const struct http_response *head, const struct http_field *field)
{
    return !http_field_is_hop(field->id) && !http_field_is_framing(field->id) &&
           !http_connection_names(&head->fields, field->name);
}

/* The length that the client is told, or that there is none, is the one the target told. */
static void check_framing(const struct http_response *head, const struct wire_head *wire,
                          enum http_method asked)
{
    uint64_t length;
    const enum http_framing framing = wire_framing(wire, &length);
    const bool is_bodiless = head->status < 200 || head->status == 204;

    ASSERT(framing != HTTP_NO_BODY || is_bodiless || head->status == 304 || asked == HTTP_HEAD);
    ASSERT(framing == HTTP_NO_BODY || !is_bodiless);
    ASSERT(framing != HTTP_CHUNKED ||
           ((head->framing == HTTP_CHUNKED || head->framing == HTTP_UNTIL_CLOSE) &&
            head->status != 304 && asked != HTTP_HEAD));
    ASSERT(framing != HTTP_LENGTH || length == head->content_length);
}

/* What a client is sent is the message that was read, to the letter of the RFC. */
static void check_forwarded(const struct http_response *head, enum http_method asked,
                            struct arena *arena)
{
    static struct wire_head wire;
    static char bytes[WIRE_BYTES];
    struct http_response out;
    char line[64];
    size_t len = 0;
    size_t at = 0;

    ASSERT(forward_response(head, NULL, arena, &out) == RC_OK);
    ASSERT(h1_write_response(&out, h1_plan_response(&out, HTTP_1_1, asked, false), HTTP_1_1, bytes,
                             sizeof(bytes), &len) == RC_OK);
    wire_read((struct text){bytes, len}, &wire);
    ASSERT(wire.len == len);
    (void)snprintf(line, sizeof(line), "HTTP/1.1 %d ", head->status);
    ASSERT(text_starts(wire.start, text_of(line)));
    ASSERT(text_eq(text_slice(wire.start, strlen(line), wire.start.len), head->reason));
    check_framing(head, &wire, asked);
    for (size_t i = 0; i < head->fields.count; i++) {
        const struct http_field *field = &head->fields.at[i];

        if (!is_passed_on(head, field)) {
            continue;
        }
        while (at < wire.count && (text_eq_nocase(wire.fields[at].name, TEXT("connection")) ||
                                   text_eq(wire.fields[at].name, TEXT("Content-Length")) ||
                                   text_eq(wire.fields[at].name, TEXT("Transfer-Encoding")))) {
            at++;
        }
        ASSERT(at < wire.count);
        ASSERT(text_eq(wire.fields[at].name, field->name));
        ASSERT(text_eq(wire.fields[at++].value, field->value));
    }
}

/* The first byte chooses the method that was asked with. */
static void trace(const uint8_t *data, size_t size, size_t piece, struct buf *out)
{
    AUTO(arena) struct arena *arena = arena_new(4096, LIMIT_REQUEST_ARENA_BYTES);
    struct h1_reader reader = {0};
    struct http_response head;
    struct h1_refusal refusal;
    size_t consumed = 0;
    char *last = NULL;
    enum rc rc = RC_AGAIN;

    for (size_t len = 1; rc == RC_AGAIN && len < size;) {
        char *copy;

        len = len + piece < size ? len + piece : size;
        copy = mem_take(len);
        memcpy(copy, data + 1, len - 1);
        rc = h1_response_read(&reader, (struct text){copy, len - 1}, arena,
                              data[0] == 'H' ? HTTP_HEAD : HTTP_GET, &head, &consumed, &refusal);
        mem_give(last);
        last = copy;
    }
    if (rc == RC_OK) {
        ASSERT(wire_lines((struct text){(const char *)data + 1, consumed}) ==
               head.fields.count + 2);
        check_forwarded(&head, data[0] == 'H' ? HTTP_HEAD : HTTP_GET, arena);
        tell(out, &head, consumed);
    } else if (rc != RC_AGAIN) {
        buf_printf(out, "%s %s\n", rc_name(rc), refusal.fault.why);
    }
    mem_give(last);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_however_split(trace, data, size);
    return 0;
}
