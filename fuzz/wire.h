/* SPDX-License-Identifier: Apache-2.0 */
/* wire: a slow and obvious reader of HTTP/1.1 messages, independent of src/http on purpose: what it
 * asserts is what RFC 9112 says of a message that everybody reads alike. */
#pragma once
#include "base/buf.h"
#include "http/message.h"

#include <string.h>

enum { WIRE_FIELDS_MAX = 600 };

struct wire_head {
    struct text start;
    struct wire_field {
        struct text name, value;
    } fields[WIRE_FIELDS_MAX];
    size_t count;
    size_t len; /* of the head, with its empty line */
};

/* The line at the front, without its end: no CR, LF or NUL but the CRLF behind it. */
static inline struct text wire_line(struct text *rest)
{
    struct text line = {rest->at, 0};

    while (line.len < rest->len && line.at[line.len] != '\r') {
        ASSERT(line.at[line.len] != '\n');
        ASSERT(line.at[line.len] != '\0');
        line.len++;
    }
    ASSERT(line.len + 2 <= rest->len);
    ASSERT(line.at[line.len + 1] == '\n');
    *rest = text_slice(*rest, line.len + 2, rest->len);
    return line;
}

static inline bool wire_is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline void wire_check_token(struct text text)
{
    ASSERT(text.len > 0);
    for (size_t i = 0; i < text.len; i++) {
        ASSERT(wire_is_alnum(text.at[i]) || strchr("!#$%&'*+-.^_`|~", text.at[i]));
    }
}

static inline void wire_check_value(struct text text)
{
    for (size_t i = 0; i < text.len; i++) {
        const unsigned char c = (unsigned char)text.at[i];

        ASSERT(c == '\t' || (c >= 0x20 && c != 0x7f));
    }
}

/* How many lines `head` consists of, its empty ones included. */
static inline size_t wire_lines(struct text head)
{
    size_t count = 0;

    while (head.len > 0) {
        (void)wire_line(&head);
        count++;
    }
    return count;
}

static inline void wire_read(struct text text, struct wire_head *out)
{
    struct text rest = text;
    struct text line;

    out->count = 0;
    out->start = wire_line(&rest);
    wire_check_value(out->start);
    while ((line = wire_line(&rest)).len > 0) {
        const size_t colon = text_find(line, ':');
        struct wire_field *field = &out->fields[out->count++];

        ASSERT(out->count < WIRE_FIELDS_MAX);
        ASSERT(colon < line.len);
        field->name = text_slice(line, 0, colon);
        const struct text value = text_slice(line, colon + 1, line.len);
        ASSERT(text_starts(value, TEXT(" ")));
        field->value = text_slice(value, 1, value.len); /* and no more white space around it */
        ASSERT(text_eq(text_trim(value), field->value));
        wire_check_token(field->name);
        wire_check_value(field->value);
    }
    out->len = text.len - rest.len;
}

/* How often a field came; its last value. */
static inline size_t wire_find(const struct wire_head *head, struct text name, struct text *value)
{
    size_t count = 0;

    for (size_t i = 0; i < head->count; i++) {
        if (text_eq_nocase(head->fields[i].name, name)) {
            *value = head->fields[i].value;
            count++;
        }
    }
    return count;
}

/* How the body's end is known, told at most once. */
static inline enum http_framing wire_framing(const struct wire_head *head, uint64_t *length)
{
    struct text value = {0};
    const size_t lengths = wire_find(head, TEXT("content-length"), &value);

    ASSERT(lengths <= 1);
    ASSERT(lengths == 0 || (value.len > 0 && value.len <= 20));
    *length = 0;
    for (size_t i = 0; i < value.len; i++) {
        ASSERT(value.at[i] >= '0' && value.at[i] <= '9');
        *length = *length * 10 + (uint64_t)(value.at[i] - '0');
    }
    if (wire_find(head, TEXT("transfer-encoding"), &value) == 0) {
        return lengths ? HTTP_LENGTH : HTTP_NO_BODY;
    }
    ASSERT(wire_find(head, TEXT("transfer-encoding"), &value) == 1);
    ASSERT(lengths == 0);
    ASSERT(text_eq(value, TEXT("chunked")));
    return HTTP_CHUNKED;
}

static inline unsigned wire_digit(char c)
{
    return c >= '0' && c <= '9'   ? (unsigned)(c - '0')
           : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
           : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10)
                                  : 16;
}

/* A whole chunked body: its content goes to `out`, its length is given. */
static inline size_t wire_chunked(struct text text, struct buf *out)
{
    struct text rest = text;
    uint64_t size;

    do {
        const struct text line = wire_line(&rest);
        size_t at = 0;

        size = 0;
        for (; at < line.len && wire_digit(line.at[at]) < 16; at++) {
            ASSERT(size <= UINT64_MAX >> 4);
            size = size << 4 | wire_digit(line.at[at]);
        }
        ASSERT(at > 0);
        /* RFC 9112 §7.1.1: an extension begins with ';'; white space around it is tolerated. */
        const struct text extension = text_trim(text_slice(line, at, line.len));
        ASSERT(extension.len == 0 || extension.at[0] == ';');
        wire_check_value(extension);
        ASSERT(size <= rest.len);
        buf_add(out, text_slice(rest, 0, (size_t)size));
        rest = text_slice(rest, (size_t)size, rest.len);
        ASSERT(size == 0 || wire_line(&rest).len == 0);
    } while (size > 0);
    while (wire_line(&rest).len > 0) {
    }
    return text.len - rest.len;
}
