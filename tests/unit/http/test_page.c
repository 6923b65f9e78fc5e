/* SPDX-License-Identifier: Apache-2.0 */
#include "http/page.h"

#include "base/limits.h"
#include "http/h1_write.h"
#include "test.h"

#include <stdio.h>

static const struct page_about about = {.date = TEXT_INIT("Tue, 13 Jan 2026 10:00:00 GMT")};

/* What a client of HTTP/1.1 would read. */
static struct text on_the_wire(struct arena *arena, const struct page *page)
{
    char head[16 * 1024];
    size_t len = 0;
    const struct h1_plan plan = h1_plan_response(&page->response, HTTP_1_1, HTTP_GET, false);

    assert_int_equal(h1_write_response(&page->response, plan, HTTP_1_1, head, sizeof(head), &len),
                     RC_OK);
    return arena_printf(arena, "%.*s%.*s", (int)len, head, TEXT_ARG(page->body));
}

TEST(page_error, is_albs_to_the_byte)
{
    AUTO(arena) struct arena *arena = arena_new(4096, 65536);

    assert_text_equal(on_the_wire(arena, page_error(arena, 503, about)),
                      TEXT("HTTP/1.1 503 Service Temporarily Unavailable\r\n"
                           "Server: awselb/2.0\r\n"
                           "Date: Tue, 13 Jan 2026 10:00:00 GMT\r\n"
                           "Content-Type: text/html\r\n"
                           "Content-Length: 162\r\n"
                           "Connection: keep-alive\r\n\r\n"
                           "<html>\r\n"
                           "<head><title>503 Service Temporarily Unavailable</title></head>\r\n"
                           "<body>\r\n"
                           "<center><h1>503 Service Temporarily Unavailable</h1></center>\r\n"
                           "</body>\r\n"
                           "</html>\r\n"));
}

TEST(page_error, has_the_lengths_that_were_observed)
{
    static const struct {
        int status;
        size_t len;
    } known[] = {{301, 134}, {302, 110}, {400, 122}, {401, 144}, {403, 118}, {500, 142},
                 {502, 122}, {503, 162}, {504, 132}, {507, 140}, {464, 0},   {463, 0}};
    AUTO(arena) struct arena *arena = arena_new(4096, 65536);

    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        assert_int_equal(page_error(arena, known[i].status, about)->body.len, known[i].len);
    }
}

TEST(page_error, without_a_page_has_no_type)
{
    AUTO(arena) struct arena *arena = arena_new(4096, 65536);

    assert_text_equal(on_the_wire(arena, page_error(arena, 464, about)),
                      TEXT("HTTP/1.1 464 \r\nServer: awselb/2.0\r\n"
                           "Date: Tue, 13 Jan 2026 10:00:00 GMT\r\n"
                           "Content-Length: 0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST(page_error, can_hide_the_server)
{
    AUTO(arena) struct arena *arena = arena_new(4096, 65536);
    const struct page *page =
        page_error(arena, 500, (struct page_about){about.date, .hides_server = true});

    assert_null(http_find(&page->response.fields, HTTP_FIELD_SERVER));
}

static void redirects(struct page_redirect rule, struct page_place place, const char *expected)
{
    AUTO(arena) struct arena *arena = arena_new(4096, 65536);
    const struct page *page;

    rule.status = 301;
    page = page_redirect(arena, &rule, &place, about);
    assert_text_equal(http_find(&page->response.fields, HTTP_FIELD_LOCATION)->value,
                      text_of(expected));
}

TEST(page_redirect, keeps_what_the_rule_leaves_out)
{
    const struct page_place place = {false, 80, TEXT("example.com:8080"), TEXT("/a/b"),
                                     TEXT("c=d")};
    const struct page_place plain = {true, 8443, TEXT("[::1]:1"), TEXT("/"), TEXT("")};

    redirects((struct page_redirect){.protocol = TEXT("HTTPS"), .port = TEXT("443")}, place,
              "https://example.com:443/a/b?c=d");
    redirects((struct page_redirect){0}, plain, "https://[::1]:8443/");
}

TEST(page_redirect, expands_every_token)
{
    const struct page_place place = {false, 80, TEXT("h"), TEXT("/p"), TEXT("q=1")};

    redirects((struct page_redirect){.protocol = TEXT("#{protocol}"),
                                     .host = TEXT("www.#{host}"),
                                     .port = TEXT("#{port}"),
                                     .path = TEXT("/x/#{path}/#{port}#"),
                                     .query = TEXT("a=#{query}&b=#{protocol}#{none}")},
              place, "http://www.h:80/x/p/80#?a=q=1&b=http");
    redirects((struct page_redirect){.path = TEXT("/new"), .query = TEXT("")}, place,
              "http://h:80/new");
}

TEST(page_redirect, writes_the_fields_in_the_order_observed)
{
    AUTO(arena) struct arena *arena = arena_new(4096, 65536);
    const struct page_place place = {false, 80, TEXT("h"), TEXT("/"), TEXT("")};
    const struct page_redirect rule = {.protocol = TEXT("HTTPS"), .status = 302};
    const struct text wire = on_the_wire(arena, page_redirect(arena, &rule, &place, about));

    assert_true(text_starts(wire, TEXT("HTTP/1.1 302 Moved Temporarily\r\nServer: awselb/2.0\r\n"
                                       "Date: Tue, 13 Jan 2026 10:00:00 GMT\r\n"
                                       "Content-Type: text/html\r\nContent-Length: 110\r\n"
                                       "Connection: keep-alive\r\n"
                                       "Location: https://h:80/\r\n\r\n<html>\r\n"
                                       "<head><title>302 Found<")));
}

TEST(page_redirect, gives_up_on_a_location_beyond_8k)
{
    AUTO(arena) struct arena *arena = arena_new(4096, 65536);
    static char query[LIMIT_LOCATION_BYTES];
    struct page_place place = {false, 80, TEXT("h"), TEXT("/"), {query, sizeof(query) - 15}};
    const struct page_redirect rule = {.protocol = TEXT("HTTPS"), .status = 301};

    memset(query, 'q', sizeof(query));
    place.query.len = sizeof(query) - strlen("https://h:80/?");
    assert_int_equal(page_redirect(arena, &rule, &place, about)->response.status, 301);
    place.query.len++;
    assert_int_equal(page_redirect(arena, &rule, &place, about)->response.status, 507);
}

TEST(page_fixed, tells_the_charset_of_text)
{
    AUTO(arena) struct arena *arena = arena_new(4096, 65536);

    assert_text_equal(
        on_the_wire(arena, page_fixed(arena, 404, TEXT(""), TEXT("gone"), about)),
        TEXT("HTTP/1.1 404 Not Found\r\nServer: awselb/2.0\r\n"
             "Date: Tue, 13 Jan 2026 10:00:00 GMT\r\nContent-Type: text/plain; charset=utf-8\r\n"
             "Content-Length: 4\r\nConnection: keep-alive\r\n\r\ngone"));
    assert_text_equal(
        http_find(
            &page_fixed(arena, 200, TEXT("application/json"), TEXT(""), about)->response.fields,
            HTTP_FIELD_CONTENT_TYPE)
            ->value,
        TEXT("application/json"));
}

TESTS({
    CASE(page_error__is_albs_to_the_byte),
    CASE(page_error__has_the_lengths_that_were_observed),
    CASE(page_error__without_a_page_has_no_type),
    CASE(page_error__can_hide_the_server),
    CASE(page_redirect__keeps_what_the_rule_leaves_out),
    CASE(page_redirect__expands_every_token),
    CASE(page_redirect__writes_the_fields_in_the_order_observed),
    CASE(page_redirect__gives_up_on_a_location_beyond_8k),
    CASE(page_fixed__tells_the_charset_of_text),
})
