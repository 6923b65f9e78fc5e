/* SPDX-License-Identifier: Apache-2.0 */
#include "http/message.h"

#include "http/scan.h"
#include "http/slots.h" /* generated: field_slots, SLOT_OF */

enum { HOP = 1, FRAMING = 2, HEAD = 4 };

static const struct {
    struct text name;
    unsigned flags;
} field_facts[HTTP_FIELD_IDS] = {
    [HTTP_FIELD_SUSPICIOUS] = {TEXT_INIT(""), HOP},
#define FIELD(id, name, flags) [HTTP_FIELD_##id] = {TEXT_INIT(name), flags},
#include "http/fields.def"
#undef FIELD
};

static const struct text method_names[] = {
    [HTTP_METHOD_OTHER] = TEXT_INIT(""),   [HTTP_GET] = TEXT_INIT("GET"),
    [HTTP_HEAD] = TEXT_INIT("HEAD"),       [HTTP_POST] = TEXT_INIT("POST"),
    [HTTP_PUT] = TEXT_INIT("PUT"),         [HTTP_DELETE] = TEXT_INIT("DELETE"),
    [HTTP_OPTIONS] = TEXT_INIT("OPTIONS"), [HTTP_PATCH] = TEXT_INIT("PATCH"),
    [HTTP_TRACE] = TEXT_INIT("TRACE"),     [HTTP_CONNECT] = TEXT_INIT("CONNECT"),
};

static bool name_is(const char *at, const char *lower, size_t len);

enum http_field_id http_field_id(struct text name)
{
    const unsigned char *at = (const unsigned char *)name.at;
    enum http_field_id id;

    if (name.len < 2) {
        return HTTP_FIELD_OTHER; /* "te" is the shortest we know */
    }
    id = field_slots[SLOT_OF((unsigned)name.len, at[0] | 0x20u, at[name.len / 2] | 0x20u,
                             at[name.len - 2] | 0x20u)];
    if (id == HTTP_FIELD_OTHER || field_facts[id].name.len != name.len ||
        !name_is(name.at, field_facts[id].name.at, name.len)) {
        return HTTP_FIELD_OTHER;
    }
    return id;
}

/* Eight letters at a time. In a token, setting bit 0x20 makes letters small and leaves digits and
 * '-' alone; it cannot make another token character equal to one of those. */
static bool name_is(const char *at, const char *lower, size_t len)
{
    uint64_t a;
    uint64_t b;

    if (len < 8) {
        for (size_t i = 0; i < len; i++) {
            if ((at[i] | 0x20) != lower[i]) {
                return false;
            }
        }
        return true;
    }
    for (size_t i = 0;; i = i + 16 <= len ? i + 8 : len - 8) {
        memcpy(&a, at + i, 8);
        memcpy(&b, lower + i, 8);
        if ((a | 0x2020202020202020u) != b) {
            return false;
        }
        if (i + 8 == len) {
            return true;
        }
    }
}

struct text http_field_name(enum http_field_id id)
{
    return field_facts[id].name;
}

struct text http_field_line(const struct http_field *field)
{
    const struct text line = {field->name.at, field->name.len + field->value.len + 4};

    return field->is_line && field->value.at == line.at + field->name.len + 2 &&
                   memcmp(line.at + line.len - 2, "\r\n", 2) == 0
               ? line
               : TEXT("");
}

bool http_field_is_hop(enum http_field_id id)
{
    return (field_facts[id].flags & HOP) != 0;
}

bool http_field_is_framing(enum http_field_id id)
{
    return (field_facts[id].flags & FRAMING) != 0;
}

bool http_field_is_head_only(enum http_field_id id)
{
    return field_facts[id].flags != 0;
}

enum http_method http_method_id(struct text method)
{
    for (enum http_method id = HTTP_GET; id <= HTTP_CONNECT; id++) {
        if (text_eq(method, method_names[id])) {
            return id;
        }
    }
    return HTTP_METHOD_OTHER;
}

struct text http_method_name(enum http_method method)
{
    return method_names[method];
}

bool http_connection_names(const struct http_fields *fields, struct text name)
{
    for (size_t i = 0; i < fields->count; i++) {
        struct text rest = fields->at[i].value;
        struct text element;

        if (fields->at[i].id != HTTP_FIELD_CONNECTION) {
            continue;
        }
        while (http_list_next(&rest, &element)) {
            if (text_eq_nocase(element, name)) {
                return true;
            }
        }
    }
    return false;
}

bool http_connection_is_special(const struct http_fields *fields)
{
    for (size_t i = 0; i < fields->count; i++) {
        if (fields->at[i].id != HTTP_FIELD_CONNECTION) {
            continue;
        }
        struct text rest = fields->at[i].value;
        struct text element;
        if (text_eq_nocase(rest, TEXT("keep-alive"))) {
            continue;
        }
        while (http_list_next(&rest, &element)) {
            if (!text_eq_nocase(element, TEXT("keep-alive")) &&
                !text_eq_nocase(element, TEXT("close"))) {
                return true;
            }
        }
    }
    return false;
}

bool http_list_next(struct text *rest, struct text *element)
{
    while (text_next(rest, ',', element)) {
        *element = text_trim(*element);
        if (!text_is_empty(*element)) {
            return true;
        }
    }
    return false;
}

const struct http_field *http_find(const struct http_fields *fields, enum http_field_id id)
{
    for (size_t i = 0; i < fields->count; i++) {
        if (fields->at[i].id == id) {
            return &fields->at[i];
        }
    }
    return NULL;
}

const struct http_field *http_find_name(const struct http_fields *fields, struct text name)
{
    for (size_t i = 0; i < fields->count; i++) {
        if (text_eq_nocase(fields->at[i].name, name)) {
            return &fields->at[i];
        }
    }
    return NULL;
}

bool http_is_grpc(const struct http_request *request)
{
    const struct http_field *type;

    if (request->version != HTTP_2 || request->method_id != HTTP_POST) {
        return false;
    }
    type = http_find(&request->fields, HTTP_FIELD_CONTENT_TYPE);
    return type && text_starts(type->value, TEXT("application/grpc"));
}

bool http_is_token(struct text text)
{
    if (text.len == 0) {
        return false; /* and perhaps nowhere: no pointer to add to */
    }
    const char *end = text.at + text.len;
    return scan_span(text.at, end, SCAN_TCHAR) == end;
}

bool http_is_value(struct text text)
{
    if (text.len == 0) {
        return true;
    }
    const char *end = text.at + text.len;
    return scan_value(text.at, end) == end;
}
