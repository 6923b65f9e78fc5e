/* SPDX-License-Identifier: Apache-2.0 */
#include "http/h1_body.h"

#include "base/limits.h"
#include "http/h1_head.h"

/* Length: DATA -> END.  Until close: DATA -> END by h1_body_close().
 * Chunked: SIZE -> SPACE -> EXTENSION -> SIZE_LF -> DATA -> DATA_CR -> DATA_LF -> SIZE
 *                                            '-> TRAILERS -> END          (size 0)
 * Any of them -> BROKEN, for good: what follows an error is nobody's next message. */
enum step {
    SIZE_FIRST,
    SIZE,
    SPACE,
    EXTENSION,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    TRAILERS,
    END,
    BROKEN
};

static const struct h1_head_limits trailer_limits = {LIMIT_TRAILER_BYTES, LIMIT_TRAILER_BYTES};

static enum rc read_framing_byte(struct h1_body *body, char byte, const char **why);
static enum rc add_digit(struct h1_body *body, char byte, const char **why);
static enum rc end_size_line(struct h1_body *body, const char **why);
static enum rc read_trailers(struct h1_body *body, struct text in, size_t *skip, const char **why);
static enum rc keep_trailer(struct h1_body *body, const struct http_field *field);

void h1_body_init(struct h1_body *body, enum http_framing framing, uint64_t content_length,
                  struct arena *arena)
{
    ASSERT(framing != HTTP_UNTIL_END);
    memset(body, 0, sizeof(*body));
    body->framing = framing;
    body->arena = arena;
    body->left = framing == HTTP_LENGTH        ? content_length
                 : framing == HTTP_UNTIL_CLOSE ? UINT64_MAX
                                               : 0;
    body->step = framing == HTTP_CHUNKED ? SIZE_FIRST : body->left > 0 ? DATA : END;
}

enum rc h1_body_read(struct h1_body *body, struct text in, size_t *skip, struct text *data,
                     struct fault *fault)
{
    const char *why = "the body broke before";
    size_t at = 0;
    enum rc rc = body->step == BROKEN ? RC_BAD : RC_OK;

    while (rc == RC_OK && at < in.len && body->step != DATA && body->step < TRAILERS) {
        rc = read_framing_byte(body, in.at[at++], &why);
    }
    if (rc == RC_OK && body->step == TRAILERS) {
        size_t used = 0;

        rc = read_trailers(body, text_slice(in, at, in.len), &used, &why);
        at += used;
    }
    *skip = at;
    if (rc == RC_BAD || rc == RC_LIMIT) {
        *fault = (struct fault){.rc = rc, .why = why};
        body->step = BROKEN;
        return rc;
    }
    if (body->step == END) {
        return RC_END;
    }
    if (body->step != DATA || at == in.len) {
        return RC_AGAIN;
    }
    *data = text_slice(in, at, body->left < in.len ? (size_t)body->left : in.len);
    return RC_OK;
}

void h1_body_consume(struct h1_body *body, size_t len)
{
    if (len == 0) {
        return;
    }
    ASSERT(body->step == DATA);
    ASSERT(len <= body->left);
    if (body->framing == HTTP_UNTIL_CLOSE) {
        return;
    }
    body->left -= len;
    if (body->framing == HTTP_CHUNKED) {
        /* Twice the data and 16 bytes a chunk are free: a body of one-byte chunks is legal. */
        const uint64_t free_bytes = (uint64_t)len * 2;

        body->excess_bytes -= free_bytes < body->excess_bytes ? free_bytes : body->excess_bytes;
    }
    if (body->left == 0) {
        body->step = body->framing == HTTP_CHUNKED ? DATA_CR : END;
    }
}

enum rc h1_body_close(struct h1_body *body)
{
    if (body->framing == HTTP_UNTIL_CLOSE) {
        body->step = END;
    }
    return body->step == END ? RC_END : RC_BAD;
}

uint64_t h1_body_run(const struct h1_body *body)
{
    return body->step == DATA ? body->left : 0;
}

/* chunk = chunk-size [ chunk-ext ] CRLF chunk-data CRLF (RFC 9112 §7.1). Chunk lines are short;
 * a byte at a time makes every split the same. */
static enum rc read_framing_byte(struct h1_body *body, char byte, const char **why)
{
    *why = "a chunk without its line end";
    if (body->step == DATA_CR || body->step == DATA_LF) {
        const bool is_right = byte == (body->step == DATA_CR ? '\r' : '\n');

        body->step = body->step == DATA_CR ? DATA_LF : SIZE_FIRST;
        return is_right ? RC_OK : RC_BAD;
    }
    if (++body->line_bytes > LIMIT_CHUNK_LINE_BYTES) {
        *why = "a chunk line is too long";
        return RC_LIMIT;
    }
    if (body->step == SIZE_LF) {
        return byte == '\n' ? end_size_line(body, why) : RC_BAD;
    }
    if (body->step == SIZE_FIRST || (body->step == SIZE && scan_is(byte, SCAN_HEX))) {
        return add_digit(body, byte, why);
    }
    if (byte == '\r') {
        body->step = SIZE_LF;
        return RC_OK;
    }
    if (body->step != EXTENSION) {
        /* Only an extension may follow, behind white space (RFC 9112 §7.1.1): "5 0" is no size. */
        body->step = byte == ';' ? EXTENSION : SPACE;
        *why = "a malformed chunk size";
        return byte == ';' || byte == ' ' || byte == '\t' ? RC_OK : RC_BAD;
    }
    *why = "a control character in a chunk extension";
    return scan_is(byte, SCAN_CONTROL) && byte != '\t' ? RC_BAD : RC_OK;
}

static enum rc add_digit(struct h1_body *body, char byte, const char **why)
{
    const unsigned digit =
        scan_is(byte, SCAN_DIGIT) ? (unsigned)(byte - '0') : (unsigned)((byte | 0x20) - 'a' + 10);

    *why = "a malformed chunk size";
    if (!scan_is(byte, SCAN_HEX)) {
        return RC_BAD;
    }
    if (body->step == SIZE_FIRST) {
        body->left = 0;
        body->step = SIZE;
    }
    /* RFC 9112 §7.1: beware of overflow. More zeros than digits are limited with the line. */
    if (body->left > UINT64_MAX >> 4) {
        *why = "a chunk size beyond 64 bits";
        return RC_BAD;
    }
    body->left = body->left << 4 | digit;
    return RC_OK;
}

static enum rc end_size_line(struct h1_body *body, const char **why)
{
    body->excess_bytes += body->line_bytes > 16 ? body->line_bytes - 16 : 0;
    body->line_bytes = 0;
    if (body->excess_bytes > LIMIT_CHUNK_EXCESS_BYTES) {
        *why = "more chunk extensions than data";
        return RC_LIMIT;
    }
    body->step = body->left > 0 ? DATA : TRAILERS;
    return RC_OK;
}

static enum rc read_trailers(struct h1_body *body, struct text in, size_t *skip, const char **why)
{
    const char *end = in.at + in.len;

    for (;;) {
        struct h1_reader reader = {.line = *skip, .scanned = *skip + body->scanned};
        const enum rc rc = h1_head_line_ready(&reader, in, &trailer_limits);
        struct http_field field;
        bool is_odd = false;
        const char *next;
        enum h1_line line;

        *why = "too many trailers";
        if (rc != RC_OK) {
            body->scanned = in.len - *skip;
            return body->trailer_bytes + body->scanned >= LIMIT_TRAILER_BYTES ? RC_LIMIT : rc;
        }
        body->scanned = 0;
        line = h1_head_line(in.at + *skip, end, &field, &is_odd, &next, why);
        if (line == H1_LINE_BAD || line == H1_LINE_PART || (line == H1_LINE_FIELD && is_odd)) {
            *why = line == H1_LINE_BAD ? *why : "a malformed trailer";
            return RC_BAD;
        }
        body->trailer_bytes += (size_t)(next - (in.at + *skip));
        *skip = (size_t)(next - in.at);
        if (body->trailer_bytes > LIMIT_TRAILER_BYTES) {
            *why = "too many trailers";
            return RC_LIMIT;
        }
        if (line == H1_LINE_EMPTY) {
            body->step = END;
            return RC_END;
        }
        *why = "too many trailers";
        TRY(keep_trailer(body, &field));
    }
}

/* Their bytes are dropped from the buffer before anybody reads them: copies. */
static enum rc keep_trailer(struct h1_body *body, const struct http_field *field)
{
    struct http_fields *all = &body->trailers;
    struct http_field *slot;

    if (!body->arena || http_field_is_head_only(field->id)) {
        return RC_OK;
    }
    if (all->count == body->trailer_room) {
        const size_t room = body->trailer_room ? body->trailer_room * 2 : 4;
        struct http_field *more =
            all->count < LIMIT_FIELDS ? arena_take_raw(body->arena, room * sizeof(*more)) : NULL;
        if (!more) {
            return RC_LIMIT;
        }
        if (all->count) {
            memcpy(more, all->at, all->count * sizeof(*more));
        }
        all->at = more;
        body->trailer_room = room;
    }
    slot = &all->at[all->count];
    *slot = (struct http_field){
        .name = arena_text(body->arena, field->name),
        .value = arena_text(body->arena, field->value),
        .id = field->id,
    };
    if (!slot->name.at || !slot->value.at) {
        return RC_LIMIT;
    }
    all->count++;
    return RC_OK;
}
