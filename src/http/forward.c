/* SPDX-License-Identifier: Apache-2.0 */
#include "http/forward.h"

#include "base/limits.h"
#include "http/scan.h"
#include "http/upgrade.h"

#include <arpa/inet.h>
#include <endian.h>

#define TRACE_BYTES 64 /* of one of ours: Self=1-8 digits-24 digits, and a ';' */
#define OURS_MAX    7  /* X-Forwarded-*, Host, trace id, two of TLS */

/* One call of forward_request. */
struct forwarding {
    const struct http_request *in;
    const struct forward *how;
    struct arena *arena;
    struct http_request *out;
    struct forward_counts *counts;
    struct http_field *field; /* of ours, being written */
    char *at;                 /* where the lines of ours go on */
    const char *end;
    bool is_full;
};

static void add_ours(struct forwarding *f);
static void add_clients(struct forwarding *f);
static size_t ours_bytes(const struct forwarding *f);
static void begin(struct forwarding *f, enum http_field_id id, struct text name);
static void end(struct forwarding *f);
static void put(struct forwarding *f, struct text text);
static void put_port(struct forwarding *f, uint16_t port);
static void put_forwarded_for(struct forwarding *f);
static void put_host(struct forwarding *f);
static void put_plain_host(struct forwarding *f, struct text name);
static void put_trace(struct forwarding *f);
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
    struct forwarding f = {.in = in, .how = how, .arena = arena, .out = out, .counts = counts};
    const size_t room = in->fields.count + OURS_MAX + (how->added ? how->added->count : 0);

    memset(out, 0, sizeof(*out));
    *counts = (struct forward_counts){0};
    out->fields.at = arena_take_raw(arena, room * sizeof(*out->fields.at));
    f.at = arena_take_raw(arena, ours_bytes(&f));
    if (!out->fields.at || !f.at) {
        return RC_LIMIT;
    }
    f.end = f.at + ours_bytes(&f);
    out->method = in->method;
    out->method_id = in->method_id;
    out->version = HTTP_1_1;
    out->is_lower_case = in->version == HTTP_2;
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

/* A name of a listener's or of ours, for a request that came by HTTP/2. */
static void make_lower(struct forwarding *f, struct http_field *field)
{
    char *lower = arena_take_raw(f->arena, field->name.len);

    f->is_full |= !lower;
    for (size_t i = 0; lower && i < field->name.len; i++) {
        lower[i] = ascii_lower(field->name.at[i]);
    }
    field->name.at = lower ? lower : field->name.at;
}

/* AWS ALB, "HTTP headers": of a request that comes by HTTP/2 and goes on by HTTP/1.1 all names are
 * in lower case but X-Forwarded-*, Host, X-Amzn-Trace-Id, Upgrade and Connection. */
static void add_ours(struct forwarding *f)
{
    const struct forward *how = f->how;

    if (how->xff == FORWARD_XFF_APPEND) {
        begin(f, HTTP_FIELD_X_FORWARDED_FOR, TEXT("X-Forwarded-For: "));
        put_forwarded_for(f);
        end(f);
    }
    begin(f, HTTP_FIELD_X_FORWARDED_PROTO, TEXT("X-Forwarded-Proto: "));
    put(f, how->is_tls ? TEXT("https") : TEXT("http"));
    end(f);
    begin(f, HTTP_FIELD_X_FORWARDED_PORT, TEXT("X-Forwarded-Port: "));
    put_port(f, how->listener_port);
    end(f);
    begin(f, HTTP_FIELD_HOST, TEXT("Host: "));
    put_host(f);
    end(f);
    f->out->authority = f->field->value;
    begin(f, HTTP_FIELD_X_AMZN_TRACE_ID, TEXT("X-Amzn-Trace-Id: "));
    put_trace(f);
    end(f);
    if (!text_is_empty(how->tls_version)) {
        begin(f, HTTP_FIELD_X_AMZN_TLS_VERSION,
              f->out->is_lower_case ? TEXT("x-amzn-tls-version: ") : TEXT("X-Amzn-Tls-Version: "));
        put(f, how->tls_version);
        end(f);
    }
    if (!text_is_empty(how->tls_cipher)) {
        begin(f, HTTP_FIELD_X_AMZN_TLS_CIPHER_SUITE,
              f->out->is_lower_case ? TEXT("x-amzn-tls-cipher-suite: ")
                                    : TEXT("X-Amzn-Tls-Cipher-Suite: "));
        put(f, how->tls_cipher);
        end(f);
    }
    for (size_t i = 0; how->added && i < how->added->count; i++) {
        struct http_field *field = &f->out->fields.at[f->out->fields.count++];

        *field = how->added->at[i];
        if (f->out->is_lower_case) {
            make_lower(f, field);
        }
    }
}

/* ---- lines of ours -------------------------------------------------------------------------
 * They stand behind each other in one piece of the arena, as lines, so that the writer copies them
 * in one go. */

/* What they take at most: the texts that go into them, and what stands around those. */
static size_t ours_bytes(const struct forwarding *f)
{
    const struct forward *how = f->how;
    const struct http_fields *fields = &f->in->fields;
    size_t bytes = OURS_MAX * sizeof("X-Amzn-Tls-Cipher-Suite: [:65535]\r\n") + TRACE_BYTES +
                   how->client_address.len + how->new_host.len + how->default_host.len +
                   f->in->authority.len + how->tls_version.len + how->tls_cipher.len;

    for (size_t i = 0; i < fields->count; i++) {
        const enum http_field_id id = fields->at[i].id;

        if (id == HTTP_FIELD_X_FORWARDED_FOR || id == HTTP_FIELD_HOST ||
            id == HTTP_FIELD_X_AMZN_TRACE_ID) {
            bytes += fields->at[i].value.len + 2;
        }
    }
    return bytes;
}

/* `name` with its colon and space. */
static void begin(struct forwarding *f, enum http_field_id id, struct text name)
{
    f->field = &f->out->fields.at[f->out->fields.count++];
    *f->field = (struct http_field){.name = {f->at, name.len - 2}, .id = id, .is_line = true};
    put(f, name);
    f->field->value.at = f->at;
}

static void end(struct forwarding *f)
{
    f->field->value.len = (size_t)(f->at - f->field->value.at);
    put(f, TEXT("\r\n"));
}

static void put(struct forwarding *f, struct text text)
{
    ASSERT(text.len <= (size_t)(f->end - f->at));
    if (text.len > 0) {
        f->at = mempcpy(f->at, text.at, text.len);
    }
}

static void put_port(struct forwarding *f, uint16_t port)
{
    char digits[TEXT_U64_BYTES];

    put(f, text_of_u64(port, digits));
}

/* All that came, in order, and the client as the last element. */
static void put_forwarded_for(struct forwarding *f)
{
    const struct text client = f->how->client_address;
    const struct http_fields *fields = &f->in->fields;

    for (size_t i = 0; i < fields->count; i++) {
        const struct text value = fields->at[i].value;

        if (fields->at[i].id == HTTP_FIELD_X_FORWARDED_FOR && value.len > 0) {
            put(f, value);
            put(f, TEXT(", "));
        }
    }
    if (!f->how->is_xff_client_port) {
        put(f, client);
        return;
    }
    const bool is_v6 = text_find(client, ':') < client.len;
    put(f, is_v6 ? TEXT("[") : TEXT(""));
    put(f, client);
    put(f, is_v6 ? TEXT("]:") : TEXT(":"));
    put_port(f, f->how->client_port);
}

/* AWS ALB, "Host header preservation". */
static void put_host(struct forwarding *f)
{
    const struct forward *how = f->how;
    const struct http_field *field = http_find(&f->in->fields, HTTP_FIELD_HOST);
    const struct text name = text_is_empty(f->in->authority) ? how->default_host : f->in->authority;

    if (!text_is_empty(how->new_host)) {
        put(f, how->new_host);
        f->field->is_line = false; /* what a rule made of it is for the writer to check */
    } else if (how->preserves_host && field) {
        put(f, field->value);
    } else if (how->preserves_host && !text_is_empty(f->in->authority)) {
        put(f, f->in->authority);
    } else {
        put_plain_host(f, name);
    }
}

/* In lower case, with the listener's port unless that is the usual one or the client named one. */
static void put_plain_host(struct forwarding *f, struct text name)
{
    const uint16_t port = f->how->listener_port;
    const bool is_usual_port = port == 80 || port == 443;
    const size_t bracket = text_starts(name, TEXT("[")) ? text_find(name, ']') : 0;
    const size_t colon = bracket + text_find(text_slice(name, bracket, name.len), ':');
    const bool has_port = colon + 1 < name.len;
    const size_t len = is_usual_port || !has_port ? colon : name.len;

    char *at = f->at;

    ASSERT(len <= (size_t)(f->end - at));
    for (size_t i = 0; i < len; i++) {
        *at++ = ascii_lower(name.at[i]);
    }
    f->at = at;
    if (!is_usual_port && !has_port) {
        put(f, TEXT(":"));
        put_port(f, port);
    }
}

/* Its eight digits, all at once: each half of a byte gets a byte of its own, and those above 9 move
 * on from behind '9' to the letters. */
static char *write_hex(char *at, uint32_t number)
{
    const uint64_t ones = 0x0101010101010101;
    uint64_t digits = number;

    digits = (digits | digits << 16) & 0x0000ffff0000ffff;
    digits = (digits | digits << 8) & 0x00ff00ff00ff00ff;
    digits = (digits | digits << 4) & 0x0f0f0f0f0f0f0f0f;
    digits += '0' * ones + ((digits + 6 * ones) >> 4 & ones) * ('a' - '9' - 1);
    digits = htobe64(digits);
    return mempcpy(at, &digits, sizeof(digits));
}

/* What came and may be kept of it. */
static struct text trace_of(const struct http_request *in)
{
    const struct http_field *field = http_find(&in->fields, HTTP_FIELD_X_AMZN_TRACE_ID);

    return field && in->head_bytes <= LIMIT_TRACE_HEAD_BYTES ? field->value : TEXT("");
}

/* AWS ALB, "Request tracing". Writes at most TRACE_BYTES and what came; gives the end. */
static char *write_trace(char *at, struct text rest, int64_t now_unix_s,
                         const uint8_t id[FORWARD_TRACE_BYTES])
{
    bool has_root = false;
    struct text part;

    for (struct text look = rest; text_next(&look, ';', &part);) {
        has_root |= text_starts(text_trim(part), TEXT("Root="));
    }
    at = mempcpy(at, has_root ? "Self=1-" : "Root=1-", 7);
    at = write_hex(at, (uint32_t)now_unix_s);
    *at++ = '-';
    for (size_t i = 0; i < FORWARD_TRACE_BYTES; i += sizeof(uint32_t)) {
        uint32_t part_of_id;

        memcpy(&part_of_id, id + i, sizeof(part_of_id));
        at = write_hex(at, ntohl(part_of_id));
    }
    while (text_next(&rest, ';', &part)) {
        part = text_trim(part);
        if (!text_is_empty(part) && !text_starts(part, TEXT("Self="))) {
            *at++ = ';';
            at = mempcpy(at, part.at, part.len);
        }
    }
    return at;
}

static void put_trace(struct forwarding *f)
{
    const struct text came = trace_of(f->in);

    ASSERT(came.len + TRACE_BYTES <= (size_t)(f->end - f->at));
    f->at = write_trace(f->at, came, f->how->now_unix_s, f->how->trace);
}

struct text forward_trace_new(const struct http_request *in, int64_t now_unix_s,
                              const uint8_t id[FORWARD_TRACE_BYTES], struct arena *arena)
{
    const struct text came = trace_of(in);
    char *start = arena_take_raw(arena, came.len + TRACE_BYTES);

    return start ? (struct text){start, (size_t)(write_trace(start, came, now_unix_s, id) - start)}
                 : (struct text){0};
}

/* ---- fields of the client -------------------------------------------------------------------- */

static void add_clients(struct forwarding *f)
{
    const struct http_fields *fields = &f->in->fields;
    const bool is_special = http_connection_is_special(fields);
    const bool drops = f->how->dropped && f->how->dropped->count > 0;

    for (size_t i = 0; i < fields->count; i++) {
        const struct http_field *field = &fields->at[i];

        if (is_ours(f, field) || (f->how->added && is_added(f->how->added, field->name)) ||
            (drops && is_added(f->how->dropped, field->name))) {
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

enum rc forward_set_fields(const struct http_response *in, const struct http_fields *set,
                           struct arena *arena, struct http_response *out)
{
    struct http_field *at =
        arena_take_raw(arena, (in->fields.count + set->count + 1) * sizeof(*at));

    if (!at) {
        return RC_LIMIT;
    }
    *out = *in;
    out->fields = (struct http_fields){at, 0};
    for (size_t i = 0; i < in->fields.count; i++) {
        if (!is_added(set, in->fields.at[i].name)) {
            at[out->fields.count++] = in->fields.at[i];
        }
    }
    for (size_t i = 0; i < set->count; i++) {
        at[out->fields.count++] = set->at[i];
    }
    return RC_OK;
}
