/* SPDX-License-Identifier: Apache-2.0 */
#include "api/xml_out.h"

#include "api/scalar.h"
#include "codec/xml_writer.h"

static void write_value(struct buf *buf, const struct shape *shape, const void *at);

static void write_scalar(struct buf *buf, const struct shape *shape, const void *at)
{
    if (shape->type == SHAPE_TEXT) {
        xml_write_text(buf, *(const struct text *)at);
    } else {
        scalar_write(buf, shape, at); /* needs no escaping */
    }
}

static void write_items(struct buf *buf, const struct shape *shape, const struct shape_items *items,
                        const char *item_name)
{
    for (size_t i = 0; i < items->count; i++) {
        const char *item = (const char *)items->items + i * shape->size;

        xml_write_open(buf, item_name);
        if (shape->type == SHAPE_MAP) {
            struct shape entry = {
                .type = SHAPE_STRUCTURE, .members = shape->members, .member_count = 2};

            xml_out_members(buf, &entry, item);
        } else {
            write_value(buf, shape->members[0].shape, item);
        }
        xml_write_close(buf, item_name);
    }
}

static const char *item_name_of(const struct shape *shape)
{
    return shape->type == SHAPE_MAP ? "entry" : shape->members[0].wire_out;
}

static void write_value(struct buf *buf, const struct shape *shape, const void *at)
{
    if (shape->type == SHAPE_STRUCTURE) {
        xml_out_members(buf, shape, at);
    } else if (shape_is_scalar(shape)) {
        write_scalar(buf, shape, at);
    } else {
        write_items(buf, shape, at, item_name_of(shape));
    }
}

static void write_member(struct buf *buf, const struct member *member, const void *at)
{
    const struct shape *shape = member->shape;
    const void *value = member_value(member, at);
    const bool is_list = shape->type == SHAPE_LIST || shape->type == SHAPE_MAP;

    if (is_list && (member->is_flattened || shape->is_flattened)) {
        write_items(buf, shape, value, member->wire_out);
        return;
    }
    xml_write_open(buf, member->wire_out);
    write_value(buf, shape, value);
    xml_write_close(buf, member->wire_out);
}

void xml_out_members(struct buf *buf, const struct shape *shape, const void *at)
{
    for (size_t i = 0; i < shape->member_count; i++) {
        const struct member *member = &shape->members[i];

        if (member->place == MEMBER_IN_BODY && member_is_given(member, at)) {
            write_member(buf, member, at);
        }
    }
}
