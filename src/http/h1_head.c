/* SPDX-License-Identifier: Apache-2.0 */
#include "http/h1_head.h"

#include "base/limits.h"
#include "http/desync.h"

#define FIELDS_FIRST 24 /* room for those of an ordinary head */

static const char too_long[] = "the head, or a field of it, is too long";

static enum http_field_id field_id(struct text name, bool *is_odd);
static enum rc add_field(struct h1_reader *reader, struct arena *arena, struct http_fields *fields,
                         const struct http_field *field);
static void note_connection(struct text value, struct h1_head_facts *facts);
static void note_length(struct text value, struct h1_head_facts *facts);
static void note_encoding(const struct http_field *field, struct h1_head_facts *facts);

enum h1_line h1_head_line(const char *at, const char *end, struct http_field *field, bool *is_odd,
                          const char **next, const char **why)
{
    const char *colon;
    const char *value;
    const char *stop;
    bool has_controls = false;
    bool is_suspicious = false;

    if (at < end && *at == '\r') {
        *next = at + 2;
        *why = "a carriage return without line feed";
        return at + 1 == end ? H1_LINE_PART : at[1] == '\n' ? H1_LINE_EMPTY : H1_LINE_BAD;
    }
    colon = scan_colon(at, end);
    if (colon == end) {
        return H1_LINE_PART;
    }
    field->name = (struct text){at, (size_t)(colon - at)};
    field->id = *colon == ':' ? field_id(field->name, &is_suspicious) : HTTP_FIELD_OTHER;
    /* A name that we know is a token. */
    if (field->id == HTTP_FIELD_OTHER && (*colon != ':' || !http_is_token(field->name))) {
        *why = *at == ' ' || *at == '\t' ? "a folded field line" : "a field name that is no token";
        return H1_LINE_BAD;
    }
    for (value = colon + 1; value < end && (*value == ' ' || *value == '\t');) {
        value++;
    }
    stop = scan_value(value, end);
    while (stop < end && *stop != '\r' && *stop != '\n' && *stop != '\0') {
        has_controls = true; /* another control: RFC 9110 §5.5 lets us replace it */
        stop = scan_value(stop + 1, end);
    }
    if (stop == end || (*stop == '\r' && stop + 1 == end)) {
        return H1_LINE_PART;
    }
    if (*stop != '\r' || stop[1] != '\n') {
        *why = *stop == '\0' ? "NUL in a field value" : "a bare line break in a field";
        return H1_LINE_BAD;
    }
    *next = stop + 2;
    field->is_line = value == colon + 2 && colon[1] == ' ' && !has_controls;
    while (stop > value && (stop[-1] == ' ' || stop[-1] == '\t')) {
        stop--;
        field->is_line = false;
    }
    field->value = (struct text){value, (size_t)(stop - value)};
    /* Cleaning must never make a length or a coding of what was none. */
    if (has_controls && (http_field_is_framing(field->id) || http_field_is_hop(field->id) ||
                         field->id == HTTP_FIELD_HOST)) {
        *why = "a control character where none may be cleaned";
        return H1_LINE_BAD;
    }
    *is_odd = has_controls || is_suspicious;
    return H1_LINE_FIELD;
}

static enum http_field_id field_id(struct text name, bool *is_odd)
{
    const enum http_field_id id = http_field_id(name);

    if (id == HTTP_FIELD_OTHER && http_desync_is_suspicious(name) && http_is_token(name)) {
        *is_odd = true;
        return HTTP_FIELD_SUSPICIOUS;
    }
    return id;
}

enum rc h1_head_clean_value(struct arena *arena, struct text *value)
{
    char *copy = arena_take_raw(arena, value->len + 1);

    if (!copy) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < value->len; i++) {
        copy[i] = scan_is(value->at[i], SCAN_CONTROL) ? ' ' : value->at[i];
    }
    *value = text_trim((struct text){copy, value->len});
    return RC_OK;
}

void h1_head_move(struct h1_reader *reader, struct text in, const struct h1_head_texts *texts)
{
    const uintptr_t old = (uintptr_t)reader->base;
    const ptrdiff_t shift = (ptrdiff_t)((uintptr_t)in.at - old); /* may go backwards */

    reader->base = in.at;
    if (old == 0 || shift == 0 || reader->line == 0) {
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(texts->texts) && texts->texts[i]; i++) {
        const uintptr_t at = (uintptr_t)texts->texts[i]->at;

        if (at >= old && at < old + reader->line) { /* not: cleaned, in the arena */
            texts->texts[i]->at += shift;
        }
    }
    for (size_t i = 0; i < texts->fields->count; i++) {
        struct http_field *field = &texts->fields->at[i];

        field->name.at += shift;
        if ((uintptr_t)field->value.at - old < reader->line) {
            field->value.at += shift;
        }
    }
}

enum rc h1_head_line_ready(struct h1_reader *reader, struct text in,
                           const struct h1_head_limits *limits)
{
    const size_t from = reader->scanned > reader->line ? reader->scanned : reader->line;
    const char *newline = from < in.len ? memchr(in.at + from, '\n', in.len - from) : NULL;
    const size_t len = newline ? (size_t)(newline - in.at) : in.len;

    /* Its CR may be there already. Too long is too long, with its end or without. */
    if (len - reader->line > limits->line_bytes + 1 || len >= limits->head_bytes) {
        return RC_LIMIT;
    }
    if (!newline) {
        reader->scanned = in.len;
        return RC_AGAIN;
    }
    return RC_OK;
}

/* A line that is not whole, or not right. A bad one is refused once it is whole: so the answer is
 * the same however the bytes are split. */
static enum rc stop_at_line(struct h1_reader *reader, struct text in,
                            const struct h1_head_limits *limits, enum h1_line line,
                            const char **why, size_t *bad_end)
{
    const enum rc rc = h1_head_line_ready(reader, in, limits);

    if (rc == RC_LIMIT) {
        *why = too_long;
    }
    if (rc != RC_OK || line == H1_LINE_PART) {
        return rc;
    }
    *bad_end = reader->line + text_find(text_slice(in, reader->line, in.len), '\n') + 1;
    return RC_BAD;
}

enum rc h1_head_fields(struct h1_reader *reader, struct text in, struct arena *arena,
                       const struct h1_head_limits *limits, struct http_fields *fields,
                       const char **why, size_t *bad_end)
{
    const char *end = in.at + in.len;

    for (;;) {
        const char *at = in.at + reader->line;
        const char *next = NULL;
        struct http_field field;
        bool is_odd = false;
        enum h1_line line = H1_LINE_PART;

        if (reader->scanned <= reader->line) {
            line = h1_head_line(at, end, &field, &is_odd, &next, why);
        } else if (memchr(in.at + reader->scanned, '\n', in.len - reader->scanned)) {
            reader->scanned = 0;
            continue;
        }
        if (line == H1_LINE_PART || line == H1_LINE_BAD) {
            return stop_at_line(reader, in, limits, line, why, bad_end);
        }
        reader->line = (size_t)(next - in.at);
        if ((size_t)(next - at) - 2 > limits->line_bytes || reader->line > limits->head_bytes) {
            *why = too_long;
            return RC_LIMIT;
        }
        if (line == H1_LINE_EMPTY) {
            return RC_OK;
        }
        if (is_odd) {
            reader->is_odd = true;
            *why = "more than a request may make us remember";
            TRY(h1_head_clean_value(arena, &field.value));
        }
        *why = "too many fields";
        TRY(add_field(reader, arena, fields, &field));
    }
}

static enum rc add_field(struct h1_reader *reader, struct arena *arena, struct http_fields *fields,
                         const struct http_field *field)
{
    if (fields->count == reader->field_room) {
        const size_t room = reader->field_room ? reader->field_room * 2 : FIELDS_FIRST;
        struct http_field *more =
            fields->count >= LIMIT_FIELDS ? NULL : arena_take_raw(arena, room * sizeof(*more));
        if (!more) {
            return RC_LIMIT;
        }
        if (fields->count) {
            memcpy(more, fields->at, fields->count * sizeof(*more));
        }
        fields->at = more;
        reader->field_room = room < LIMIT_FIELDS ? room : LIMIT_FIELDS;
    }
    fields->at[fields->count++] = *field;
    return RC_OK;
}

void h1_head_facts(const struct http_fields *fields, struct h1_head_facts *facts)
{
    memset(facts, 0, sizeof(*facts));
    for (size_t i = 0; i < fields->count; i++) {
        const struct http_field *field = &fields->at[i];

        switch ((unsigned)field->id) {
        case HTTP_FIELD_HOST:
            facts->host = facts->hosts++ ? facts->host : field;
            break;
        case HTTP_FIELD_CONTENT_LENGTH:
            note_length(field->value, facts);
            break;
        case HTTP_FIELD_TRANSFER_ENCODING:
            note_encoding(field, facts);
            break;
        case HTTP_FIELD_CONNECTION:
            note_connection(field->value, facts);
            break;
        case HTTP_FIELD_UPGRADE:
            facts->upgrade = text_is_empty(facts->upgrade) ? field->value : facts->upgrade;
            break;
        case HTTP_FIELD_EXPECT:
            facts->expects_continue = text_eq_nocase(field->value, TEXT("100-continue"));
            break;
        default:
            break;
        }
    }
}

static void note_connection(struct text value, struct h1_head_facts *facts)
{
    struct text element;

    while (http_list_next(&value, &element)) {
        facts->says_close |= text_eq_nocase(element, TEXT("close"));
        facts->says_keep_alive |= text_eq_nocase(element, TEXT("keep-alive"));
        facts->says_upgrade |= text_eq_nocase(element, TEXT("upgrade"));
    }
}

static void note_length(struct text value, struct h1_head_facts *facts)
{
    uint64_t length;

    if (text_to_u64(value, &length) != RC_OK) {
        facts->has_bad_length = true;
        return;
    }
    facts->has_two_lengths |= facts->content_lengths > 0 && length != facts->content_length;
    facts->content_length = length;
    facts->content_lengths++;
}

static void note_encoding(const struct http_field *field, struct h1_head_facts *facts)
{
    bool is_chunked = facts->is_chunked;
    struct text rest = field->value;
    struct text element;

    while (http_list_next(&rest, &element)) {
        const bool is_chunk = text_eq_nocase(element, TEXT("chunked"));

        facts->is_chunked_twice |= is_chunk && is_chunked;
        is_chunked |= is_chunk;
    }
    if (facts->transfer_encodings++ == 0) {
        facts->transfer_encoding = field;
        facts->is_chunked = text_eq_nocase(field->value, TEXT("chunked"));
        facts->is_identity = text_eq_nocase(field->value, TEXT("identity"));
        return;
    }
    facts->is_chunked = false;
    facts->is_identity = false;
}

enum rc h1_head_refuse(struct h1_refusal *refusal, enum fault_side side, enum rc rc, int status,
                       const char *why)
{
    refusal->fault = (struct fault){.side = side, .rc = rc, .why = why};
    refusal->status = status;
    return rc;
}
