/* SPDX-License-Identifier: Apache-2.0 */
#include "http/h2_stream.h"

#include "http/scan.h"
#include "http/target.h"

static void keep_pseudo(struct h2_stream *stream, struct text name, struct text value);
static void keep_field(struct h2_stream *stream, struct text name, struct text value);
static void refuse(struct h2_stream *stream, enum rc rc, int status, const char *why);
static void check_request(struct h2_stream *stream);
static bool join_cookies(struct h2_stream *stream);
static int read_status(struct text status);

/* ---- what comes in ------------------------------------------------------------------------ */

/* nghttp2 checked names, values, the order and number of pseudo fields, and connection-specific
 * fields (RFC 9113 §8.2, §8.3). */
void h2_head_field(struct h2_stream *stream, struct text name, struct text value)
{
    const size_t bytes = name.len + value.len;
    const size_t limit = stream->has_head               ? LIMIT_TRAILER_BYTES
                         : stream->h2->config.is_server ? LIMIT_REQUEST_HEAD_BYTES
                                                        : LIMIT_RESPONSE_HEAD_BYTES;

    stream->head_bytes += bytes;
    if (stream->head_bytes > limit || stream->fields.count == LIMIT_FIELDS ||
        (stream->h2->config.is_server && bytes >= LIMIT_FIELD_BYTES)) {
        stream->is_too_large = true;
    }
    if (stream->is_too_large) {
        return;
    }
    if (name.at[0] == ':') {
        keep_pseudo(stream, name, value);
        return;
    }
    keep_field(stream, name, value);
}

static struct text keep(struct h2_stream *stream, struct text value)
{
    const struct text copy = arena_text(stream->arena, value);

    stream->is_too_large |= !copy.at;
    return copy;
}

static struct text keep_method(struct h2_stream *stream, struct text method)
{
    const enum http_method id = http_method_id(method);

    stream->request.method_id = id;
    return id != HTTP_METHOD_OTHER ? http_method_name(id) : keep(stream, method);
}

static void keep_pseudo(struct h2_stream *stream, struct text name, struct text value)
{
    switch (name.at[1]) {
    case 'm':
        stream->pseudo.method = keep_method(stream, value);
        break;
    case 'p':
        stream->pseudo.path = keep(stream, value);
        break;
    case 'a':
        stream->pseudo.authority = keep(stream, value);
        break;
    case 's': /* or :scheme, which says nothing that the listener does not know */
        if (text_eq(name, TEXT(":status"))) {
            stream->pseudo.status = keep(stream, value);
        }
        break;
    default:
        break;
    }
}

static void keep_field(struct h2_stream *stream, struct text name, struct text value)
{
    const enum http_field_id id = http_field_id(name);
    struct http_fields *fields = &stream->fields;
    struct http_field field = {.id = id};

    field.name = id != HTTP_FIELD_OTHER ? http_field_name(id) : arena_text(stream->arena, name);
    field.value = arena_text(stream->arena, text_trim(value));
    if (!field.name.at || !field.value.at) {
        stream->is_too_large = true;
        return;
    }
    if (id == HTTP_FIELD_HOST && stream->h2->config.is_server) {
        stream->pseudo.host = field.value;
        return;
    }
    if (fields->count == stream->field_room) {
        const size_t room = stream->field_room ? stream->field_room * 2 : 16;
        struct http_field *more = arena_take_raw(stream->arena, room * sizeof(*more));

        if (!more) {
            stream->is_too_large = true;
            return;
        }
        if (fields->count > 0) {
            memcpy(more, fields->at, fields->count * sizeof(*more));
        }
        fields->at = more;
        stream->field_room = room;
    }
    stream->cookies += id == HTTP_FIELD_COOKIE;
    fields->at[fields->count++] = field;
}

/* The fields read so far belong to a complete block; the next begins empty. */
static struct http_fields take_fields(struct h2_stream *stream)
{
    const struct http_fields fields = stream->fields;

    stream->fields = (struct http_fields){0};
    stream->field_room = 0;
    return fields;
}

static void refuse(struct h2_stream *stream, enum rc rc, int status, const char *why)
{
    if (!stream->fault_status) {
        stream->fault = (struct fault){.rc = rc, .why = why};
        stream->fault.side = stream->h2->config.is_server ? FAULT_CLIENT : FAULT_TARGET;
        stream->fault_status = status;
    }
}

void h2_head_request(struct h2_stream *stream, bool is_end)
{
    struct http_request *request = &stream->request;
    const struct http_field *length = http_find(&stream->fields, HTTP_FIELD_CONTENT_LENGTH);

    stream->has_head = true;
    request->version = HTTP_2;
    request->method = stream->pseudo.method;
    request->target = stream->pseudo.path;
    request->authority =
        text_is_empty(stream->pseudo.authority) ? stream->pseudo.host : stream->pseudo.authority;
    target_split(request, request->target);
    if (is_end) {
        request->framing = HTTP_NO_BODY;
    } else if (length && text_to_u64(length->value, &request->content_length) == RC_OK) {
        request->framing = HTTP_LENGTH; /* nghttp2 counts DATA against it */
    } else {
        request->framing = HTTP_UNTIL_END;
    }
    request->head_bytes = stream->head_bytes;
    stream->head_bytes = 0;
    if (stream->is_too_large) {
        refuse(stream, RC_LIMIT, 400, "the head is too large");
    } else if (stream->cookies > 1 && !join_cookies(stream)) {
        refuse(stream, RC_LIMIT, 400, "more than a request may make us remember");
    }
    request->fields = take_fields(stream);
    check_request(stream);
}

/* What is well-formed for HTTP/2, but could not be written as HTTP/1.1. */
static void check_request(struct h2_stream *stream)
{
    const struct http_request *request = &stream->request;
    const struct text target = request->target;
    const struct text host = stream->pseudo.host;

    if (request->method_id == HTTP_CONNECT) {
        refuse(stream, RC_BAD, 405, "CONNECT: this is no forward proxy");
        return;
    }
    if (target.len >= LIMIT_REQUEST_LINE_BYTES) {
        refuse(stream, RC_LIMIT, 414, "the path is too long");
    }
    if (!http_is_token(request->method)) {
        refuse(stream, RC_BAD, 400, "a method that is no token");
    }
    if (!(text_starts(target, TEXT("/")) ||
          (text_eq(target, TEXT("*")) && request->method_id == HTTP_OPTIONS)) ||
        scan_span(target.at, target.at + target.len, SCAN_TARGET) != target.at + target.len) {
        refuse(stream, RC_BAD, 400, "a malformed path");
    }
    /* RFC 9113 §8.3.1: a Host that differs makes the request malformed. */
    if (!target_is_authority(request->authority) ||
        (!text_is_empty(host) && !text_eq_nocase(host, request->authority))) {
        refuse(stream, RC_BAD, 400, "a bad authority");
    }
}

/* RFC 9113 §8.2.3: one field, where the first one stood. */
static bool join_cookies(struct h2_stream *stream)
{
    struct http_fields *fields = &stream->fields;
    size_t len = 0;
    size_t kept = 0;
    struct http_field *first = NULL;
    char *at;
    char *start;

    for (size_t i = 0; i < fields->count; i++) {
        len += fields->at[i].id == HTTP_FIELD_COOKIE ? fields->at[i].value.len + 2 : 0;
    }
    start = at = arena_take_raw(stream->arena, len);
    if (!start) {
        return false;
    }
    for (size_t i = 0; i < fields->count; i++) {
        const struct http_field field = fields->at[i];

        if (field.id != HTTP_FIELD_COOKIE || !first) {
            fields->at[kept++] = field;
        }
        if (field.id == HTTP_FIELD_COOKIE) {
            first = first ? first : &fields->at[kept - 1];
            at = at == start ? at : mempcpy(at, "; ", 2);
            at = mempcpy(at, field.value.at, field.value.len);
        }
    }
    ASSERT(first != NULL); /* there are two at least */
    first->value = (struct text){start, (size_t)(at - start)};
    fields->count = kept;
    return true;
}

static int read_status(struct text status)
{
    int64_t value;

    return text_to_int(status, 100, 999, &value) == RC_OK ? (int)value : 0;
}

static void keep_interim(struct h2_stream *stream, int status)
{
    struct h2_interim **last = &stream->interims;
    struct h2_interim *interim = ARENA_NEW(stream->arena, struct h2_interim);

    if (!interim || ++stream->interim_count > LIMIT_INTERIM_RESPONSES) {
        stream->has_head = true;
        refuse(stream, RC_LIMIT, 502, "too many interim answers");
        return;
    }
    interim->head.status = status;
    interim->head.version = HTTP_2;
    interim->head.fields = take_fields(stream);
    while (*last) {
        last = &(*last)->next;
    }
    *last = interim;
    stream->head_bytes = 0;
}

void h2_head_response(struct h2_stream *stream, bool is_end)
{
    struct http_response *response = &stream->response;
    const struct http_field *length = http_find(&stream->fields, HTTP_FIELD_CONTENT_LENGTH);
    const int status = read_status(stream->pseudo.status);
    bool is_known;

    if (status >= 100 && status < 200 && !stream->is_too_large) {
        keep_interim(stream, status);
        return;
    }
    stream->has_head = true;
    is_known = length && text_to_u64(length->value, &response->content_length) == RC_OK;
    response->status = status;
    response->version = HTTP_2;
    response->tells_length = is_end && is_known && status != 204;
    response->framing = is_end ? HTTP_NO_BODY : is_known ? HTTP_LENGTH : HTTP_UNTIL_END;
    response->head_bytes = stream->head_bytes;
    response->fields = take_fields(stream);
    stream->head_bytes = 0;
    if (stream->is_too_large) {
        refuse(stream, RC_LIMIT, 502, "the head is too large");
    } else if (status == 0) {
        refuse(stream, RC_BAD, 502, "no status");
    }
}

void h2_head_trailers(struct h2_stream *stream)
{
    struct http_fields all = take_fields(stream);
    size_t kept = 0;

    for (size_t i = 0; i < all.count && !stream->is_too_large; i++) {
        if (!http_field_is_head_only(all.at[i].id)) {
            all.at[kept++] = all.at[i];
        }
    }
    all.count = kept;
    stream->trailers = all;
}

/* ---- what goes out ------------------------------------------------------------------------ */

/* Fields of a block that is being built. */
struct block {
    struct arena *arena;
    nghttp2_nv *at;
    size_t count;
    enum rc rc;
    uint8_t flags; /* of each */
};

static void add(struct block *block, struct text name, struct text value)
{
    /* nghttp2 reads only, but its type says otherwise. */
    block->at[block->count++] = (nghttp2_nv){
        .name = (uint8_t *)(uintptr_t)name.at,
        .namelen = name.len,
        .value = (uint8_t *)(uintptr_t)(value.at ? value.at : ""),
        .valuelen = value.len,
        .flags = block->flags,
    };
}

static struct text lower(struct block *block, struct text name)
{
    char *copy;
    size_t i;

    for (i = 0; i < name.len && ascii_lower(name.at[i]) == name.at[i]; i++) {
    }
    if (i == name.len) {
        return name;
    }
    copy = arena_take_raw(block->arena, name.len);
    if (!copy) {
        block->rc = RC_LIMIT;
        return name;
    }
    for (i = 0; i < name.len; i++) {
        copy[i] = ascii_lower(name.at[i]);
    }
    return (struct text){copy, name.len};
}

static void add_field(struct block *block, const struct http_field *field)
{
    const struct text value = text_trim(field->value);

    if (text_is_empty(http_field_line(field)) &&
        (!http_is_token(field->name) || !http_is_value(value))) {
        block->rc = RC_BAD;
        return;
    }
    add(block,
        field->id != HTTP_FIELD_OTHER && field->id != HTTP_FIELD_SUSPICIOUS
            ? http_field_name(field->id)
            : lower(block, field->name),
        value);
}

/* RFC 9113 §8.2.2: connection-specific fields do not exist here, but for "te: trailers". */
static bool is_left_out(const struct http_field *field, const struct http_fields *all,
                        bool is_special)
{
    if (field->id == HTTP_FIELD_TE) {
        return !text_eq_nocase(field->value, TEXT("trailers"));
    }
    return http_field_is_hop(field->id) || http_field_is_framing(field->id) ||
           (is_special && http_connection_names(all, field->name));
}

static bool begin(struct block *block, struct arena *arena, const struct http_fields *fields)
{
    *block = (struct block){.arena = arena};
    block->at = arena_take_raw(arena, (fields->count + 5) * sizeof(*block->at));
    return block->at != NULL;
}

/* A decimal number that lives in the arena. */
static struct text number(struct block *block, uint64_t value)
{
    char *digits = arena_take_raw(block->arena, TEXT_U64_BYTES);

    if (!digits) {
        block->rc = RC_LIMIT;
        return TEXT("");
    }
    return text_of_u64(value, digits);
}

enum rc h2_head_from_request(const struct http_request *request, bool is_tls, struct arena *arena,
                             nghttp2_nv **out, size_t *count)
{
    const struct http_fields *fields = &request->fields;
    const bool is_special = http_connection_is_special(fields);
    const struct http_field *host = http_find(fields, HTTP_FIELD_HOST);
    const struct text authority = host ? host->value : request->authority;
    struct block block;

    if (!begin(&block, arena, fields)) {
        return RC_LIMIT;
    }
    if (!http_is_token(request->method) || text_is_empty(request->target) ||
        scan_span(request->target.at, request->target.at + request->target.len, SCAN_TARGET) !=
            request->target.at + request->target.len ||
        !http_is_value(authority)) {
        return RC_BAD;
    }
    add(&block, TEXT(":method"), request->method);
    add(&block, TEXT(":scheme"), is_tls ? TEXT("https") : TEXT("http"));
    add(&block, TEXT(":authority"), authority);
    add(&block, TEXT(":path"), request->target);
    for (size_t i = 0; i < fields->count; i++) {
        if (fields->at[i].id != HTTP_FIELD_HOST &&
            !is_left_out(&fields->at[i], fields, is_special)) {
            add_field(&block, &fields->at[i]);
        }
    }
    if (request->framing == HTTP_LENGTH) {
        add(&block, TEXT("content-length"), number(&block, request->content_length));
    }
    *out = block.at;
    *count = block.count;
    return block.rc;
}

enum rc h2_head_from_response(const struct http_response *response, bool tells_length,
                              uint8_t flags, struct arena *arena, nghttp2_nv **out, size_t *count)
{
    const struct http_fields *fields = &response->fields;
    const bool is_special = http_connection_is_special(fields);
    bool has_told = !tells_length;
    struct block block;

    if (!begin(&block, arena, fields)) {
        return RC_LIMIT;
    }
    if (response->status < 100 || response->status > 999) {
        return RC_BAD;
    }
    block.flags = flags;
    add(&block, TEXT(":status"), number(&block, (uint64_t)response->status));
    for (size_t i = 0; i < fields->count; i++) {
        if (fields->at[i].id == HTTP_FIELD_CONTENT_LENGTH && !has_told) {
            has_told = true; /* where the message has it */
            add(&block, TEXT("content-length"), number(&block, response->content_length));
        }
        if (!is_left_out(&fields->at[i], fields, is_special)) {
            add_field(&block, &fields->at[i]);
        }
    }
    if (!has_told) {
        add(&block, TEXT("content-length"), number(&block, response->content_length));
    }
    *out = block.at;
    *count = block.count;
    return block.rc;
}

enum rc h2_head_from_trailers(const struct http_fields *trailers, struct arena *arena,
                              nghttp2_nv **out, size_t *count)
{
    struct block block;

    if (!begin(&block, arena, trailers)) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < trailers->count; i++) {
        if (!http_field_is_head_only(trailers->at[i].id)) {
            add_field(&block, &trailers->at[i]);
        }
    }
    *out = block.at;
    *count = block.count;
    return block.rc;
}
