/* SPDX-License-Identifier: Apache-2.0 */
#include "http/forward.h"

#include "base/limits.h"
#include "http/scan.h"
#include "http/upgrade.h"

#define OURS_MAX 7 /* X-Forwarded-*, Host, trace id, two of TLS */

/* One call of forward_request. */
struct forwarding {
    const struct http_request *in;
    const struct forward *how;
    struct arena *arena;
    struct http_request *out;
    struct forward_counts *counts;
    bool is_full;
};

static void add(struct forwarding *f, enum http_field_id id, struct text name, struct text value);
static void add_ours(struct forwarding *f);
static void add_clients(struct forwarding *f);
static struct text forwarded_for(struct forwarding *f);
static struct text port_text(struct forwarding *f, uint16_t port);
static struct text host(struct forwarding *f);
static struct text target(struct forwarding *f);
static bool is_ours(const struct forwarding *f, const struct http_field *field);
static bool is_added(const struct http_fields *added, struct text name);
static bool is_plain_name(struct text name);

int forward_refusal(const struct http_request *in)
{
    unsigned addresses = 0;

    if (in->method_id == HTTP_TRACE) {
        return 405;
    }
    for (size_t i = 0; i < in->fields.count; i++) {
        struct text rest = in->fields.at[i].value;
        struct text element;

        while (in->fields.at[i].id == HTTP_FIELD_X_FORWARDED_FOR &&
               http_list_next(&rest, &element)) {
            addresses++;
        }
    }
    return addresses > LIMIT_XFF_ADDRESSES ? 463 : 0;
}

enum rc forward_request(const struct http_request *in, const struct forward *how,
                        struct arena *arena, struct http_request *out,
                        struct forward_counts *counts)
{
    struct forwarding f = {in, how, arena, out, counts, false};
    const size_t room = in->fields.count + OURS_MAX + (how->added ? how->added->count : 0);

    memset(out, 0, sizeof(*out));
    *counts = (struct forward_counts){0};
    out->fields.at = arena_take_raw(arena, room * sizeof(*out->fields.at));
    if (!out->fields.at) {
        return RC_LIMIT;
    }
    out->method = in->method;
    out->method_id = in->method_id;
    out->version = HTTP_1_1;
    out->framing = in->framing;
    out->content_length = in->content_length;
    out->upgrade = upgrade_asked(in);
    out->target = target(&f);
    out->path = in->path;
    out->query = in->query;
    add_ours(&f);
    add_clients(&f);
    ASSERT(out->fields.count <= room);
    return f.is_full ? RC_LIMIT : RC_OK;
}

struct text forward_trace(const struct http_request *out)
{
    const struct http_field *field = http_find(&out->fields, HTTP_FIELD_X_AMZN_TRACE_ID);

    return field ? field->value : TEXT("");
}

static void add(struct forwarding *f, enum http_field_id id, struct text name, struct text value)
{
    f->is_full |= !value.at; /* the arena could not hold it */
    f->out->fields.at[f->out->fields.count++] = (struct http_field){name, value, id};
}

static void add_ours(struct forwarding *f)
{
    const struct forward *how = f->how;

    if (how->xff == FORWARD_XFF_APPEND) {
        add(f, HTTP_FIELD_X_FORWARDED_FOR, TEXT("X-Forwarded-For"), forwarded_for(f));
    }
    add(f, HTTP_FIELD_X_FORWARDED_PROTO, TEXT("X-Forwarded-Proto"),
        how->is_tls ? TEXT("https") : TEXT("http"));
    add(f, HTTP_FIELD_X_FORWARDED_PORT, TEXT("X-Forwarded-Port"), port_text(f, how->listener_port));
    f->out->authority = host(f);
    add(f, HTTP_FIELD_HOST, TEXT("Host"), f->out->authority);
    add(f, HTTP_FIELD_X_AMZN_TRACE_ID, TEXT("X-Amzn-Trace-Id"),
        forward_trace_new(f->in, f->how->now_unix_s, f->how->trace, f->arena));
    if (!text_is_empty(how->tls_version)) {
        add(f, HTTP_FIELD_X_AMZN_TLS_VERSION, TEXT("X-Amzn-Tls-Version"), how->tls_version);
    }
    if (!text_is_empty(how->tls_cipher)) {
        add(f, HTTP_FIELD_X_AMZN_TLS_CIPHER_SUITE, TEXT("X-Amzn-Tls-Cipher-Suite"),
            how->tls_cipher);
    }
    for (size_t i = 0; how->added && i < how->added->count; i++) {
        f->out->fields.at[f->out->fields.count++] = how->added->at[i];
    }
}

static void add_clients(struct forwarding *f)
{
    const struct http_fields *fields = &f->in->fields;
    const bool is_special = http_connection_is_special(fields);

    for (size_t i = 0; i < fields->count; i++) {
        const struct http_field *field = &fields->at[i];

        if (is_ours(f, field) || (f->how->added && is_added(f->how->added, field->name))) {
            continue;
        }
        if (is_special && !http_field_is_framing(field->id) &&
            http_connection_names(fields, field->name)) {
            continue;
        }
        if (field->id == HTTP_FIELD_OTHER && !is_plain_name(field->name)) {
            if (f->how->drops_invalid_fields) {
                f->counts->invalid_dropped++;
                continue;
            }
            f->counts->invalid_forwarded++;
        }
        f->out->fields.at[f->out->fields.count++] = *field;
    }
}

/* Fields of a client that we write ourselves, that end here, or that would forge ours. */
static bool is_ours(const struct forwarding *f, const struct http_field *field)
{
    static const struct text mutual_tls = TEXT_INIT("x-amzn-mtls-");
    static const struct text login = TEXT_INIT("x-amzn-oidc-");

    switch ((unsigned)field->id) {
    case HTTP_FIELD_HOST:
    case HTTP_FIELD_EXPECT: /* AWS ALB answers it itself */
    case HTTP_FIELD_X_FORWARDED_PROTO:
    case HTTP_FIELD_X_FORWARDED_PORT:
    case HTTP_FIELD_X_AMZN_TRACE_ID:
    case HTTP_FIELD_X_AMZN_TLS_VERSION:
    case HTTP_FIELD_X_AMZN_TLS_CIPHER_SUITE:
        return true;
    case HTTP_FIELD_X_FORWARDED_FOR:
        return f->how->xff != FORWARD_XFF_PRESERVE;
    case HTTP_FIELD_TE:
        /* RFC 9113 §8.2.2: the one value that HTTP/2 carries on; gRPC needs it. The h1 writer drops
         * it with the other hop-by-hop fields. */
        return !text_eq_nocase(field->value, TEXT("trailers"));
    case HTTP_FIELD_OTHER:
        return field->name.len > mutual_tls.len &&
               (text_eq_nocase(text_slice(field->name, 0, mutual_tls.len), mutual_tls) ||
                text_eq_nocase(text_slice(field->name, 0, login.len), login));
    default:
        return http_field_is_hop(field->id);
    }
}

static bool is_added(const struct http_fields *added, struct text name)
{
    return http_find_name(added, name) != NULL;
}

/* AWS ALB, attribute routing.http.drop_invalid_header_fields: [-A-Za-z0-9]+ is valid. */
static bool is_plain_name(struct text name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (!scan_is(name.at[i], SCAN_ALNUM) && name.at[i] != '-') {
            return false;
        }
    }
    return true;
}

/* All that came, in order, and the client as the last element. */
static struct text forwarded_for(struct forwarding *f)
{
    const struct text client = f->how->client_address;
    const bool is_v6 = text_find(client, ':') < client.len;
    const struct http_fields *fields = &f->in->fields;
    size_t len = client.len + sizeof("[]:65535");
    char *at;
    char *start;

    for (size_t i = 0; i < fields->count; i++) {
        len += fields->at[i].id == HTTP_FIELD_X_FORWARDED_FOR ? fields->at[i].value.len + 2 : 0;
    }
    start = at = arena_take_raw(f->arena, len);
    if (!start) {
        return (struct text){0};
    }
    for (size_t i = 0; i < fields->count; i++) {
        const struct text value = fields->at[i].value;

        if (fields->at[i].id == HTTP_FIELD_X_FORWARDED_FOR && value.len > 0) {
            at = mempcpy(mempcpy(at, value.at, value.len), ", ", 2);
        }
    }
    if (f->how->is_xff_client_port && is_v6) {
        *at++ = '[';
    }
    at = mempcpy(at, client.at, client.len);
    if (f->how->is_xff_client_port) {
        const struct text port = port_text(f, f->how->client_port);

        if (!port.at) {
            return port;
        }
        at = is_v6 ? mempcpy(at, "]:", 2) : mempcpy(at, ":", 1);
        at = mempcpy(at, port.at, port.len);
    }
    return (struct text){start, (size_t)(at - start)};
}

static struct text port_text(struct forwarding *f, uint16_t port)
{
    char *digits;
    size_t at = 5;

    if (port == 80) {
        return TEXT("80");
    }
    if (port == 443) {
        return TEXT("443");
    }
    digits = arena_take_raw(f->arena, 5);
    if (!digits) {
        return (struct text){0};
    }
    do {
        digits[--at] = (char)('0' + port % 10);
        port /= 10;
    } while (port > 0);
    return (struct text){digits + at, 5 - at};
}

/* AWS ALB, "Host header preservation". */
static struct text host(struct forwarding *f)
{
    const struct forward *how = f->how;
    const struct http_field *field = http_find(&f->in->fields, HTTP_FIELD_HOST);
    const bool is_usual_port = how->listener_port == 80 || how->listener_port == 443;
    struct text name = f->in->authority;
    struct text port;
    size_t bracket;
    size_t colon;
    size_t name_len;
    bool has_port;
    char *copy;

    if (!text_is_empty(how->new_host)) {
        return how->new_host;
    }
    if (how->preserves_host && (field || !text_is_empty(name))) {
        name = field ? field->value : name;
        return name.at ? name : TEXT("");
    }
    if (text_is_empty(name)) {
        name = how->default_host;
    }
    bracket = text_starts(name, TEXT("[")) ? text_find(name, ']') : 0;
    colon = bracket + text_find(text_slice(name, bracket, name.len), ':');
    has_port = colon + 1 < name.len;
    name_len = is_usual_port || !has_port ? colon : name.len;
    copy = arena_take_raw(f->arena, name.len + sizeof(":65535"));
    port = is_usual_port || has_port ? TEXT("") : port_text(f, how->listener_port);
    if (!copy || !port.at) {
        return (struct text){0};
    }
    for (size_t i = 0; i < name_len; i++) {
        copy[i] = ascii_lower(name.at[i]);
    }
    if (port.len > 0) {
        copy[name_len++] = ':';
        memcpy(copy + name_len, port.at, port.len);
        name_len += port.len;
    }
    return (struct text){copy, name_len};
}

/* AWS ALB, "Request tracing". */
struct text forward_trace_new(const struct http_request *in, int64_t now_unix_s,
                              const uint8_t id[FORWARD_TRACE_BYTES], struct arena *arena)
{
    const struct http_field *field = http_find(&in->fields, HTTP_FIELD_X_AMZN_TRACE_ID);
    struct text rest = field && in->head_bytes <= LIMIT_TRACE_HEAD_BYTES ? field->value : TEXT("");
    static const char hex[] = "0123456789abcdef";
    const uint32_t now = (uint32_t)now_unix_s;
    bool has_root = false;
    struct text part;
    char *start = arena_take_raw(arena, rest.len + 64);
    char *at = start;

    if (!start) {
        return (struct text){0};
    }
    for (struct text look = rest; text_next(&look, ';', &part);) {
        has_root |= text_starts(text_trim(part), TEXT("Root="));
    }
    at = mempcpy(at, has_root ? "Self=1-" : "Root=1-", 7);
    for (int shift = 28; shift >= 0; shift -= 4) {
        *at++ = hex[now >> shift & 15];
    }
    *at++ = '-';
    for (size_t i = 0; i < FORWARD_TRACE_BYTES; i++) {
        *at++ = hex[id[i] >> 4];
        *at++ = hex[id[i] & 15];
    }
    while (text_next(&rest, ';', &part)) {
        part = text_trim(part);
        if (!text_is_empty(part) && !text_starts(part, TEXT("Self="))) {
            *at++ = ';';
            at = mempcpy(at, part.at, part.len);
        }
    }
    return (struct text){start, (size_t)(at - start)};
}

/* RFC 9112 §3.2.1: a target that is no proxy gets the origin form. */
static struct text target(struct forwarding *f)
{
    const struct http_request *in = f->in;
    struct text built;

    if (!text_is_empty(f->how->new_target)) {
        return f->how->new_target;
    }
    if (!in->is_absolute) {
        return in->target;
    }
    if (!in->query.at) {
        return in->path;
    }
    built = arena_printf(f->arena, "%.*s?%.*s", TEXT_ARG(in->path), TEXT_ARG(in->query));
    f->is_full |= !built.at;
    return built;
}

enum rc forward_response(const struct http_response *in, const struct http_fields *added,
                         struct arena *arena, struct http_response *out)
{
    const struct http_fields *fields = &in->fields;
    const size_t room = fields->count + (added ? added->count : 0);
    const bool is_special = http_connection_is_special(fields);
    struct http_field *at = arena_take_raw(arena, (room + 1) * sizeof(*at));

    if (!at) {
        return RC_LIMIT;
    }
    *out = *in;
    out->fields = (struct http_fields){at, 0};
    for (size_t i = 0; i < fields->count; i++) {
        const struct http_field *field = &fields->at[i];
        const bool is_replaced =
            added && field->id != HTTP_FIELD_SET_COOKIE && is_added(added, field->name);

        if (!is_replaced && !http_field_is_hop(field->id) &&
            !(is_special && !http_field_is_framing(field->id) &&
              http_connection_names(fields, field->name))) {
            at[out->fields.count++] = *field;
        }
    }
    for (size_t i = 0; added && i < added->count; i++) {
        at[out->fields.count++] = added->at[i];
    }
    return RC_OK;
}
