/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "api/proto_query.h"
#include "api/scalar.h"
#include "api/services.h"
#include "api/validate.h"
#include "api/xml_out.h"

static void check_scalars(struct text input, struct arena *arena)
{
    static const struct shape *const kinds[] = {&shape_plain_integer, &shape_plain_long,
                                                &shape_plain_double,  &shape_plain_boolean,
                                                &shape_plain_blob,    &shape_plain_timestamp};
    struct text value[2];
    struct buf buf;

    buf_init(&buf, 1024 * 1024);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (scalar_parse(kinds[i], input, arena, &value[0]) == RC_OK) {
            buf_clear(&buf);
            scalar_write(&buf, kinds[i], &value[0]);
            ASSERT(scalar_parse(kinds[i], buf_text(&buf), arena, &value[1]) == RC_OK);
        }
    }
    buf_done(&buf);
}

/* The first two bytes choose the service and the operation; the rest is a form. Whatever decodes
 * can be validated and written. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) struct arena *arena = arena_new(4096, 64 * 1024 * 1024);
    struct form_pairs pairs;
    struct call call = {.arena = arena};
    struct buf buf;
    void *in;

    if (size < 2) {
        return 0;
    }
    call.service = services[data[0] % services_count].service;
    call.operation = &call.service->operations[data[1] % call.service->operation_count];
    check_scalars((struct text){(const char *)data + 2, size - 2}, arena);
    if ((call.service->protocol != PROTOCOL_QUERY && call.service->protocol != PROTOCOL_EC2) ||
        form_parse((struct text){(const char *)data + 2, size - 2}, arena, &pairs) != RC_OK) {
        return 0;
    }
    in = arena_take(arena, call.operation->input->size);
    if (proto_query_decode(&call, &pairs, in) == RC_OK) {
        AUTO(validator) struct validator *validator = validator_new(call.service);

        buf_init(&buf, 64 * 1024 * 1024);
        xml_out_members(&buf, call.operation->input, in);
        ASSERT(buf_result(&buf) == RC_OK);
        buf_done(&buf);
        ASSERT((validator_check(validator, &call, in) == RC_OK) ==
               (call.turn.refusal.code == NULL));
    }
    return 0;
}
