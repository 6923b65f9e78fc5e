/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "base/limits.h"
#include "base/mem.h"
#include "http/forward.h"
#include "http/h1.h"
#include "http/h1_write.h"

#define WIRE_BYTES (512 * 1024)

static void same(struct text a, struct text b)
{
    ASSERT(text_eq(a, b));
}

/* Whatever we accept and forward, a target reads as the same message, byte by byte too, and has
 * nothing left to wonder about. */
static void check_forwarded(const struct http_request *out, struct text wire, size_t piece)
{
    AUTO(arena) struct arena *arena = arena_new(4096, 4 * LIMIT_REQUEST_ARENA_BYTES);
    struct h1_reader reader = {0};
    struct http_request again;
    struct h1_refusal refusal;
    size_t consumed = 0;
    size_t ours = 0;
    enum rc rc = RC_AGAIN;

    for (size_t len = 0; rc == RC_AGAIN && len < wire.len;) {
        len = len + piece < wire.len ? len + piece : wire.len;
        rc = h1_request_read(&reader, text_slice(wire, 0, len), arena, &again, &consumed, &refusal);
    }
    if (rc == RC_LIMIT) {
        return; /* what we add may push a head over its limit: the target's to decide */
    }
    ASSERT(rc == RC_OK);
    ASSERT(consumed == wire.len);
    same(again.method, out->method);
    same(again.target, out->target);
    ASSERT(again.framing == (out->framing == HTTP_NO_BODY && again.framing == HTTP_LENGTH &&
                                     again.content_length == 0
                                 ? HTTP_LENGTH
                                 : out->framing));
    ASSERT(again.framing != HTTP_LENGTH || again.content_length == out->content_length);
    ASSERT(!(http_find(&again.fields, HTTP_FIELD_CONTENT_LENGTH) &&
             http_find(&again.fields, HTTP_FIELD_TRANSFER_ENCODING)));
    ASSERT(again.desync == HTTP_COMPLIANT || again.method_id == HTTP_GET ||
           again.method_id == HTTP_HEAD);
    for (size_t i = 0; i < out->fields.count; i++) {
        const struct http_field *field = &out->fields.at[i];

        if (http_field_is_framing(field->id) || http_field_is_hop(field->id)) {
            continue;
        }
        while (ours < again.fields.count && (http_field_is_framing(again.fields.at[ours].id) ||
                                             http_field_is_hop(again.fields.at[ours].id))) {
            ours++;
        }
        ASSERT(ours < again.fields.count);
        same(again.fields.at[ours].name, field->name);
        same(again.fields.at[ours].value, field->value);
        ours++;
    }
}

/* The first byte holds the attributes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) struct arena *arena = arena_new(4096, 4 * LIMIT_REQUEST_ARENA_BYTES);
    const unsigned bits = size ? data[0] : 0;
    const struct forward how = {
        .xff = bits % 3,
        .is_xff_client_port = bits & 4,
        .preserves_host = bits & 8,
        .drops_invalid_fields = bits & 16,
        .client_address = bits & 32 ? TEXT("2001:db8::1") : TEXT("192.0.2.1"),
        .client_port = 1234,
        .listener_port = bits & 64 ? 8080 : 443,
        .default_host = TEXT("lb.elb.internal"),
    };
    struct h1_reader reader = {0};
    struct http_request head;
    struct http_request out;
    struct h1_refusal refusal;
    struct forward_counts counts;
    size_t consumed;
    size_t len = 0;
    char *wire;

    if (size < 2 || h1_request_read(&reader, (struct text){(const char *)data + 1, size - 1}, arena,
                                    &head, &consumed, &refusal) != RC_OK) {
        return 0;
    }
    ASSERT(forward_request(&head, &how, arena, &out, &counts) == RC_OK);
    wire = mem_take(WIRE_BYTES);
    ASSERT(h1_write_request(&out, h1_plan_request(&out, false), wire, WIRE_BYTES, &len) == RC_OK);
    check_forwarded(&out, (struct text){wire, len}, len);
    check_forwarded(&out, (struct text){wire, len}, 1);
    mem_give(wire);
    return 0;
}
