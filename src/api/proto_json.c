/* SPDX-License-Identifier: Apache-2.0 */
#include "api/proto_json.h"

#include "api/scalar.h"
#include "codec/base64.h"
#include "codec/json.h"
#include "codec/timestamp.h"

static enum rc decode_structure(struct call *call, const struct json *json,
                                const struct shape *shape, void *at);
static enum rc decode_value(struct call *call, const struct json *json, const struct shape *shape,
                            void *at);

static enum rc refuse_type(struct call *call, const struct json *json, const struct shape *shape)
{
    switch (json->type) {
    case JSON_IS_LIST:
        return call_refuse(call, "SerializationException",
                           "Start of list found where not expected");
    case JSON_IS_OBJECT:
        return call_refuse(call, "SerializationException",
                           "Start of structure or map found where not expected.");
    case JSON_IS_NULL:
    case JSON_IS_BOOL:
    case JSON_IS_INTEGER:
    case JSON_IS_REAL:
    case JSON_IS_TEXT:
        break;
    }
    return call_refuse(call, "SerializationException", "%s can not be converted to a %s",
                       json->type == JSON_IS_TEXT   ? "STRING_VALUE"
                       : json->type == JSON_IS_BOOL ? "BOOLEAN_VALUE"
                       : json->type == JSON_IS_NULL ? "NULL_VALUE"
                                                    : "NUMBER_VALUE",
                       scalar_type_name(shape));
}

/* A number without a fraction is an integer however it is spelled: 1, 1.0, 1e3. */
static bool read_integer(const struct json *json, int64_t min, int64_t max, int64_t *out)
{
    if (json->type == JSON_IS_INTEGER) {
        *out = json->integer;
        return *out >= min && *out <= max;
    }
    /* Beyond 2^53 a double no longer tells integers apart. */
    if (json->type == JSON_IS_REAL && json->real > -9007199254740992.0 &&
        json->real < 9007199254740992.0 && (double)(int64_t)json->real == json->real) {
        *out = (int64_t)json->real;
        return *out >= min && *out <= max;
    }
    return false;
}

static bool read_real(const struct json *json, double *out)
{
    if (json->type == JSON_IS_INTEGER) {
        *out = (double)json->integer;
        return true;
    }
    *out = json->type == JSON_IS_REAL ? json->real : 0;
    return json->type == JSON_IS_REAL;
}

static bool read_time(const struct json *json, int64_t *unix_ms)
{
    double seconds;

    if (json->type == JSON_IS_TEXT) {
        return timestamp_parse(json->text, unix_ms) == RC_OK;
    }
    if (!read_real(json, &seconds) || seconds < 0 || seconds >= TIMESTAMP_UNIX_MS_MAX / 1000) {
        return false;
    }
    *unix_ms = (int64_t)(seconds * 1000 + 0.5);
    return true;
}

static enum rc decode_scalar(struct call *call, const struct json *json, const struct shape *shape,
                             void *at)
{
    bool is_good = false;

    switch (shape->type) {
    case SHAPE_TEXT:
        is_good = json->type == JSON_IS_TEXT;
        *(struct text *)at = is_good ? json->text : (struct text){NULL, 0};
        break;
    case SHAPE_BLOB:
        if (json->type == JSON_IS_TEXT) {
            const enum rc rc = base64_decode(call->arena, json->text, at);

            if (rc == RC_LIMIT) {
                return rc;
            }
            is_good = rc == RC_OK;
        }
        break;
    case SHAPE_INTEGER:
        is_good = read_integer(json, INT32_MIN, INT32_MAX, at);
        break;
    case SHAPE_LONG:
        is_good = read_integer(json, INT64_MIN, INT64_MAX, at);
        break;
    case SHAPE_DOUBLE:
        is_good = read_real(json, at);
        break;
    case SHAPE_BOOLEAN:
        is_good = json->type == JSON_IS_BOOL;
        *(bool *)at = is_good && json->boolean;
        break;
    case SHAPE_TIME:
        is_good = read_time(json, at);
        break;
    case SHAPE_STRUCTURE:
    case SHAPE_LIST:
    case SHAPE_MAP:
        break;
    }
    return is_good ? RC_OK : refuse_type(call, json, shape);
}

/* Into a member of the structure at `at`. */
static enum rc decode_member(struct call *call, const struct json *json,
                             const struct member *member, void *at)
{
    char *place = (char *)at + member->offset;

    if (json->type == JSON_IS_NULL) {
        return RC_OK;
    }
    if (member->shape->type == SHAPE_STRUCTURE) {
        void *structure = arena_take(call->arena, member->shape->size);

        if (structure == NULL) {
            return RC_LIMIT;
        }
        *(void **)place = structure;
        place = structure;
    }
    TRY(decode_value(call, json, member->shape, place));
    if (shape_is_scalar(member->shape) && member->shape->type != SHAPE_TEXT &&
        member->shape->type != SHAPE_BLOB) {
        *(bool *)((char *)at + member->has_offset) = true;
    }
    return RC_OK;
}

/* A list of values, or an object whose names are a map's keys. Nulls in them are left out. */
static enum rc decode_items(struct call *call, const struct json *json, const struct shape *shape,
                            struct shape_items *out)
{
    const bool is_map = shape->type == SHAPE_MAP;
    char *items;
    size_t count = 0;

    if (json->type != (is_map ? JSON_IS_OBJECT : JSON_IS_LIST)) {
        return refuse_type(call, json, shape);
    }
    items = arena_take_array(call->arena, json->count + 1, shape->size);
    if (items == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < json->count; i++) {
        char *item = items + count * shape->size;

        if (json->items[i].type == JSON_IS_NULL) {
            continue;
        }
        if (is_map) {
            *(struct text *)(item + shape->members[0].offset) = json->names[i];
            TRY(decode_member(call, &json->items[i], &shape->members[1], item));
        } else {
            TRY(decode_value(call, &json->items[i], shape->members[0].shape, item));
        }
        count++;
    }
    *out = (struct shape_items){count, items};
    return RC_OK;
}

static enum rc decode_value(struct call *call, const struct json *json, const struct shape *shape,
                            void *at)
{
    if (shape_is_scalar(shape)) {
        return decode_scalar(call, json, shape, at);
    }
    if (shape->type == SHAPE_STRUCTURE) {
        return decode_structure(call, json, shape, at);
    }
    return decode_items(call, json, shape, at);
}

static enum rc decode_structure(struct call *call, const struct json *json,
                                const struct shape *shape, void *at)
{
    if (json->type != JSON_IS_OBJECT) {
        return refuse_type(call, json, shape);
    }
    for (size_t i = 0; i < json->count; i++) {
        const struct member *member = shape_member_in(shape, json->names[i]);

        if (member != NULL) {
            TRY(decode_member(call, &json->items[i], member, at));
        }
    }
    return RC_OK;
}

enum rc proto_json_decode(struct call *call, struct text body, void *in)
{
    const struct json *json;
    char why[128];
    const enum rc rc =
        json_parse(body.len > 0 ? body : TEXT("{}"), call->arena, &json, why, sizeof(why));

    if (rc != RC_OK) {
        return call_refuse(call, "SerializationException", "%s", why);
    }
    return decode_structure(call, json, call->operation->input, in);
}

/* ---- answers -------------------------------------------------------------------------------- */

static void encode_structure(struct json_writer *writer, const struct shape *shape, const void *at);

static void encode_value(struct json_writer *writer, const struct shape *shape, const void *at);

static void encode_items(struct json_writer *writer, const struct shape *shape,
                         const struct shape_items *items)
{
    for (size_t i = 0; i < items->count; i++) {
        const char *item = (const char *)items->items + i * shape->size;

        if (shape->type == SHAPE_MAP) {
            json_write_key(writer, *(const struct text *)(item + shape->members[0].offset));
            encode_value(writer, shape->members[1].shape, member_value(&shape->members[1], item));
        } else {
            encode_value(writer, shape->members[0].shape, item);
        }
    }
}

static void encode_blob(struct json_writer *writer, struct text bytes)
{
    const size_t size = bytes.len * 2 + 64;
    AUTO(arena) struct arena *arena = arena_new(size, size);

    json_write_text(writer, base64_encode(arena, bytes));
}

static void encode_value(struct json_writer *writer, const struct shape *shape, const void *at)
{
    switch (shape->type) {
    case SHAPE_TEXT:
        json_write_text(writer, *(const struct text *)at);
        return;
    case SHAPE_BLOB:
        encode_blob(writer, *(const struct text *)at);
        return;
    case SHAPE_INTEGER:
    case SHAPE_LONG:
        json_write_integer(writer, *(const int64_t *)at);
        return;
    case SHAPE_DOUBLE:
        json_write_real(writer, *(const double *)at);
        return;
    case SHAPE_BOOLEAN:
        json_write_bool(writer, *(const bool *)at);
        return;
    case SHAPE_TIME:
        json_write_decimal(writer, *(const int64_t *)at, 3);
        return;
    case SHAPE_STRUCTURE:
        encode_structure(writer, shape, at);
        return;
    case SHAPE_LIST:
        json_write_list(writer);
        encode_items(writer, shape, at);
        json_write_list_end(writer);
        return;
    case SHAPE_MAP:
        json_write_object(writer);
        encode_items(writer, shape, at);
        json_write_object_end(writer);
        return;
    }
}

static void encode_structure(struct json_writer *writer, const struct shape *shape, const void *at)
{
    json_write_object(writer);
    for (size_t i = 0; i < shape->member_count; i++) {
        const struct member *member = &shape->members[i];

        if (member_is_given(member, at)) {
            json_write_key(writer, text_of(member->wire_out));
            encode_value(writer, member->shape, member_value(member, at));
        }
    }
    json_write_object_end(writer);
}

void proto_json_encode(struct buf *buf, const struct shape *shape, const void *at)
{
    struct json_writer writer;

    json_writer_init(&writer, buf);
    encode_structure(&writer, shape, at);
}
