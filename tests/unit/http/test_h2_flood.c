/* SPDX-License-Identifier: Apache-2.0 */
/* Raw frames, for what no client of ours would send: malformed heads and floods. */
#include "h2_side.h"

struct raw {
    struct side server;
    char bytes[512 * 1024];
    size_t len;
    int64_t now_ms;
};

static struct raw *raw_new(void)
{
    struct raw *raw = MEM_NEW(struct raw);

    arenas_lent = 0;
    side_init(&raw->server, true);
    memcpy(raw->bytes, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24);
    raw->len = 24;
    return raw;
}

static void raw_frame(struct raw *raw, uint8_t type, uint8_t flags, uint32_t stream,
                      struct text payload)
{
    const uint8_t head[9] = {(uint8_t)(payload.len >> 16),
                             (uint8_t)(payload.len >> 8),
                             (uint8_t)payload.len,
                             type,
                             flags,
                             (uint8_t)(stream >> 24),
                             (uint8_t)(stream >> 16),
                             (uint8_t)(stream >> 8),
                             (uint8_t)stream};

    assert_true(raw->len + 9 + payload.len <= sizeof(raw->bytes));
    memcpy(raw->bytes + raw->len, head, 9);
    if (payload.len > 0) {
        memcpy(raw->bytes + raw->len + 9, payload.at, payload.len);
    }
    raw->len += 9 + payload.len;
}

/* A literal field, not indexed. */
static size_t literal(char *at, const char *name, struct text value)
{
    const size_t name_len = strlen(name);
    size_t len = 0;

    at[len++] = 0;
    at[len++] = (char)name_len;
    memcpy(at + len, name, name_len);
    len += name_len;
    assert_true(value.len < 127);
    at[len++] = (char)value.len;
    memcpy(at + len, value.at, value.len);
    return len + value.len;
}

#define INDEXED_GET "\x82\x87\x84\x01\x01h" /* GET, https, /, :authority h */

static void raw_send(struct raw *raw)
{
    raw->server.rc = h2_receive(raw->server.h2, (struct text){raw->bytes, raw->len}, raw->now_ms,
                                &raw->server.fault);
    raw->len = 0;
}

/* What the server wrote holds a frame of this type with this error code in its last four bytes. */
static bool raw_answered(struct raw *raw, uint8_t type, uint32_t code)
{
    const uint8_t *at = (const uint8_t *)raw->server.output.at;
    const uint8_t *end;
    bool found = false;

    (void)!h2_flush(raw->server.h2);
    end = at + raw->server.output.len;
    while (end - at >= 9) {
        const size_t len = (size_t)at[0] << 16 | (size_t)at[1] << 8 | at[2];
        const uint8_t *error = at + 9 + (type == NGHTTP2_GOAWAY ? 4 : 0);

        if (at[3] == type && (uint32_t)(error[2] << 8 | error[3]) == code) {
            found = true;
        }
        at += 9 + len;
    }
    raw->server.output.len = 0;
    return found;
}

static void raw_free(struct raw *raw)
{
    struct h2_event event;

    while (h2_next(raw->server.h2, &event)) {
        finish(event.stream);
    }
    side_done(&raw->server);
    mem_give(raw);
    assert_int_equal(arenas_lent, 0);
}

/* GET with more fields; gives the event's stream, or NULL when it was reset. */
static struct h2_stream *raw_request(struct raw *raw, struct text fields)
{
    char block[1024];
    struct h2_event event;

    raw_frame(raw, NGHTTP2_SETTINGS, 0, 0, TEXT(""));
    memcpy(block, INDEXED_GET, sizeof(INDEXED_GET) - 1);
    memcpy(block + sizeof(INDEXED_GET) - 1, fields.at, fields.len);
    raw_frame(raw, NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM, 1,
              (struct text){block, sizeof(INDEXED_GET) - 1 + fields.len});
    raw_send(raw);
    return h2_next(raw->server.h2, &event) ? event.stream : NULL;
}

TEST(h2_request, refuses_malformed_fields_as_stream_errors)
{
    static const struct {
        const char *name;
        struct text value;
    } bad[] = {
        {"Upper", TEXT_INIT("a")},
        {"connection", TEXT_INIT("close")},
        {"transfer-encoding", TEXT_INIT("chunked")},
        {"keep-alive", TEXT_INIT("1")},
        {"upgrade", TEXT_INIT("x")},
        {"te", TEXT_INIT("gzip")},
        {"a b", TEXT_INIT("c")},
        {"", TEXT_INIT("c")},
        {"a", TEXT_INIT("b\nc")},
        {"a", TEXT_INIT("b\rc")},
        {"a", TEXT_INIT("b\0c")},
        {"a", TEXT_INIT(" b")},
        {":path", TEXT_INIT("/twice")},
        {":unknown", TEXT_INIT("x")},
        {"content-length", TEXT_INIT("5")},
        {"content-length", TEXT_INIT("x")},
    };

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct raw *raw = raw_new();
        char field[256];
        const size_t len = literal(field, bad[i].name, bad[i].value);

        if (raw_request(raw, (struct text){field, len})) {
            print_error("case %zu: %s\n", i, bad[i].name);
            fail();
        }
        assert_true(raw_answered(raw, NGHTTP2_RST_STREAM, NGHTTP2_PROTOCOL_ERROR));
        assert_int_equal(raw->server.rc, RC_OK);
        raw_free(raw);
    }
}

TEST(h2_request, delivers_what_it_can_read_but_not_serve)
{
    struct raw *raw = raw_new();
    char field[256];
    size_t len = literal(field, "host", TEXT("other"));
    struct h2_stream *stream = raw_request(raw, (struct text){field, len});
    int status;

    assert_non_null(stream);
    assert_non_null(h2_stream_fault(stream, &status));
    assert_int_equal(status, 400);
    finish(stream);
    raw_free(raw);
}

TEST(h2_request, joins_cookies)
{
    struct raw *raw = raw_new();
    char fields[256];
    size_t len = literal(fields, "cookie", TEXT("a=1"));
    struct h2_stream *stream;

    len += literal(fields + len, "x", TEXT("y"));
    len += literal(fields + len, "cookie", TEXT("b=2"));
    stream = raw_request(raw, (struct text){fields, len});
    assert_non_null(stream);
    assert_int_equal(h2_stream_request(stream)->fields.count, 2);
    assert_text_equal(h2_stream_request(stream)->fields.at[0].value, TEXT("a=1; b=2"));
    finish(stream);
    raw_free(raw);
}

TEST(h2_request, refuses_paths_that_http_1_1_cannot_carry)
{
    static const struct text bad[] = {TEXT_INIT("/a b"), TEXT_INIT("/a#b"), TEXT_INIT("*"),
                                      TEXT_INIT("a"), TEXT_INIT("/\x01")};

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct raw *raw = raw_new();
        char block[256] = "\x82\x87";
        size_t len = 2;
        struct h2_event event;
        int status = 0;

        len += literal(block + len, ":path", bad[i]);
        len += literal(block + len, ":authority", TEXT("h"));
        raw_frame(raw, NGHTTP2_SETTINGS, 0, 0, TEXT(""));
        raw_frame(raw, NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM, 1,
                  (struct text){block, len});
        raw_send(raw);
        if (h2_next(raw->server.h2, &event)) {
            assert_non_null(h2_stream_fault(event.stream, &status));
            assert_int_equal(status, 400);
            finish(event.stream);
        } else {
            assert_true(raw_answered(raw, NGHTTP2_RST_STREAM, NGHTTP2_PROTOCOL_ERROR));
        }
        raw_free(raw);
    }
}

/* Repeats a frame until the session has enough; gives how many it took. */
static int flood(struct raw *raw, uint8_t type, uint8_t flags, uint32_t stream, struct text payload,
                 int times_max)
{
    for (int i = 0; i < times_max; i++) {
        raw_frame(raw, type, flags, stream, payload);
        raw_send(raw);
        if (raw->server.rc != RC_OK) {
            assert_int_equal(raw->server.rc, RC_LIMIT);
            assert_true(raw_answered(raw, NGHTTP2_GOAWAY, NGHTTP2_ENHANCE_YOUR_CALM));
            assert_true(h2_is_over(raw->server.h2));
            return i;
        }
        (void)!h2_flush(raw->server.h2);
        raw->server.output.len = 0;
    }
    return times_max;
}

static struct raw *raw_started(void)
{
    struct raw *raw = raw_new();

    raw_frame(raw, NGHTTP2_SETTINGS, 0, 0, TEXT(""));
    raw_send(raw);
    (void)!h2_flush(raw->server.h2);
    raw->server.output.len = 0;
    return raw;
}

TEST(h2_flood, ends_control_frames_without_end)
{
    static const struct {
        uint8_t type;
        uint8_t flags;
        struct text payload;
    } cases[] = {
        {NGHTTP2_PING, 0, TEXT_INIT("12345678")},
        {NGHTTP2_PING, NGHTTP2_FLAG_ACK, TEXT_INIT("12345678")},
        {NGHTTP2_SETTINGS, 0, TEXT_INIT("")},
        {NGHTTP2_SETTINGS, 0, TEXT_INIT("\0\4\0\0\xff\xff")},
        {NGHTTP2_WINDOW_UPDATE, 0, TEXT_INIT("\0\0\0\1")},
        {NGHTTP2_PRIORITY_UPDATE, 0, TEXT_INIT("\0\0\0\1u=1")},
        {0x77, 0, TEXT_INIT("unknown")},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct raw *raw = raw_started();

        assert_in_range(flood(raw, cases[i].type, cases[i].flags, 0, cases[i].payload, 20000), 100,
                        15000);
        raw_free(raw);
    }
}

TEST(h2_flood, ends_priority_without_end)
{
    struct raw *raw = raw_started();

    assert_in_range(flood(raw, NGHTTP2_PRIORITY, 0, 3, TEXT("\0\0\0\0\1"), 20000), 100, 15000);
    raw_free(raw);
}

TEST(h2_flood, ends_empty_data_without_end)
{
    struct raw *raw = raw_started();
    struct h2_event event;

    raw_frame(raw, NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, 1, TEXT(INDEXED_GET));
    raw_send(raw);
    assert_true(h2_next(raw->server.h2, &event));
    assert_in_range(flood(raw, NGHTTP2_DATA, 0, 1, TEXT(""), 20000), 100, 2000);
    raw_free(raw);
}

TEST(h2_flood, ends_padding_without_end)
{
    struct raw *raw = raw_started();
    struct h2_event event;

    raw_frame(raw, NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, 1, TEXT(INDEXED_GET));
    raw_send(raw);
    assert_true(h2_next(raw->server.h2, &event));
    assert_in_range(flood(raw, NGHTTP2_DATA, NGHTTP2_FLAG_PADDED, 1, TEXT("\1\0"), 20000), 100,
                    2000);
    raw_free(raw);
}

/* CVE-2023-44487. Nothing of it reaches the user, and no arena stays. */
TEST(h2_flood, ends_rapid_resets)
{
    struct raw *raw = raw_started();
    uint32_t stream = 1;

    while (raw->server.rc == RC_OK && stream < 20000) {
        raw_frame(raw, NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM, stream,
                  TEXT(INDEXED_GET));
        raw_frame(raw, NGHTTP2_RST_STREAM, 0, stream, TEXT("\0\0\0\x08"));
        raw_send(raw);
        assert_int_equal(arenas_lent, 0);
        stream += 2;
    }
    assert_in_range(stream / 2, 500, 1100);
    assert_true(raw_answered(raw, NGHTTP2_GOAWAY, NGHTTP2_ENHANCE_YOUR_CALM));
    raw_free(raw);
}

/* CVE-2025-8671: the client makes us reset: here by a window that overflows. */
TEST(h2_flood, ends_provoked_resets)
{
    struct raw *raw = raw_started();
    uint32_t stream = 1;
    struct h2_event event;

    while (raw->server.rc == RC_OK && stream < 20000) {
        raw_frame(raw, NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM, stream,
                  TEXT(INDEXED_GET));
        raw_frame(raw, NGHTTP2_WINDOW_UPDATE, 0, stream, TEXT("\x7f\xff\xff\xff"));
        raw_send(raw);
        while (h2_next(raw->server.h2, &event)) {
            finish(event.stream);
        }
        (void)!h2_flush(raw->server.h2);
        raw->server.output.len = 0;
        stream += 2;
    }
    assert_in_range(stream / 2, 300, 1100);
    raw_free(raw);
}

TEST(h2_flood, ends_continuation_without_end)
{
    struct raw *raw = raw_started();

    raw_frame(raw, NGHTTP2_HEADERS, 0, 1, TEXT(INDEXED_GET));
    raw_send(raw);
    assert_in_range(flood(raw, NGHTTP2_CONTINUATION, 0, 1,
                          TEXT("\x00\x01"
                               "a\x01"
                               "b"),
                          1000),
                    4, LIMIT_H2_CONTINUATIONS + 1);
    raw_free(raw);
}

/* One large field in the table, then a thousand references to it: HPACK's amplification. */
TEST(h2_flood, ends_header_bombs)
{
    struct raw *raw = raw_started();
    static char block[8192];
    size_t len = sizeof(INDEXED_GET) - 1;

    memcpy(block, INDEXED_GET, len);
    block[len++] = 0x40; /* literal with indexing */
    block[len++] = 1;
    block[len++] = 'a';
    block[len++] = 0x7f; /* 127 + ... = 3000 */
    block[len++] = (char)(((3000 - 127) & 0x7f) | 0x80);
    block[len++] = (char)((3000 - 127) >> 7);
    memset(block + len, 'x', 3000);
    len += 3000;
    memset(block + len, 0xbe, 1000); /* the newest entry */
    len += 1000;
    raw_frame(raw, NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM, 1,
              (struct text){block, len});
    raw_send(raw);
    assert_int_equal(raw->server.rc, RC_LIMIT);
    assert_true(raw_answered(raw, NGHTTP2_GOAWAY, NGHTTP2_ENHANCE_YOUR_CALM));
    raw_free(raw);
}

/* Thousands of tiny cookies: below the bomb's size they are one request too large. */
TEST(h2_flood, refuses_cookie_crumbs)
{
    struct raw *raw = raw_started();
    static char block[16384];
    size_t len = sizeof(INDEXED_GET) - 1;
    struct h2_event event;
    int status;

    memcpy(block, INDEXED_GET, len);
    for (int i = 0; i < 1000; i++) {
        block[len++] = 0x0f; /* literal, name of entry 32: cookie */
        block[len++] = 0x11;
        block[len++] = 1;
        block[len++] = 'a';
    }
    raw_frame(raw, NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM, 1,
              (struct text){block, len});
    raw_send(raw);
    assert_int_equal(raw->server.rc, RC_OK);
    assert_true(h2_next(raw->server.h2, &event));
    assert_non_null(h2_stream_fault(event.stream, &status));
    assert_int_equal(status, 400);
    finish(event.stream);
    raw_free(raw);
}

TEST(h2_flood, forgives_with_time)
{
    struct raw *raw = raw_started();

    for (int i = 0; i < 20000; i++) {
        raw->now_ms += 40; /* 25 a second: an eager but honest client */
        raw_frame(raw, NGHTTP2_PING, 0, 0, TEXT("12345678"));
        raw_send(raw);
        assert_int_equal(raw->server.rc, RC_OK);
        (void)!h2_flush(raw->server.h2);
        raw->server.output.len = 0;
    }
    raw_free(raw);
}

TEST(h2_flood, lets_acknowledgements_not_pile_up)
{
    struct raw *raw = raw_started();

    h2_output(raw->server.h2, NULL); /* a client that does not read */
    for (int i = 0; i < 200 && raw->server.rc == RC_OK; i++) {
        raw_frame(raw, NGHTTP2_PING, 0, 0, TEXT("12345678"));
        raw_send(raw);
    }
    assert_int_equal(raw->server.rc, RC_LIMIT);
    raw_free(raw);
}

TEST(h2_receive, refuses_what_is_not_http_2)
{
    struct side server;

    arenas_lent = 0;
    side_init(&server, true);
    assert_int_equal(
        h2_receive(server.h2, TEXT("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), 0, &server.fault), RC_BAD);
    assert_true(h2_is_over(server.h2));
    side_done(&server);
}

TESTS({
    CASE(h2_request__refuses_malformed_fields_as_stream_errors),
    CASE(h2_request__delivers_what_it_can_read_but_not_serve),
    CASE(h2_request__joins_cookies),
    CASE(h2_request__refuses_paths_that_http_1_1_cannot_carry),
    CASE(h2_flood__ends_control_frames_without_end),
    CASE(h2_flood__ends_priority_without_end),
    CASE(h2_flood__ends_empty_data_without_end),
    CASE(h2_flood__ends_padding_without_end),
    CASE(h2_flood__ends_rapid_resets),
    CASE(h2_flood__ends_provoked_resets),
    CASE(h2_flood__ends_continuation_without_end),
    CASE(h2_flood__ends_header_bombs),
    CASE(h2_flood__refuses_cookie_crumbs),
    CASE(h2_flood__forgives_with_time),
    CASE(h2_flood__lets_acknowledgements_not_pile_up),
    CASE(h2_receive__refuses_what_is_not_http_2),
})
