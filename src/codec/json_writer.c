/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json.h"

#include <math.h>
#include <stdio.h>

void json_writer_init(struct json_writer *writer, struct buf *buf)
{
    *writer = (struct json_writer){.buf = buf};
}

/* What stands between the value before and the next one. */
static void begin_value(struct json_writer *writer)
{
    if (writer->needs_comma) {
        buf_add_byte(writer->buf, ',');
    }
    writer->needs_comma = true;
}

static void open_with(struct json_writer *writer, char bracket)
{
    begin_value(writer);
    buf_add_byte(writer->buf, bracket);
    writer->needs_comma = false;
}

static void close_with(struct json_writer *writer, char bracket)
{
    buf_add_byte(writer->buf, bracket);
    writer->needs_comma = true;
}

/* RFC 8259 §7: quotation mark, reverse solidus and control characters must be escaped. */
static void add_quoted(struct buf *buf, struct text value)
{
    size_t plain = 0; /* start of what was not added yet */

    buf_add_byte(buf, '"');
    for (size_t i = 0; i < value.len; i++) {
        const unsigned char c = (unsigned char)value.at[i];

        if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f) {
            continue;
        }
        buf_add(buf, text_slice(value, plain, i - plain));
        plain = i + 1;
        if (c == '"' || c == '\\') {
            buf_add_byte(buf, '\\');
            buf_add_byte(buf, (char)c);
        } else {
            buf_printf(buf, "\\u%04x", c);
        }
    }
    buf_add(buf, text_slice(value, plain, value.len));
    buf_add_byte(buf, '"');
}

void json_write_key(struct json_writer *writer, struct text key)
{
    begin_value(writer);
    add_quoted(writer->buf, key);
    buf_add_byte(writer->buf, ':');
    writer->needs_comma = false;
}

void json_write_object(struct json_writer *writer)
{
    open_with(writer, '{');
}

void json_write_object_end(struct json_writer *writer)
{
    close_with(writer, '}');
}

void json_write_list(struct json_writer *writer)
{
    open_with(writer, '[');
}

void json_write_list_end(struct json_writer *writer)
{
    close_with(writer, ']');
}

void json_write_text(struct json_writer *writer, struct text value)
{
    begin_value(writer);
    add_quoted(writer->buf, value);
}

void json_write_integer(struct json_writer *writer, int64_t value)
{
    begin_value(writer);
    buf_printf(writer->buf, "%lld", (long long)value);
}

void json_write_real(struct json_writer *writer, double value)
{
    char string[40];

    ASSERT(isfinite(value));
    (void)snprintf(string, sizeof(string), "%.17g", value);
    begin_value(writer);
    buf_add(writer->buf, text_of(string));
    if (strpbrk(string, ".e") == NULL) {
        buf_add(writer->buf, TEXT(".0")); /* it stays a real to whoever reads it */
    }
}

void json_write_decimal(struct json_writer *writer, int64_t value, int places)
{
    const bool is_negative = value < 0;
    uint64_t magnitude = is_negative ? 0 - (uint64_t)value : (uint64_t)value;
    uint64_t unit = 1;

    ASSERT(places >= 0);
    ASSERT(places <= 9);
    for (int i = 0; i < places; i++) {
        unit *= 10;
    }
    begin_value(writer);
    buf_printf(writer->buf, "%s%llu", is_negative ? "-" : "",
               (unsigned long long)(magnitude / unit));
    if (places > 0) {
        buf_printf(writer->buf, ".%0*llu", places, (unsigned long long)(magnitude % unit));
    }
}

void json_write_bool(struct json_writer *writer, bool value)
{
    begin_value(writer);
    buf_add(writer->buf, value ? TEXT("true") : TEXT("false"));
}

void json_write_null(struct json_writer *writer)
{
    begin_value(writer);
    buf_add(writer->buf, TEXT("null"));
}

void json_put_text(struct json_writer *writer, const char *key, struct text value)
{
    json_write_key(writer, text_of(key));
    json_write_text(writer, value);
}

void json_put_integer(struct json_writer *writer, const char *key, int64_t value)
{
    json_write_key(writer, text_of(key));
    json_write_integer(writer, value);
}

void json_put_bool(struct json_writer *writer, const char *key, bool value)
{
    json_write_key(writer, text_of(key));
    json_write_bool(writer, value);
}
