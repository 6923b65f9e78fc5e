/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "api/acm_shapes.h"
#include "api/proto_json.h"

/* The first byte chooses the operation of a json service; the rest is a body. What decodes encodes
 * to a body that decodes again, and that one encodes to itself. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) struct arena *arena = arena_new(4096, 64 * 1024 * 1024);
    struct call call = {.arena = arena, .service = &acm_service};
    struct buf first, second;
    void *in;

    if (size < 1) {
        return 0;
    }
    call.operation = &acm_service.operations[data[0] % acm_service.operation_count];
    in = arena_take(arena, call.operation->input->size);
    if (proto_json_decode(&call, (struct text){(const char *)data + 1, size - 1}, in) != RC_OK) {
        return 0;
    }
    buf_init(&first, 64 * 1024 * 1024);
    buf_init(&second, 64 * 1024 * 1024);
    proto_json_encode(&first, call.operation->input, in);
    in = arena_take(arena, call.operation->input->size);
    ASSERT(proto_json_decode(&call, buf_text(&first), in) == RC_OK);
    proto_json_encode(&second, call.operation->input, in);
    ASSERT(text_eq(buf_text(&first), buf_text(&second)));
    buf_done(&first);
    buf_done(&second);
    return 0;
}
