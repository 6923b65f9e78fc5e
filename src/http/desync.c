/* SPDX-License-Identifier: Apache-2.0 */
#include "http/desync.h"

#include "http/scan.h"

enum likeness { IDENTICAL, SAME_LETTERS, DISTANT };

/* What is known of a head so far. */
struct verdict {
    enum http_desync class;
    const char *reason;
    struct text method;
    struct text version;
    struct text field_name; /* of the last line that began a field; .at NULL: none yet */
    bool is_media_type;     /* that field is Content-Type, which may be folded */
    unsigned encodings;
    unsigned lengths;
    bool has_suspicious_encoding, has_suspicious_length;
    bool has_chunked; /* the last coding was "chunked" */
    bool has_length;
    uint64_t length;
};

static bool next_line(struct text *rest, struct text *line, bool *is_ended, bool *is_crlf);
static void check_request_line(struct verdict *verdict, struct text line);
static void check_field_line(struct verdict *verdict, struct text line);
static void check_field(struct verdict *verdict, struct text name, struct text value);
static void check_characters(struct verdict *verdict, struct text name, struct text value);
static void check_framing_field(struct verdict *verdict, enum likeness encoding,
                                enum likeness length, struct text value);
static void check_encoding(struct verdict *verdict, struct text value);
static void check_length(struct verdict *verdict, struct text value);
static void check_framing(struct verdict *verdict);
static void check_version(struct verdict *verdict, struct text version);
static void check_target(struct verdict *verdict, struct text target);
static enum likeness likeness(struct text important, struct text name);
static bool is_double(struct text name, size_t at, char wanted);

static void worse(struct verdict *verdict, enum http_desync class, const char *reason)
{
    if (class > verdict->class) {
        verdict->class = class;
        verdict->reason = reason;
    }
}

enum http_desync_act http_desync_decide(enum http_desync class, enum http_desync_mode mode)
{
    /* AWS ALB, "Desync mitigation mode", table "Classification and mitigation". */
    static const enum http_desync_act acts[][3] = {
        [HTTP_COMPLIANT] = {HTTP_DESYNC_ALLOW, HTTP_DESYNC_ALLOW, HTTP_DESYNC_ALLOW},
        [HTTP_ACCEPTABLE] = {HTTP_DESYNC_ALLOW, HTTP_DESYNC_ALLOW, HTTP_DESYNC_REFUSE},
        [HTTP_AMBIGUOUS] = {HTTP_DESYNC_ALLOW_AND_CLOSE, HTTP_DESYNC_ALLOW, HTTP_DESYNC_REFUSE},
        [HTTP_SEVERE] = {HTTP_DESYNC_REFUSE, HTTP_DESYNC_ALLOW, HTTP_DESYNC_REFUSE},
    };
    return acts[class][mode];
}

enum http_desync http_desync_classify(struct text head, bool is_complete, const char **reason)
{
    struct verdict verdict = {0};
    struct text line;
    bool is_first = true;
    bool is_ended = true;
    bool is_crlf;

    while (next_line(&head, &line, &is_ended, &is_crlf)) {
        if (!is_crlf) {
            worse(&verdict, HTTP_ACCEPTABLE, "NonCrLfLineTermination");
        }
        if (is_first && text_is_empty(line)) {
            continue; /* RFC 9112 §2.2: empty lines before the request line */
        }
        if (is_first) {
            check_request_line(&verdict, line);
            is_first = false;
            continue;
        }
        if (text_is_empty(line)) {
            is_complete = false; /* nothing is missing */
            break;
        }
        check_field_line(&verdict, line);
    }
    if (is_complete && !text_is_empty(verdict.version)) {
        worse(&verdict, HTTP_AMBIGUOUS, is_ended ? "MissingLastEmptyLine" : "PartialHeaderLine");
    }
    check_framing(&verdict);
    *reason = verdict.reason;
    return verdict.class;
}

static bool next_line(struct text *rest, struct text *line, bool *is_ended, bool *is_crlf)
{
    const size_t len = text_find(*rest, '\n');

    if (text_is_empty(*rest)) {
        return false;
    }
    *line = text_slice(*rest, 0, len);
    *is_ended = len < rest->len;
    *is_crlf = len > 0 && rest->at[len - 1] == '\r';
    if (*is_crlf) {
        line->len--;
    }
    *is_crlf |= !*is_ended; /* nothing to judge yet */
    *rest = text_slice(*rest, len + 1, rest->len);
    return true;
}

/* method SP target SP version: the method ends at the first space, the version starts behind the
 * last one that has a token character behind it. */
static void check_request_line(struct verdict *verdict, struct text line)
{
    const size_t method_len = text_find(line, ' ');
    struct text rest = text_slice(line, method_len + 1, line.len);
    size_t at = rest.len;

    verdict->method = text_slice(line, 0, method_len);
    while (at > 0 && !scan_is(rest.at[at - 1], SCAN_TCHAR)) {
        at--;
    }
    while (at > 0 && rest.at[at - 1] != ' ') {
        at--;
    }
    verdict->version = text_slice(rest, at, rest.len);
    const bool is_version_alone = at == 0 ? text_starts(rest, TEXT("HTTP/1."))
                                          : text_is_empty(text_trim(text_slice(rest, 0, at)));
    if (is_version_alone) {
        worse(verdict, HTTP_AMBIGUOUS, "MissingUri");
    } else if (at == 0 && text_is_empty(text_trim(rest))) {
        verdict->version = (struct text){0};
        worse(verdict, HTTP_AMBIGUOUS, "MissingUri");
    } else if (at == 0) {
        verdict->version = (struct text){0}; /* HTTP/0.9 */
        at = rest.len + 1;
    }
    if (text_starts(verdict->version, TEXT("HTTP/2"))) {
        return; /* refused for its version, which is no desync */
    }
    if (!http_is_token(verdict->method)) {
        worse(verdict, HTTP_SEVERE, "BadMethod");
    }
    check_version(verdict, verdict->version);
    check_target(verdict, text_slice(rest, 0, at ? at - 1 : 0));
}

static void check_version(struct verdict *verdict, struct text version)
{
    const struct text bare = text_trim(version);

    if (text_is_empty(bare) || text_eq(bare, TEXT("HTTP/0.9"))) {
        worse(verdict, HTTP_ACCEPTABLE, "NonCompliantVersion");
        return;
    }
    if (bare.len != 8 || !text_starts(bare, TEXT("HTTP/1.")) || !scan_is(bare.at[7], SCAN_DIGIT)) {
        worse(verdict, HTTP_SEVERE, "BadVersion");
    } else if (bare.len != version.len || bare.at[7] > '1') {
        worse(verdict, HTTP_ACCEPTABLE, "NonCompliantVersion");
    }
}

static void check_target(struct verdict *verdict, struct text target)
{
    for (size_t i = 0; i < target.len; i++) {
        const char c = target.at[i];

        if (c == '\0' || c == '\r' || c == '\n') {
            worse(verdict, HTTP_SEVERE, "BadUri");
        } else if (c == ' ') {
            worse(verdict, HTTP_ACCEPTABLE, "SpaceInUri");
        } else if (scan_is(c, SCAN_CONTROL)) {
            worse(verdict, HTTP_AMBIGUOUS, "AmbiguousUri");
        }
    }
}

/* A folded line (obs-fold) belongs to the field before it, unless it looks like a field itself:
 * then another reader may take it for one. */
static void check_field_line(struct verdict *verdict, struct text line)
{
    const bool is_folded = line.at[0] == ' ' || line.at[0] == '\t';
    const size_t colon = text_find(line, ':');
    const bool has_colon = colon < line.len;
    struct text name = text_slice(line, 0, colon);
    struct text value = text_slice(line, colon + 1, line.len);

    if (!is_folded && has_colon) {
        verdict->field_name = name;
        verdict->is_media_type = text_eq_nocase(name, TEXT("content-type"));
    }
    if (is_folded && verdict->field_name.at && (verdict->is_media_type || !has_colon)) {
        value = line;
        name = verdict->field_name;
    }
    check_field(verdict, name, value);
    if (!is_folded && !has_colon) {
        worse(verdict, HTTP_AMBIGUOUS, "MissingHeaderColon");
    }
    if (is_folded && !verdict->is_media_type) {
        worse(verdict, HTTP_AMBIGUOUS, "MultilineHeader");
    }
}

static void check_field(struct verdict *verdict, struct text name, struct text value)
{
    const enum likeness encoding = likeness(TEXT("transfer-encoding"), name);
    const enum likeness length =
        encoding == DISTANT ? likeness(TEXT("content-length"), name) : DISTANT;

    check_characters(verdict, name, value);
    if (text_is_empty(text_trim(name))) {
        worse(verdict, HTTP_AMBIGUOUS, "EmptyHeader");
        return;
    }
    if (encoding == SAME_LETTERS || length == SAME_LETTERS) {
        worse(verdict, HTTP_AMBIGUOUS, "SuspiciousHeader");
    }
    check_framing_field(verdict, encoding, length, value);
}

static void check_characters(struct verdict *verdict, struct text name, struct text value)
{
    bool is_bad = false;
    bool is_odd = false;

    for (size_t i = 0; i < name.len; i++) {
        is_bad |= name.at[i] == '\0' || name.at[i] == '\r';
        is_odd |= !scan_is(name.at[i], SCAN_TCHAR);
    }
    for (size_t i = 0; i < value.len; i++) {
        is_bad |= value.at[i] == '\0' || value.at[i] == '\r';
        is_odd |= scan_is(value.at[i], SCAN_CONTROL) && value.at[i] != '\t';
    }
    if (is_bad) {
        worse(verdict, HTTP_SEVERE, "BadHeader");
    } else if (is_odd) {
        worse(verdict, HTTP_ACCEPTABLE, "NonCompliantHeader");
    }
}

static void check_framing_field(struct verdict *verdict, enum likeness encoding,
                                enum likeness length, struct text value)
{
    if (encoding != DISTANT) {
        verdict->encodings++;
        verdict->has_suspicious_encoding |= encoding == SAME_LETTERS;
        check_encoding(verdict, value);
    }
    if (length != DISTANT) {
        verdict->lengths++;
        verdict->has_suspicious_length |= length == SAME_LETTERS;
        check_length(verdict, value);
    }
}

static void check_encoding(struct verdict *verdict, struct text value)
{
    static const struct text known[] = {TEXT_INIT("chunked"), TEXT_INIT("compress"),
                                        TEXT_INIT("deflate"), TEXT_INIT("gzip"),
                                        TEXT_INIT("identity")};
    struct text item;
    size_t i;

    if (text_is_empty(value)) {
        worse(verdict, HTTP_SEVERE, "BadTransferEncoding");
    }
    while (text_next(&value, ',', &item)) {
        item = text_trim(text_slice(item, 0, text_find(item, ';')));
        for (i = 0; i < ARRAY_LEN(known) && !text_eq_nocase(item, known[i]); i++) {
        }
        if (i == ARRAY_LEN(known)) {
            worse(verdict, HTTP_SEVERE, "BadTransferEncoding");
            continue;
        }
        if (i == 0 && verdict->has_chunked) {
            worse(verdict, HTTP_SEVERE, "MultipleTransferEncodingChunked");
        }
        verdict->has_chunked |= i == 0;
    }
}

static void check_length(struct verdict *verdict, struct text value)
{
    uint64_t length;

    if (text_to_u64(text_trim(value), &length) != RC_OK) {
        worse(verdict, HTTP_SEVERE, "BadContentLength");
        return;
    }
    if (verdict->has_length) {
        worse(verdict, length == verdict->length ? HTTP_AMBIGUOUS : HTTP_SEVERE,
              length == verdict->length ? "DuplicateContentLength" : "MultipleContentLength");
    }
    verdict->has_length = true;
    verdict->length = length;
}

static void check_framing(struct verdict *verdict)
{
    const struct text version = text_trim(verdict->version);
    const bool is_bodiless =
        text_eq(verdict->method, TEXT("GET")) || text_eq(verdict->method, TEXT("HEAD"));
    const bool is_09 = text_is_empty(version) || text_eq(version, TEXT("HTTP/0.9"));
    const bool has_both = verdict->encodings > 0 && verdict->lengths > 0;

    if (has_both && (verdict->has_suspicious_encoding || verdict->has_suspicious_length)) {
        worse(verdict, HTTP_SEVERE, "SuspiciousTeClPresent");
    }
    if (verdict->encodings && (is_09 || text_eq(version, TEXT("HTTP/1.0")) || is_bodiless)) {
        worse(verdict, HTTP_AMBIGUOUS, "UndefinedTransferEncodingSemantics");
    }
    if (verdict->lengths && (is_09 || (is_bodiless && verdict->length > 0))) {
        worse(verdict, HTTP_AMBIGUOUS, "UndefinedContentLengthSemantics");
    }
    if (has_both) {
        worse(verdict, HTTP_AMBIGUOUS, "BothTeClPresent");
    }
    if (verdict->has_length && is_bodiless && verdict->length == 0) {
        worse(verdict, HTTP_ACCEPTABLE, "GetHeadZeroContentLength");
    }
}

bool http_desync_is_suspicious(struct text name)
{
    /* Nearly all names end here: the shorter of the two has 14 characters, and only a letter that
     * begins one of them, or none at all, can stand first. */
    if (name.len < 14 || (scan_is(name.at[0], SCAN_ALNUM) && (name.at[0] | 0x20) != 't' &&
                          (name.at[0] | 0x20) != 'c')) {
        return false;
    }
    return likeness(TEXT("transfer-encoding"), name) == SAME_LETTERS ||
           likeness(TEXT("content-length"), name) == SAME_LETTERS;
}

/* Compares letters and digits alone. */
static enum likeness likeness(struct text important, struct text name)
{
    size_t at = 0;

    if (name.len < important.len) {
        return DISTANT;
    }
    if (text_eq_nocase(important, name)) {
        return IDENTICAL;
    }
    for (size_t i = 0; i < important.len; i++) {
        const char wanted = important.at[i];

        if (wanted == '-') {
            continue;
        }
        while (at < name.len && !scan_is(name.at[at], SCAN_ALNUM) && !is_double(name, at, wanted)) {
            at++;
        }
        if (at < name.len && ascii_lower(name.at[at]) == wanted) {
            at++;
        } else if (is_double(name, at, wanted)) {
            at += 2;
        } else {
            return DISTANT;
        }
    }
    while (at < name.len && !scan_is(name.at[at], SCAN_ALNUM)) {
        at++;
    }
    return at == name.len ? SAME_LETTERS : DISTANT;
}

/* The long s and the dotless i of UTF-8: they become S and I when a program turns a name into
 * capitals. */
static bool is_double(struct text name, size_t at, char wanted)
{
    const char *pair = wanted == 's' ? "\xc5\xbf" : wanted == 'i' ? "\xc4\xb1" : NULL;

    return pair && at + 1 < name.len && memcmp(name.at + at, pair, 2) == 0;
}
