/* SPDX-License-Identifier: Apache-2.0 */
#include "http/h1_write.h"

#include "http/scan.h"

/* The message so far, in the caller's memory. What does not fit, or may not be written, sets `rc`
 * and stops everything behind it. */
struct writer {
    char *at;
    char *end;
    enum rc rc;
    bool has_framing;
    bool has_connection;
};

static void put(struct writer *writer, struct text text);
static void put_token(struct writer *writer, struct text token);
static void put_value(struct writer *writer, struct text value);
static void put_number(struct writer *writer, uint64_t number);
static void put_field(struct writer *writer, const struct http_field *field);
static void put_moved(struct writer *writer, struct text *lines);
static void put_ours(struct writer *writer, enum http_field_id id, struct text framing_line,
                     struct text connection_line);
static void put_fields(struct writer *writer, const struct http_fields *fields,
                       struct text framing_line, struct text connection_line);
static struct text framing_line(char into[static 48], struct h1_plan plan, uint64_t length,
                                bool is_lower_case);
static enum rc finish(struct writer *writer, const char *into, size_t *len);

struct h1_plan h1_plan_request(const struct http_request *request, bool closes)
{
    struct h1_plan plan = {.framing = request->framing, .closes = closes};

    if (plan.framing == HTTP_UNTIL_END || plan.framing == HTTP_UNTIL_CLOSE) {
        plan.framing = HTTP_CHUNKED;
    }
    /* RFC 9110 §8.6: a method that expects content tells that there is none. */
    plan.tells_length = plan.framing == HTTP_LENGTH ||
                        (plan.framing == HTTP_NO_BODY &&
                         (request->method_id == HTTP_POST || request->method_id == HTTP_PUT ||
                          request->method_id == HTTP_PATCH));
    return plan;
}

struct h1_plan h1_plan_response(const struct http_response *response, enum http_version version,
                                enum http_method asked, bool closes)
{
    struct h1_plan plan = {.framing = response->framing, .closes = closes};
    const bool is_known = response->framing == HTTP_LENGTH || response->tells_length;

    if (response->status < 200) {
        plan.framing = HTTP_NO_BODY;
        plan.closes = false;
        return plan;
    }
    if (response->status == 204 || response->status == 304 || asked == HTTP_HEAD) {
        plan.framing = HTTP_NO_BODY;
    } else if (plan.framing != HTTP_NO_BODY && plan.framing != HTTP_LENGTH) {
        plan.framing = version >= HTTP_1_1 ? HTTP_CHUNKED : HTTP_UNTIL_CLOSE;
    }
    plan.closes |= plan.framing == HTTP_UNTIL_CLOSE || version < HTTP_1_0;
    /* RFC 9110 §8.6: never in a 204; in answers to HEAD and in 304 only what is known; and 0 where
     * content could follow and does not. */
    plan.tells_length =
        response->status != 204 &&
        (plan.framing == HTTP_LENGTH || (plan.framing == HTTP_NO_BODY && is_known) ||
         (response->framing == HTTP_NO_BODY && asked != HTTP_HEAD && response->status != 304));
    return plan;
}

enum rc h1_write_request(const struct http_request *request, struct h1_plan plan, char *into,
                         size_t size, size_t *len)
{
    struct writer writer = {.at = into, .end = into + size};
    char framing[48];

    put_token(&writer, request->method);
    put(&writer, TEXT(" "));
    if (text_is_empty(request->target) ||
        scan_span(request->target.at, request->target.at + request->target.len, SCAN_TARGET) !=
            request->target.at + request->target.len) {
        return RC_BAD;
    }
    put(&writer, request->target);
    put(&writer, TEXT(" HTTP/1.1\r\n"));
    if (!http_find(&request->fields, HTTP_FIELD_HOST)) {
        put_field(&writer, &(struct http_field){TEXT("Host"), request->authority});
    }
    put_fields(&writer, &request->fields,
               framing_line(framing, plan,
                            plan.framing == HTTP_LENGTH ? request->content_length : 0,
                            request->is_lower_case),
               !text_is_empty(request->upgrade) ? TEXT("Connection: Upgrade\r\n")
               : plan.closes                    ? TEXT("Connection: close\r\n")
                                                : TEXT(""));
    if (!text_is_empty(request->upgrade)) {
        put_field(&writer,
                  &(struct http_field){.name = TEXT("Upgrade"), .value = request->upgrade});
    }
    put(&writer, TEXT("\r\n"));
    return finish(&writer, into, len);
}

enum rc h1_write_response(const struct http_response *response, struct h1_plan plan,
                          enum http_version version, char *into, size_t size, size_t *len)
{
    struct writer writer = {.at = into, .end = into + size};
    const bool is_known = response->framing == HTTP_LENGTH || response->tells_length;
    const bool is_upgrade = response->status == 101 && !text_is_empty(response->upgrade);
    char framing[48];

    if (version < HTTP_1_0) {
        *len = 0;
        return RC_OK;
    }
    if (response->status < 100 || response->status > 999) {
        return RC_BAD;
    }
    put(&writer, TEXT("HTTP/1.1 "));
    put_number(&writer, (uint64_t)response->status);
    put(&writer, TEXT(" "));
    put_value(&writer, response->reason);
    put(&writer, TEXT("\r\n"));
    put_fields(&writer, &response->fields,
               framing_line(framing, plan, is_known ? response->content_length : 0, false),
               is_upgrade               ? TEXT("Connection: upgrade\r\n")
               : response->status < 200 ? TEXT("")
               : plan.closes            ? TEXT("Connection: close\r\n")
                                        : TEXT("Connection: keep-alive\r\n"));
    if (is_upgrade) {
        put_field(&writer,
                  &(struct http_field){.name = TEXT("Upgrade"), .value = response->upgrade});
    }
    put(&writer, TEXT("\r\n"));
    return finish(&writer, into, len);
}

/* RFC 9112 §6: one of the two, or none. */
static struct text framing_line(char into[static 48], struct h1_plan plan, uint64_t length,
                                bool is_lower_case)
{
    struct writer writer = {.at = into, .end = into + 48};

    if (plan.framing == HTTP_CHUNKED) {
        return is_lower_case ? TEXT("transfer-encoding: chunked\r\n")
                             : TEXT("Transfer-Encoding: chunked\r\n");
    }
    if (!plan.tells_length) {
        return TEXT("");
    }
    put(&writer, is_lower_case ? TEXT("content-length: ") : TEXT("Content-Length: "));
    put_number(&writer, length);
    put(&writer, TEXT("\r\n"));
    return (struct text){into, (size_t)(writer.at - into)};
}

/* The fields of the message in their order. Ours of framing and connection stand where the message
 * has such a field, else at the end. Lines that were read one behind the other leave in one copy:
 * most of a head does (half the instructions of this file). */
static void put_fields(struct writer *writer, const struct http_fields *fields,
                       struct text framing_line, struct text connection_line)
{
    const bool is_special = http_connection_is_special(fields);
    struct text lines = TEXT("");

    for (size_t i = 0; i < fields->count; i++) {
        const struct http_field *field = &fields->at[i];

        if (http_field_is_framing(field->id) || field->id == HTTP_FIELD_CONNECTION) {
            put_moved(writer, &lines);
            put_ours(writer, field->id, framing_line, connection_line);
            continue;
        }
        if (http_field_is_hop(field->id) || (is_special && field->id != HTTP_FIELD_HOST &&
                                             http_connection_names(fields, field->name))) {
            continue;
        }
        const struct text line = http_field_line(field);
        if (line.len > 0 && line.at == lines.at + lines.len) {
            lines.len += line.len;
            continue;
        }
        put_moved(writer, &lines);
        if (line.len > 0) {
            lines = line;
        } else {
            put_field(writer, field);
        }
    }
    put(writer, lines);
    if (!writer->has_framing) {
        put(writer, framing_line);
    }
    if (!writer->has_connection) {
        put(writer, connection_line);
    }
}

static void put_moved(struct writer *writer, struct text *lines)
{
    put(writer, *lines);
    *lines = TEXT("");
}

static void put_ours(struct writer *writer, enum http_field_id id, struct text framing_line,
                     struct text connection_line)
{
    if (id == HTTP_FIELD_CONNECTION) {
        put(writer, writer->has_connection ? TEXT("") : connection_line);
        writer->has_connection = true;
    } else {
        put(writer, writer->has_framing ? TEXT("") : framing_line);
        writer->has_framing = true;
    }
}

size_t h1_write_chunk_head(uint64_t data_bytes, char into[static H1_CHUNK_HEAD_BYTES])
{
    const int digits = (67 - __builtin_clzll(data_bytes | 1)) / 4;

    ASSERT(data_bytes > 0);
    for (int i = 0; i < digits; i++) {
        into[i] = "0123456789abcdef"[data_bytes >> (4 * (digits - 1 - i)) & 15];
    }
    memcpy(into + digits, "\r\n", 2);
    return (size_t)digits + 2;
}

enum rc h1_write_last_chunk(const struct http_fields *trailers, char *into, size_t size,
                            size_t *len)
{
    struct writer writer = {.at = into, .end = into + size};

    put(&writer, TEXT("0\r\n"));
    for (size_t i = 0; trailers && i < trailers->count; i++) {
        if (!http_field_is_head_only(trailers->at[i].id)) {
            put_field(&writer, &trailers->at[i]);
        }
    }
    put(&writer, TEXT("\r\n"));
    return finish(&writer, into, len);
}

static void put_field(struct writer *writer, const struct http_field *field)
{
    put_token(writer, field->name);
    put(writer, TEXT(": "));
    put_value(writer, text_trim(field->value));
    put(writer, TEXT("\r\n"));
}

static void put(struct writer *writer, struct text text)
{
    if (writer->rc == RC_OK && text.len > (size_t)(writer->end - writer->at)) {
        writer->rc = RC_LIMIT;
    }
    if (writer->rc == RC_OK && text.len > 0) {
        memcpy(writer->at, text.at, text.len);
        writer->at += text.len;
    }
}

static void put_token(struct writer *writer, struct text token)
{
    if (!http_is_token(token)) {
        writer->rc = RC_BAD;
    }
    put(writer, token);
}

static void put_value(struct writer *writer, struct text value)
{
    if (!http_is_value(value)) {
        writer->rc = RC_BAD;
    }
    put(writer, value);
}

static void put_number(struct writer *writer, uint64_t number)
{
    char digits[TEXT_U64_BYTES];

    put(writer, text_of_u64(number, digits));
}

static enum rc finish(struct writer *writer, const char *into, size_t *len)
{
    if (writer->rc == RC_OK) {
        *len = (size_t)(writer->at - into);
    }
    return writer->rc;
}
