/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "wire.h"

#include "base/limits.h"
#include "base/mem.h"
#include "http/forward.h"
#include "http/h1.h"
#include "http/h1_body.h"
#include "http/h1_write.h"

#define WIRE_BYTES (512 * 1024)

/* One input, and what became of it. */
struct play {
    struct forward how;
    struct arena *arena;
    struct http_request head; /* the client's */
    struct http_request out;
    struct wire_head wire; /* what a target sees of `out` */
};

static void same(struct text a, struct text b)
{
    ASSERT(text_eq(a, b));
}

static bool is_plain(struct text name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (!wire_is_alnum(name.at[i]) && name.at[i] != '-') {
            return false;
        }
    }
    return true;
}

/* What AWS ALB's pages say about a client's field, in words of our own. */
static bool is_passed_on(const struct play *play, const struct http_field *field)
{
    static const struct text replaced[] = {
        TEXT_INIT("host"),
        TEXT_INIT("expect"),
        TEXT_INIT("x-forwarded-proto"),
        TEXT_INIT("x-forwarded-port"),
        TEXT_INIT("x-amzn-trace-id"),
        TEXT_INIT("x-amzn-tls-version"),
        TEXT_INIT("x-amzn-tls-cipher-suite"),
        TEXT_INIT("connection"),
        TEXT_INIT("keep-alive"),
        TEXT_INIT("proxy-connection"),
        TEXT_INIT("proxy-authenticate"),
        TEXT_INIT("proxy-authorization"),
        TEXT_INIT("te"),
        TEXT_INIT("trailer"),
        TEXT_INIT("upgrade"),
        TEXT_INIT("http2-settings"),
        TEXT_INIT("content-length"),
        TEXT_INIT("transfer-encoding"),
    };

    for (size_t i = 0; i < ARRAY_LEN(replaced); i++) {
        if (text_eq_nocase(field->name, replaced[i])) {
            return false;
        }
    }
    if (text_eq_nocase(field->name, TEXT("x-forwarded-for")) &&
        play->how.xff != FORWARD_XFF_PRESERVE) {
        return false;
    }
    return !text_eq_nocase(text_slice(field->name, 0, 12), TEXT("x-amzn-mtls-")) &&
           !text_eq_nocase(text_slice(field->name, 0, 12), TEXT("x-amzn-oidc-")) &&
           !http_connection_names(&play->head.fields, field->name) &&
           field->id != HTTP_FIELD_SUSPICIOUS &&
           (!play->how.drops_invalid_fields || is_plain(field->name));
}

static void expect(struct play *play, size_t *at, const char *name)
{
    ASSERT(*at < play->wire.count);
    same(play->wire.fields[*at].name, text_of(name));
    (*at)++;
}

static bool is_of_the_writer(struct text name)
{
    return text_eq(name, TEXT("Content-Length")) || text_eq(name, TEXT("Transfer-Encoding")) ||
           text_eq(name, TEXT("Connection")) || text_eq(name, TEXT("Upgrade"));
}

/* Ours first, then the client's that may pass, in their order and spelling, and nothing else. */
static void check_fields(struct play *play)
{
    size_t at = 0;

    if (play->how.xff == FORWARD_XFF_APPEND) {
        struct text last = {0};

        expect(play, &at, "X-Forwarded-For");
        for (struct text rest = play->wire.fields[0].value; http_list_next(&rest, &last);) {
        }
        last = text_slice(last, text_starts(last, TEXT("[")), last.len);
        ASSERT(text_starts(last, play->how.client_address));
    }
    expect(play, &at, "X-Forwarded-Proto");
    expect(play, &at, "X-Forwarded-Port");
    expect(play, &at, "Host");
    expect(play, &at, "X-Amzn-Trace-Id");
    for (size_t i = 0; i < play->head.fields.count; i++) {
        const struct http_field *field = &play->head.fields.at[i];

        if (!is_passed_on(play, field)) {
            continue;
        }
        while (at < play->wire.count && is_of_the_writer(play->wire.fields[at].name)) {
            at++;
        }
        ASSERT(at < play->wire.count);
        same(play->wire.fields[at].name, field->name);
        same(play->wire.fields[at].value, field->value);
        at++;
    }
    while (at < play->wire.count && is_of_the_writer(play->wire.fields[at].name)) {
        at++;
    }
    ASSERT(at == play->wire.count);
}

/* Method, target and framing are those of the client. */
static void check_start(struct play *play)
{
    const struct http_request *head = &play->head;
    struct text rest = play->wire.start;
    struct text target;
    uint64_t length;
    const enum http_framing framing = wire_framing(&play->wire, &length);

    ASSERT(text_starts(rest, head->method));
    rest = text_slice(rest, head->method.len, rest.len);
    target = text_slice(rest, 1, text_find(text_slice(rest, 1, rest.len), ' '));
    same(text_slice(rest, target.len + 1, rest.len), TEXT(" HTTP/1.1"));
    same(text_slice(target, 0, head->path.len), head->path);
    same(text_slice(target, head->path.len + 1, target.len), head->query);
    ASSERT((head->query.at != NULL) == (head->path.len < target.len));
    ASSERT(framing == head->framing ||
           (framing == HTTP_LENGTH && length == 0 && head->framing == HTTP_NO_BODY));
    ASSERT(framing != HTTP_LENGTH || head->framing == HTTP_NO_BODY ||
           length == head->content_length);
}

/* Our own reader reads it as the same, byte by byte too, and has nothing left to wonder about. */
static void check_again(const struct play *play, struct text wire, size_t piece)
{
    AUTO(arena) struct arena *arena = arena_new(4096, 4 * LIMIT_REQUEST_ARENA_BYTES);
    struct h1_reader reader = {0};
    struct http_request again;
    struct h1_refusal refusal;
    size_t consumed = 0;
    enum rc rc = RC_AGAIN;

    for (size_t len = 0; rc == RC_AGAIN && len < wire.len;) {
        len = len + piece < wire.len ? len + piece : wire.len;
        rc = h1_request_read(&reader, text_slice(wire, 0, len), arena, &again, &consumed, &refusal);
    }
    if (rc == RC_LIMIT) {
        return; /* what we add may push a head over its limit: the target's to decide */
    }
    ASSERT(rc == RC_OK);
    ASSERT(consumed == wire.len);
    same(again.method, play->out.method);
    same(again.target, play->out.target);
    same(again.upgrade, play->out.upgrade);
    ASSERT(again.fields.count == play->wire.count);
    ASSERT(again.desync == HTTP_COMPLIANT || again.method_id == HTTP_GET ||
           again.method_id == HTTP_HEAD);
}

/* The content that we read is the content that the target reads. */
static void check_body(const struct play *play, struct text rest)
{
    struct h1_body body;
    struct fault fault;
    struct buf content, wire, plain;
    char head[H1_CHUNK_HEAD_BYTES];
    enum rc rc = RC_OK;

    buf_init(&content, 64 * 1024 * 1024);
    buf_init(&wire, 64 * 1024 * 1024);
    buf_init(&plain, 64 * 1024 * 1024);
    h1_body_init(&body, play->head.framing, play->head.content_length, play->arena);
    while (rc == RC_OK) {
        struct text data = {0};
        size_t skip;

        rc = h1_body_read(&body, rest, &skip, &data, &fault);
        rest = text_slice(rest, skip, rest.len);
        if (rc == RC_OK) {
            buf_add(&content, data);
            buf_add(&wire, (struct text){head, h1_write_chunk_head(data.len, head)});
            buf_add(&wire, data);
            buf_add(&wire, H1_CHUNK_END);
            h1_body_consume(&body, data.len);
            rest = text_slice(rest, data.len, rest.len);
        }
    }
    if (rc == RC_END && play->head.framing == HTTP_LENGTH) {
        ASSERT(buf_text(&content).len == play->head.content_length);
    }
    if (rc == RC_END && play->head.framing == HTTP_CHUNKED) {
        buf_add(&wire, TEXT("0\r\n\r\n"));
        ASSERT(wire_chunked(buf_text(&wire), &plain) == buf_text(&wire).len);
        same(buf_text(&plain), buf_text(&content));
    }
    buf_done(&content);
    buf_done(&wire);
    buf_done(&plain);
}

static void play_on(struct play *play, struct text in, size_t consumed)
{
    struct forward_counts counts;
    char *bytes = mem_take(WIRE_BYTES);
    size_t len = 0;

    ASSERT(forward_request(&play->head, &play->how, play->arena, &play->out, &counts) == RC_OK);
    ASSERT(h1_write_request(&play->out, h1_plan_request(&play->out, false), bytes, WIRE_BYTES,
                            &len) == RC_OK);
    const struct text wire = {bytes, len};
    wire_read(wire, &play->wire);
    ASSERT(play->wire.len == len);
    check_start(play);
    check_fields(play);
    check_again(play, wire, len);
    check_again(play, wire, 1);
    check_body(play, text_slice(in, consumed, in.len));
    mem_give(bytes);
}

/* The first byte holds the attributes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct play play;
    AUTO(arena) struct arena *arena = arena_new(4096, 4 * LIMIT_REQUEST_ARENA_BYTES);
    const unsigned bits = size ? data[0] : 0;
    struct h1_reader reader = {0};
    struct h1_refusal refusal;
    size_t consumed;

    play.arena = arena;
    play.how = (struct forward){
        .xff = bits % 3,
        .is_xff_client_port = bits & 4,
        .preserves_host = bits & 8,
        .drops_invalid_fields = bits & 16,
        .client_address = bits & 32 ? TEXT("2001:db8::1") : TEXT("192.0.2.1"),
        .client_port = 1234,
        .listener_port = bits & 64 ? 8080 : 443,
        .default_host = TEXT("lb.elb.internal"),
    };
    const struct text in = {(const char *)data + 1, size ? size - 1 : 0};
    if (size >= 2 &&
        h1_request_read(&reader, in, arena, &play.head, &consumed, &refusal) == RC_OK) {
        play_on(&play, in, consumed);
    }
    return 0;
}
