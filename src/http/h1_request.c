/* SPDX-License-Identifier: Apache-2.0 */
#include "http/h1_head.h"

#include "base/limits.h"
#include "http/desync.h"
#include "http/target.h"

enum step { BEFORE, FIELDS };

static const struct h1_head_limits limits = {
    .line_bytes = LIMIT_FIELD_BYTES - 1, /* AWS ALB: 16,383 pass (measured by others) */
    .head_bytes = LIMIT_REQUEST_HEAD_BYTES,
};
_Static_assert(LIMIT_REQUEST_LINE_BYTES == LIMIT_FIELD_BYTES, "one limit serves both");

/* One call of h1_request_read. */
struct reading {
    struct h1_reader *reader;
    struct text in;
    struct arena *arena;
    struct http_request *out;
    struct h1_refusal *refusal;
};

static enum rc read_line(struct reading *reading);
static enum rc refuse_line(struct reading *reading);
static enum rc read_odd_line(struct reading *reading, struct text line);
static enum rc read_version(struct reading *reading, struct text version);
static enum rc clean_target(struct reading *reading);
static enum rc read_target(struct reading *reading);
static enum rc read_absolute(struct reading *reading, size_t scheme_len);
static enum rc read_fields(struct reading *reading);
static enum rc finish(struct reading *reading);
static enum rc check_host(struct reading *reading, const struct h1_head_facts *facts);
static enum rc check_body(struct reading *reading, const struct h1_head_facts *facts);
static void classify(struct reading *reading, size_t len, bool is_complete);

static enum rc refuse(struct reading *reading, int status, const char *why)
{
    return h1_head_refuse(reading->refusal, FAULT_CLIENT, RC_BAD, status, why);
}

/* Refused for the line that ends at `line_end`; what came before it counts for the class. */
static enum rc refuse_at(struct reading *reading, size_t line_end, int status, const char *why)
{
    classify(reading, line_end, false);
    return refuse(reading, status, why);
}

enum rc h1_request_read(struct h1_reader *reader, struct text in, struct arena *arena,
                        struct http_request *out, size_t *consumed, struct h1_refusal *refusal)
{
    struct reading reading = {reader, in, arena, out, refusal};
    const struct h1_head_texts texts = {
        {&out->method, &out->target, &out->path, &out->query, &out->authority}, &out->fields};

    if (text_is_empty(in)) {
        return RC_AGAIN;
    }
    if (!reader->base) {
        memset(out, 0, sizeof(*out));
    }
    h1_head_move(reader, in, &texts);
    if (reader->step == BEFORE) {
        TRY(read_line(&reading));
        reader->step = FIELDS;
    }
    if (out->version != HTTP_0_9) {
        TRY(read_fields(&reading));
    }
    out->head_bytes = reader->line;
    TRY(finish(&reading));
    *consumed = reader->line;
    return RC_OK;
}

bool h1_reader_is_started(const struct h1_reader *reader)
{
    return reader->step != BEFORE || reader->scanned > reader->line;
}

/* request-line = method SP request-target SP HTTP-version (RFC 9112 §3). The plain form is read in
 * one go; everything else takes the slow road. */
static enum rc read_line(struct reading *reading)
{
    struct http_request *out = reading->out;
    const char *at = reading->in.at;
    const char *end = at + reading->in.len;
    const char *target;
    const char *stop;
    enum rc rc;

    /* RFC 9112 §2.2: an empty line before the request is skipped; some clients send one behind a
     * body. One is enough. */
    if (end - at >= 2 && at[0] == '\r' && at[1] == '\n') {
        at += 2;
        reading->reader->line = 2;
    }
    if (at < end && !scan_is(*at, SCAN_TCHAR) && *at != '\r' && *at != '\n') {
        return refuse(reading, 400, "not HTTP"); /* a TLS greeting, for one: no line end may come */
    }
    rc = h1_head_line_ready(reading->reader, reading->in, &limits);
    if (rc != RC_OK) {
        return rc == RC_AGAIN ? rc : refuse_line(reading);
    }
    target = scan_span(at, end, SCAN_TCHAR);
    out->method = (struct text){at, (size_t)(target - at)};
    stop = *target == ' ' && target > at ? scan_visible(target + 1, end) : target;
    if (stop > target + 1 && end - stop >= 11 && memcmp(stop, " HTTP/1.1\r\n", 11) == 0) {
        out->target = (struct text){target + 1, (size_t)(stop - target - 1)};
        out->version = HTTP_1_1;
        reading->reader->line = (size_t)(stop + 11 - reading->in.at);
    } else {
        const char *newline = memchr(at, '\n', (size_t)(end - at));

        reading->reader->line = (size_t)(newline + 1 - reading->in.at);
        TRY(read_odd_line(reading, (struct text){at, (size_t)(newline - at)}));
    }
    out->method_id = http_method_id(out->method);
    return read_target(reading);
}

/* AWS ALB: 414 when the target is what is too long. */
static enum rc refuse_line(struct reading *reading)
{
    const size_t space = text_find(text_slice(reading->in, 0, LIMIT_REQUEST_LINE_BYTES), ' ');

    return h1_head_refuse(reading->refusal, FAULT_CLIENT, RC_LIMIT,
                          space < LIMIT_REQUEST_LINE_BYTES && space < reading->in.len ? 414 : 400,
                          "the request line is too long");
}

/* A line of another form, without its LF: HTTP/1.0 and 0.9, unusual versions, white space where
 * there should be less of it, and all that is refused. */
static enum rc read_odd_line(struct reading *reading, struct text line)
{
    struct http_request *out = reading->out;
    const size_t line_end = reading->reader->line;
    const size_t method_len = text_find(line, ' ');
    struct text rest;
    size_t at;

    if (text_is_empty(line) || line.at[line.len - 1] != '\r') {
        return refuse_at(reading, line_end, 400, "a bare line feed");
    }
    line.len--;
    out->method = text_slice(line, 0, method_len);
    if (!http_is_token(out->method)) {
        return refuse_at(reading, line_end, 400, "a method that is no token");
    }
    rest = text_trim(text_slice(line, method_len, line.len));
    if (memchr(rest.at, '\0', rest.len) || memchr(rest.at, '\r', rest.len)) {
        return refuse_at(reading, line_end, 400, "NUL or CR in the request line");
    }
    for (at = rest.len; at > 0 && rest.at[at - 1] != ' '; at--) {
    }
    out->target = text_trim(text_slice(rest, 0, at));
    if (at == 0 && rest.len > 0 && !text_starts(rest, TEXT("HTTP/")) &&
        text_eq(out->method, TEXT("GET"))) {
        /* RFC 1945 §5: "GET target" alone is HTTP/0.9. Whoever takes another control for a space
         * reads a version here, and expects a head where our answer has none. */
        if (scan_visible(rest.at, rest.at + rest.len) != rest.at + rest.len) {
            return refuse_at(reading, line_end, 400, "a control in a request without version");
        }
        reading->reader->is_odd = true;
        out->target = rest;
        out->version = HTTP_0_9;
        return RC_OK;
    }
    if (text_is_empty(out->target)) {
        return refuse_at(reading, line_end, 400, "a request line without target or version");
    }
    reading->reader->is_odd |= out->method.len + out->target.len + (rest.len - at) + 2 != line.len;
    TRY(read_version(reading, text_slice(rest, at, rest.len)));
    return clean_target(reading);
}

static enum rc read_version(struct reading *reading, struct text version)
{
    const size_t line_end = reading->reader->line;

    if (version.len != 8 || !text_starts(version, TEXT("HTTP/")) ||
        !scan_is(version.at[5], SCAN_DIGIT) || version.at[6] != '.' ||
        !scan_is(version.at[7], SCAN_DIGIT)) {
        return refuse_at(reading, line_end, 400, "a malformed HTTP version");
    }
    if (version.at[5] != '1') {
        return refuse_at(reading, line_end, 505, "a major version of HTTP that is not 1");
    }
    /* RFC 9110 §2.5: a higher minor version is read as the highest we know. */
    reading->reader->is_odd |= version.at[7] > '1';
    reading->out->version = version.at[7] == '0' ? HTTP_1_0 : HTTP_1_1;
    return RC_OK;
}

/* Spaces and controls become percent-encoded: one form that everybody behind us reads alike. */
static enum rc clean_target(struct reading *reading)
{
    static const char digits[] = "0123456789ABCDEF";
    struct text *target = &reading->out->target;
    const char *end = target->at + target->len;
    size_t len = 0;
    char *copy;

    if (scan_visible(target->at, end) == end) {
        return RC_OK;
    }
    reading->reader->is_odd = true;
    copy = arena_take_raw(reading->arena, target->len * 3);
    if (!copy) {
        return h1_head_refuse(reading->refusal, FAULT_CLIENT, RC_LIMIT, 414, "target too long");
    }
    for (const char *at = target->at; at < end; at++) {
        const unsigned char c = (unsigned char)*at;

        if (c > 0x20 && c != 0x7f) {
            copy[len++] = *at;
            continue;
        }
        copy[len++] = '%';
        copy[len++] = digits[c >> 4];
        copy[len++] = digits[c & 15];
    }
    *target = (struct text){copy, len};
    return RC_OK;
}

/* The four forms of RFC 9112 §3.2. */
static enum rc read_target(struct reading *reading)
{
    struct http_request *out = reading->out;
    const struct text target = out->target;
    const size_t line_end = reading->reader->line;

    if (out->method_id == HTTP_CONNECT) {
        return refuse_at(reading, line_end, 405, "CONNECT: this is no forward proxy");
    }
    /* RFC 9112 §3.2: a target has no fragment; what programs make of one differs. */
    if (memchr(target.at, '#', target.len)) {
        return refuse_at(reading, line_end, 400, "a fragment in the target");
    }
    if (target.at[0] == '/') {
        target_split(out, target);
        return RC_OK;
    }
    if (text_eq(target, TEXT("*")) && out->method_id == HTTP_OPTIONS) {
        out->path = target;
        return RC_OK;
    }
    if (target.len > 7 && text_eq_nocase(text_slice(target, 0, 7), TEXT("http://"))) {
        return read_absolute(reading, 7);
    }
    if (target.len > 8 && text_eq_nocase(text_slice(target, 0, 8), TEXT("https://"))) {
        return read_absolute(reading, 8);
    }
    return refuse_at(reading, line_end, 400, "a request target of no known form");
}

static enum rc read_absolute(struct reading *reading, size_t scheme_len)
{
    struct http_request *out = reading->out;
    const struct text rest = text_slice(out->target, scheme_len, out->target.len);
    size_t len = 0;

    while (len < rest.len && rest.at[len] != '/' && rest.at[len] != '?') {
        len++;
    }
    out->is_absolute = true;
    out->authority = text_slice(rest, 0, len);
    if (text_is_empty(out->authority) || !target_is_authority(out->authority)) {
        return refuse_at(reading, reading->reader->line, 400, "a bad authority in the target");
    }
    if (len == rest.len) {
        /* RFC 9112 §3.2.4: OPTIONS without a path means the server as a whole. */
        out->path = out->method_id == HTTP_OPTIONS ? TEXT("*") : TEXT("/");
        return RC_OK;
    }
    target_split(out, text_slice(rest, len, rest.len));
    if (text_is_empty(out->path)) {
        out->path = TEXT("/");
    }
    return RC_OK;
}

static enum rc read_fields(struct reading *reading)
{
    const char *why = NULL;
    size_t bad_end = 0;
    const enum rc rc = h1_head_fields(reading->reader, reading->in, reading->arena, &limits,
                                      &reading->out->fields, &why, &bad_end);

    if (rc == RC_BAD) {
        return refuse_at(reading, bad_end, 400, why);
    }
    if (rc == RC_LIMIT) {
        return h1_head_refuse(reading->refusal, FAULT_CLIENT, RC_LIMIT, 400, why);
    }
    return rc;
}

/* The head is complete: what does it say? */
static enum rc finish(struct reading *reading)
{
    struct http_request *out = reading->out;
    struct h1_head_facts facts;

    h1_head_facts(&out->fields, &facts);
    out->wants_close = facts.says_close || out->version < HTTP_1_0 ||
                       (out->version == HTTP_1_0 && !facts.says_keep_alive);
    out->expects_continue = facts.expects_continue && out->version == HTTP_1_1;
    if (facts.says_upgrade && out->version == HTTP_1_1) {
        out->upgrade = facts.upgrade;
    }
    reading->reader->is_odd |=
        facts.transfer_encodings > 0 &&
        (!facts.is_chunked || facts.content_lengths > 0 || out->version != HTTP_1_1);
    reading->reader->is_odd |= facts.content_lengths > 1 || facts.has_bad_length;
    reading->reader->is_odd |= (facts.transfer_encodings > 0 || facts.content_lengths > 0) &&
                               (out->method_id == HTTP_GET || out->method_id == HTTP_HEAD);
    if (reading->reader->is_odd) {
        classify(reading, reading->reader->line, out->version != HTTP_0_9);
    }
    TRY(check_body(reading, &facts));
    return check_host(reading, &facts);
}

/* RFC 9112 §6.3. */
static enum rc check_body(struct reading *reading, const struct h1_head_facts *facts)
{
    struct http_request *out = reading->out;

    if (facts->has_bad_length) {
        return refuse(reading, 400, "a content-length that is no number");
    }
    if (facts->has_two_lengths) {
        return refuse(reading, 400, "two different content-lengths");
    }
    if (facts->is_chunked_twice) {
        return refuse(reading, 400, "chunked more than once");
    }
    if (facts->is_identity && facts->content_lengths > 0) {
        return refuse(reading, 400, "identity together with a content-length");
    }
    if (facts->transfer_encodings > 0 && !facts->is_chunked && !facts->is_identity) {
        /* AWS ALB: 501 for codings it knows of; no coding at all is Severe and 400. */
        return refuse(reading, out->desync == HTTP_SEVERE ? 400 : 501,
                      "a transfer coding that is not chunked");
    }
    if (facts->is_chunked) {
        /* RFC 9112 §6.1: with a Content-Length beside it, or from HTTP/1.0, the connection ends
         * behind this message. */
        out->framing = HTTP_CHUNKED;
        out->wants_close |= facts->content_lengths > 0 || out->version == HTTP_1_0;
    } else if (facts->content_lengths > 0) {
        out->framing = HTTP_LENGTH;
        out->content_length = facts->content_length;
    }
    return RC_OK;
}

/* RFC 9112 §3.2: exactly one valid Host in HTTP/1.1; in 1.0 it may be missing. */
static enum rc check_host(struct reading *reading, const struct h1_head_facts *facts)
{
    struct http_request *out = reading->out;

    if (facts->hosts > 1) {
        return refuse(reading, 400, "more than one host field");
    }
    if (!facts->host) {
        return out->version == HTTP_1_1 ? refuse(reading, 400, "no host field") : RC_OK;
    }
    if (!target_is_authority(facts->host->value)) {
        return refuse(reading, 400, "a bad host field");
    }
    if (!out->is_absolute) {
        out->authority = facts->host->value;
    }
    return RC_OK;
}

static void classify(struct reading *reading, size_t len, bool is_complete)
{
    struct http_request *out = reading->out;

    out->desync =
        http_desync_classify(text_slice(reading->in, 0, len), is_complete, &out->desync_reason);
}
