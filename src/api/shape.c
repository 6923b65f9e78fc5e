/* SPDX-License-Identifier: Apache-2.0 */
#include "api/shape.h"

const struct shape shape_plain_string = {.name = "String", .type = SHAPE_TEXT};
const struct shape shape_plain_blob = {.name = "Blob", .type = SHAPE_BLOB};
const struct shape shape_plain_integer = {.name = "Integer", .type = SHAPE_INTEGER};
const struct shape shape_plain_long = {.name = "Long", .type = SHAPE_LONG};
const struct shape shape_plain_double = {.name = "Double", .type = SHAPE_DOUBLE};
const struct shape shape_plain_boolean = {.name = "Boolean", .type = SHAPE_BOOLEAN};
const struct shape shape_plain_timestamp = {.name = "Timestamp", .type = SHAPE_TIME};

const struct operation *service_operation(const struct service *service, struct text name)
{
    size_t low = 0;
    size_t high = service->operation_count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = text_compare(name, text_of(service->operations[middle].name));

        if (order == 0) {
            return &service->operations[middle];
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

const struct member *shape_member_in(const struct shape *shape, struct text wire_name)
{
    for (size_t i = 0; i < shape->member_count; i++) {
        if (text_eq(text_of(shape->members[i].wire_in), wire_name)) {
            return &shape->members[i];
        }
    }
    return NULL;
}

bool member_is_given(const struct member *member, const void *at)
{
    const char *base = at;

    switch (member->shape->type) {
    case SHAPE_TEXT:
    case SHAPE_BLOB:
        return ((const struct text *)(base + member->offset))->at != NULL;
    case SHAPE_INTEGER:
    case SHAPE_LONG:
    case SHAPE_DOUBLE:
    case SHAPE_BOOLEAN:
    case SHAPE_TIME:
        return *(const bool *)(base + member->has_offset);
    case SHAPE_STRUCTURE:
        return *(const void *const *)(base + member->offset) != NULL;
    case SHAPE_LIST:
    case SHAPE_MAP:
        return ((const struct shape_items *)(base + member->offset))->items != NULL;
    }
    return false;
}

const void *member_value(const struct member *member, const void *at)
{
    const char *place = (const char *)at + member->offset;

    return member->shape->type == SHAPE_STRUCTURE ? *(const void *const *)place : place;
}
