/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "base/limits.h"
#include "base/mem.h"
#include "http/h1.h"

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
