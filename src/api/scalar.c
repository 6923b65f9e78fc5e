/* SPDX-License-Identifier: Apache-2.0 */
#include "api/scalar.h"

#include "codec/base64.h"
#include "codec/timestamp.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static enum rc parse_integer(struct text text, int64_t min, int64_t max, int64_t *out)
{
    const bool is_negative = text_starts(text, TEXT("-"));
    uint64_t magnitude;

    if (is_negative) {
        text = text_slice(text, 1, text.len);
    }
    TRY(text_to_u64(text, &magnitude));
    if (is_negative) {
        if (magnitude > (uint64_t)INT64_MAX || -(int64_t)magnitude < min) {
            return RC_BAD;
        }
        *out = -(int64_t)magnitude;
        return RC_OK;
    }
    if (magnitude > (uint64_t)max) {
        return RC_BAD;
    }
    *out = (int64_t)magnitude;
    return RC_OK;
}

static enum rc parse_double(struct text text, double *out)
{
    char string[64];
    char *end;
    double value;

    /* strtod also reads spaces, "inf", "nan" and hexadecimal: AWS does not. */
    for (size_t i = 0; i < text.len; i++) {
        if (strchr("0123456789+-.eE", text.at[i]) == NULL) {
            return RC_BAD;
        }
    }
    if (text.len == 0 || text_to_string(text, string, sizeof(string)) != RC_OK) {
        return RC_BAD;
    }
    value = strtod(string, &end);
    if (*end != '\0' || !isfinite(value)) {
        return RC_BAD;
    }
    *out = value;
    return RC_OK;
}

static enum rc parse_boolean(struct text text, bool *out)
{
    if (text_eq_nocase(text, TEXT("true"))) {
        *out = true;
        return RC_OK;
    }
    if (text_eq_nocase(text, TEXT("false"))) {
        *out = false;
        return RC_OK;
    }
    return RC_BAD;
}

enum rc scalar_parse(const struct shape *shape, struct text text, struct arena *arena, void *at)
{
    switch (shape->type) {
    case SHAPE_TEXT:
        *(struct text *)at = text;
        return RC_OK;
    case SHAPE_BLOB:
        return base64_decode(arena, text, at);
    case SHAPE_INTEGER:
        return parse_integer(text, INT32_MIN, INT32_MAX, at);
    case SHAPE_LONG:
        return parse_integer(text, INT64_MIN, INT64_MAX, at);
    case SHAPE_DOUBLE:
        return parse_double(text, at);
    case SHAPE_BOOLEAN:
        return parse_boolean(text, at);
    case SHAPE_TIME:
        return timestamp_parse(text, at);
    case SHAPE_STRUCTURE:
    case SHAPE_LIST:
    case SHAPE_MAP:
        break;
    }
    ASSERT(shape_is_scalar(shape));
    return RC_BAD;
}

/* The shortest form that reads back the same. */
static void write_double(struct buf *buf, double value)
{
    char string[40];

    for (int digits = 1; digits <= 17; digits++) {
        (void)snprintf(string, sizeof(string), "%.*g", digits, value);
        if (strtod(string, NULL) == value) {
            break;
        }
    }
    buf_add(buf, text_of(string));
}

static void write_blob(struct buf *buf, struct text bytes)
{
    AUTO(arena) struct arena *arena = arena_new(bytes.len * 2 + 64, bytes.len * 2 + 64);

    buf_add(buf, base64_encode(arena, bytes));
}

void scalar_write(struct buf *buf, const struct shape *shape, const void *at)
{
    char time[TIMESTAMP_BYTES];

    switch (shape->type) {
    case SHAPE_TEXT:
        buf_add(buf, *(const struct text *)at);
        return;
    case SHAPE_BLOB:
        write_blob(buf, *(const struct text *)at);
        return;
    case SHAPE_INTEGER:
    case SHAPE_LONG:
        buf_printf(buf, "%lld", (long long)*(const int64_t *)at);
        return;
    case SHAPE_DOUBLE:
        write_double(buf, *(const double *)at);
        return;
    case SHAPE_BOOLEAN:
        buf_add(buf, *(const bool *)at ? TEXT("true") : TEXT("false"));
        return;
    case SHAPE_TIME:
        timestamp_write(*(const int64_t *)at, time);
        buf_add(buf, text_of(time));
        return;
    case SHAPE_STRUCTURE:
    case SHAPE_LIST:
    case SHAPE_MAP:
        break;
    }
    ASSERT(shape_is_scalar(shape));
}

const char *scalar_type_name(const struct shape *shape)
{
    switch (shape->type) {
    case SHAPE_TEXT:
        return "string";
    case SHAPE_BLOB:
        return "blob";
    case SHAPE_INTEGER:
        return "integer";
    case SHAPE_LONG:
        return "long";
    case SHAPE_DOUBLE:
        return "double";
    case SHAPE_BOOLEAN:
        return "boolean";
    case SHAPE_TIME:
        return "timestamp";
    case SHAPE_STRUCTURE:
        return "structure";
    case SHAPE_LIST:
        return "list";
    case SHAPE_MAP:
        return "map";
    }
    return "";
}
