/* SPDX-License-Identifier: Apache-2.0 */
#include "http/page.h"

#include "base/limits.h"

#define FIELDS_MAX 7

#define HTML(title)                                                 \
    "<html>\r\n<head><title>" title "</title></head>\r\n<body>\r\n" \
    "<center><h1>" title "</h1></center>\r\n</body>\r\n</html>\r\n"

static const struct status {
    int code;
    struct text reason;
    struct text html;
} statuses[] = {
#define STATUS(code, reason)      {code, TEXT_INIT(reason), {NULL, 0}},
#define PAGE(code, reason, title) {code, TEXT_INIT(reason), TEXT_INIT(HTML(title))},
#include "http/statuses.def"
#undef STATUS
#undef PAGE
};

/* A Location that grows in place; too long a one is given up. */
struct location {
    char *at; /* LIMIT_LOCATION_BYTES */
    size_t len;
    bool is_too_long;
};

static const struct status *find(int status);
static struct page *new_page(struct arena *arena, int status, struct text content_type,
                             struct text body, struct page_about about);
static void add(struct page *page, enum http_field_id id, struct text name, struct text value);
static void write_location(struct location *location, const struct page_redirect *rule,
                           const struct page_place *place);
static void put(struct location *location, struct text text);
static void put_expanded(struct location *location, struct text pattern,
                         const struct page_place *place);
static void put_token(struct location *location, struct text token, const struct page_place *place);
static struct text bare_host(struct text host);

struct text page_reason(int status)
{
    const struct status *found = find(status);

    return found ? found->reason : TEXT("");
}

struct page *page_error(struct arena *arena, int status, struct page_about about)
{
    const struct status *found = find(status);

    const struct text html = found ? found->html : TEXT("");

    return new_page(arena, status, html.len > 0 ? TEXT("text/html") : TEXT(""), html, about);
}

struct page *page_grpc_unavailable(struct arena *arena, struct page_about about)
{
    struct page *page = new_page(arena, 502, TEXT("application/grpc"), TEXT(""), about);

    if (page) {
        add(page, HTTP_FIELD_GRPC_STATUS, TEXT("grpc-status"), TEXT("14"));
        add(page, HTTP_FIELD_OTHER, TEXT("grpc-message"), TEXT("unavailable"));
    }
    return page;
}

struct page *page_redirect(struct arena *arena, const struct page_redirect *rule,
                           const struct page_place *place, struct page_about about)
{
    char bytes[LIMIT_LOCATION_BYTES];
    struct location location = {.at = bytes};
    struct page *page;
    struct text value;

    write_location(&location, rule, place);
    if (location.is_too_long) {
        return page_error(arena, 507, about);
    }
    value = arena_text(arena, (struct text){location.at, location.len});
    page = value.at ? page_error(arena, rule->status, about) : NULL;
    if (page) {
        add(page, HTTP_FIELD_LOCATION, TEXT("Location"), value);
    }
    return page;
}

struct page *page_fixed(struct arena *arena, int status, struct text content_type, struct text body,
                        struct page_about about)
{
    struct text type = text_is_empty(content_type) ? TEXT("text/plain") : content_type;

    if (text_starts(type, TEXT("text/"))) {
        type = arena_printf(arena, "%.*s; charset=utf-8", TEXT_ARG(type));
    }
    return type.at ? new_page(arena, status, type, body, about) : NULL;
}

static const struct status *find(int status)
{
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        if (statuses[i].code == status) {
            return &statuses[i];
        }
    }
    return NULL;
}

/* Content-Length and Connection only hold the place where the writer puts its own. */
static struct page *new_page(struct arena *arena, int status, struct text content_type,
                             struct text body, struct page_about about)
{
    struct page *page = ARENA_NEW(arena, struct page);
    struct http_field *fields = ARENA_ARRAY(arena, struct http_field, FIELDS_MAX);

    if (!page || !fields) {
        return NULL;
    }
    page->response.status = status;
    page->response.reason = page_reason(status);
    page->response.version = HTTP_1_1;
    page->response.framing = HTTP_LENGTH;
    page->response.content_length = body.len;
    page->response.fields.at = fields;
    page->body = body;
    if (!about.hides_server) {
        add(page, HTTP_FIELD_SERVER, TEXT("Server"), TEXT("awselb/2.0"));
    }
    add(page, HTTP_FIELD_DATE, TEXT("Date"), about.date);
    if (!text_is_empty(content_type)) {
        add(page, HTTP_FIELD_CONTENT_TYPE, TEXT("Content-Type"), content_type);
    }
    add(page, HTTP_FIELD_CONTENT_LENGTH, TEXT("Content-Length"), TEXT(""));
    add(page, HTTP_FIELD_CONNECTION, TEXT("Connection"), TEXT(""));
    return page;
}

static void add(struct page *page, enum http_field_id id, struct text name, struct text value)
{
    struct http_fields *fields = &page->response.fields;

    ASSERT(fields->count < FIELDS_MAX);
    fields->at[fields->count++] = (struct http_field){name, value, id};
}

static struct text or_default(struct text text, struct text otherwise)
{
    return text_is_empty(text) ? otherwise : text;
}

static void write_location(struct location *location, const struct page_redirect *rule,
                           const struct page_place *place)
{
    const struct text protocol = or_default(rule->protocol, TEXT("#{protocol}"));
    size_t query_start;

    if (text_eq_nocase(protocol, TEXT("http")) || text_eq_nocase(protocol, TEXT("https"))) {
        put(location, protocol.len == 4 ? TEXT("http") : TEXT("https"));
    } else {
        put_expanded(location, protocol, place);
    }
    put(location, TEXT("://"));
    put_expanded(location, or_default(rule->host, TEXT("#{host}")), place);
    put(location, TEXT(":"));
    put_expanded(location, or_default(rule->port, TEXT("#{port}")), place);
    put_expanded(location, or_default(rule->path, TEXT("/#{path}")), place);
    put(location, TEXT("?"));
    query_start = location->len;
    put_expanded(location, rule->query.at ? rule->query : TEXT("#{query}"), place);
    if (location->len == query_start && !location->is_too_long) {
        location->len--; /* no '?' without a query */
    }
}

static void put(struct location *location, struct text text)
{
    if (location->is_too_long || text.len > LIMIT_LOCATION_BYTES - location->len) {
        location->is_too_long = true;
        return;
    }
    if (text.len > 0) {
        memcpy(location->at + location->len, text.at, text.len);
        location->len += text.len;
    }
}

static void put_expanded(struct location *location, struct text pattern,
                         const struct page_place *place)
{
    while (!text_is_empty(pattern)) {
        const size_t end = text_find(pattern, '}');

        if (text_starts(pattern, TEXT("#{")) && end < pattern.len) {
            put_token(location, text_slice(pattern, 2, end - 2), place);
            pattern = text_slice(pattern, end + 1, pattern.len);
            continue;
        }
        const size_t plain = 1 + text_find(text_slice(pattern, 1, pattern.len), '#');

        put(location, text_slice(pattern, 0, plain));
        pattern = text_slice(pattern, plain, pattern.len);
    }
}

static void put_token(struct location *location, struct text token, const struct page_place *place)
{
    if (text_eq(token, TEXT("protocol"))) {
        put(location, place->is_tls ? TEXT("https") : TEXT("http"));
    } else if (text_eq(token, TEXT("host"))) {
        put(location, bare_host(place->host));
    } else if (text_eq(token, TEXT("port"))) {
        char digits[5];
        size_t at = sizeof(digits);

        for (unsigned port = place->port; port > 0; port /= 10) {
            digits[--at] = (char)('0' + port % 10);
        }
        put(location, (struct text){digits + at, sizeof(digits) - at});
    } else if (text_eq(token, TEXT("path"))) {
        put(location, text_slice(place->path, 1, place->path.len));
    } else if (text_eq(token, TEXT("query"))) {
        put(location, place->query);
    }
}

static struct text bare_host(struct text host)
{
    const size_t bracket = text_starts(host, TEXT("[")) ? text_find(host, ']') : 0;

    return text_slice(host, 0, bracket + text_find(text_slice(host, bracket, host.len), ':'));
}
