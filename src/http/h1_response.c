/* SPDX-License-Identifier: Apache-2.0 */
#include "http/h1_head.h"

#include "base/limits.h"

enum step { BEFORE, FIELDS };

static const struct h1_head_limits limits = {
    .line_bytes = LIMIT_RESPONSE_HEAD_BYTES,
    .head_bytes = LIMIT_RESPONSE_HEAD_BYTES,
};

static enum rc read_line(struct h1_reader *reader, struct text in, struct http_response *out,
                         const char **why);
static enum rc finish(struct http_response *out, enum http_method asked, const char **why);
static enum rc read_framing(struct http_response *out, const struct h1_head_facts *facts,
                            const char **why);

enum rc h1_response_read(struct h1_reader *reader, struct text in, struct arena *arena,
                         enum http_method asked, struct http_response *out, size_t *consumed,
                         struct h1_refusal *refusal)
{
    const struct h1_head_texts texts = {{&out->reason}, &out->fields};
    const char *why = "the head is too long";
    size_t bad_end;
    enum rc rc = RC_OK;

    if (text_is_empty(in)) {
        return RC_AGAIN;
    }
    if (!reader->base) {
        memset(out, 0, sizeof(*out));
    }
    h1_head_move(reader, in, &texts);
    if (reader->step == BEFORE) {
        rc = read_line(reader, in, out, &why);
        reader->step = rc == RC_OK ? FIELDS : BEFORE;
    }
    if (rc == RC_OK) {
        rc = h1_head_fields(reader, in, arena, &limits, &out->fields, &why, &bad_end);
    }
    if (rc == RC_OK) {
        rc = finish(out, asked, &why);
    }
    if (rc == RC_OK) {
        out->head_bytes = reader->line;
        *consumed = reader->line;
        return RC_OK;
    }
    return rc == RC_AGAIN ? rc : h1_head_refuse(refusal, FAULT_TARGET, rc, 502, why);
}

/* status-line = HTTP-version SP status-code SP [ reason-phrase ] (RFC 9112 §4). The second space is
 * often missing when there is no reason. */
static enum rc read_line(struct h1_reader *reader, struct text in, struct http_response *out,
                         const char **why)
{
    const char *at = in.at;
    const char *newline;
    struct text line;

    /* A line that cannot become a status line is not waited for: the target speaks another
     * protocol. */
    if (memcmp(at, "HTTP/1.", in.len < 7 ? in.len : 7) != 0) {
        *why = "no HTTP/1 status line";
        return RC_BAD;
    }
    TRY(h1_head_line_ready(reader, in, &limits));
    newline = memchr(at, '\n', in.len);
    line = (struct text){at, (size_t)(newline - at)};
    *why = "a malformed status line";
    if (line.len < 13 || line.at[line.len - 1] != '\r') {
        return RC_BAD;
    }
    line.len--;
    if (!scan_is(at[7], SCAN_DIGIT) || at[8] != ' ' || at[9] < '1' || at[9] > '9' ||
        !scan_is(at[10], SCAN_DIGIT) || !scan_is(at[11], SCAN_DIGIT) ||
        (line.len > 12 && at[12] != ' ')) {
        return RC_BAD;
    }
    out->version = at[7] == '0' ? HTTP_1_0 : HTTP_1_1;
    out->status = (at[9] - '0') * 100 + (at[10] - '0') * 10 + (at[11] - '0');
    out->reason = text_slice(line, 13, line.len);
    reader->line = (size_t)(newline + 1 - at);
    return http_is_value(out->reason) ? RC_OK : RC_BAD;
}

static enum rc finish(struct http_response *out, enum http_method asked, const char **why)
{
    struct h1_head_facts facts;

    h1_head_facts(&out->fields, &facts);
    out->wants_close = facts.says_close || (out->version == HTTP_1_0 && !facts.says_keep_alive);
    if (facts.says_upgrade) {
        out->upgrade = facts.upgrade;
    }
    TRY(read_framing(out, &facts, why));
    /* RFC 9112 §6.3: these have no body, whatever their fields say. */
    if (out->status < 200 || out->status == 204 || out->status == 304 || asked == HTTP_HEAD) {
        out->tells_length = out->framing == HTTP_LENGTH && out->status >= 200 && out->status != 204;
        out->framing = HTTP_NO_BODY;
    }
    out->wants_close |= out->framing == HTTP_UNTIL_CLOSE;
    return RC_OK;
}

static enum rc read_framing(struct http_response *out, const struct h1_head_facts *facts,
                            const char **why)
{
    if (facts->has_bad_length || facts->has_two_lengths) {
        *why = "a bad content-length";
        return RC_BAD;
    }
    if (facts->transfer_encodings > 0 && !facts->is_chunked && !facts->is_identity) {
        *why = "a transfer coding that is not chunked";
        return RC_BAD;
    }
    if (facts->is_chunked) {
        /* RFC 9112 §6.1: believed, but nothing behind it is. */
        out->framing = HTTP_CHUNKED;
        out->wants_close |= facts->content_lengths > 0 || out->version == HTTP_1_0;
        return RC_OK;
    }
    /* "identity" was once a coding (RFC 2616 §3.6): the length is believed, nothing behind it. */
    out->wants_close |= facts->transfer_encodings > 0;
    out->framing = facts->content_lengths > 0 ? HTTP_LENGTH : HTTP_UNTIL_CLOSE;
    out->content_length = facts->content_length;
    return RC_OK;
}
