/* SPDX-License-Identifier: Apache-2.0 */
#include "api/sigv4.h"

#include "api/sigv4_canonical.h"
#include "api/sigv4_sign.h"
#include "codec/form.h"
#include "codec/timestamp.h"
#include "crypto/digest.h"

#include <stdarg.h>
#include <stdio.h>

/* A signature's parts, wherever they stood. */
struct signature {
    bool is_presigned;
    struct text credential; /* key/20260113/us-east-1/service/aws4_request */
    struct text signed_headers;
    struct text signature;
    struct text date; /* 20260113T100000Z */
    struct text expires;
    struct text payload_hash; /* as claimed; empty: of the body */
    bool has_token;
    /* of the credential */
    struct text access_key;
    struct text scope_date;
    struct text region;
    struct text service;
    struct text terminator;
};

struct verification {
    const struct http_request *head;
    struct text body;
    struct arena *arena;
    struct signature signature;
    struct sigv4_result *result;
};

PRINTF_LIKE(3, 4)
static enum sigv4_verdict refuse_with(struct verification *v, enum sigv4_verdict verdict,
                                      const char *format, ...)
{
    char why[1024];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(why, sizeof(why), format, args);
    va_end(args);
    v->result->why = arena_text(v->arena, text_of(why));
    return verdict;
}

static struct text header_value(const struct http_request *head, struct text name)
{
    const struct http_field *field = http_find_name(&head->fields, name);

    return field != NULL ? field->value : (struct text){NULL, 0};
}

static void split_credential(struct signature *s)
{
    struct text *const parts[] = {&s->access_key, &s->scope_date, &s->region, &s->service};
    struct text rest = s->credential;

    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        if (!text_next(&rest, '/', parts[i])) {
            return;
        }
    }
    s->terminator = rest;
}

/* Authorization: AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=... */
static void read_header_form(const struct http_request *head, struct text value,
                             struct signature *s)
{
    struct text rest = text_slice(value, sizeof(SIGV4_ALGORITHM) - 1, value.len);
    struct text part;

    while (text_next(&rest, ',', &part)) {
        const struct text pair = text_trim(part);
        const size_t equals = text_find(pair, '=');
        const struct text name = text_slice(pair, 0, equals);
        const struct text inner = text_slice(pair, equals + 1, pair.len);

        if (text_eq(name, TEXT("Credential"))) {
            s->credential = inner;
        } else if (text_eq(name, TEXT("SignedHeaders"))) {
            s->signed_headers = inner;
        } else if (text_eq(name, TEXT("Signature"))) {
            s->signature = inner;
        }
    }
    s->date = header_value(head, TEXT("x-amz-date"));
    if (s->date.at == NULL) {
        s->date = header_value(head, TEXT("date"));
    }
    s->payload_hash = header_value(head, TEXT("x-amz-content-sha256"));
    s->has_token = header_value(head, TEXT("x-amz-security-token")).at != NULL;
}

static void read_presigned_form(const struct http_request *head, const struct form_pairs *query,
                                struct signature *s)
{
    s->is_presigned = true;
    s->credential = form_value(query, TEXT("X-Amz-Credential"));
    s->signed_headers = form_value(query, TEXT("X-Amz-SignedHeaders"));
    s->signature = form_value(query, TEXT("X-Amz-Signature"));
    s->date = form_value(query, TEXT("X-Amz-Date"));
    s->expires = form_value(query, TEXT("X-Amz-Expires"));
    s->has_token = form_value(query, TEXT("X-Amz-Security-Token")).at != NULL;
    s->payload_hash = form_value(query, TEXT("X-Amz-Content-Sha256"));
    if (s->payload_hash.at == NULL) {
        s->payload_hash = header_value(head, TEXT("x-amz-content-sha256"));
    }
}

/* Finds the signature; SIGV4_GOOD: there is something that looks like one. */
static enum sigv4_verdict read_signature(struct verification *v)
{
    const struct text authorization = header_value(v->head, TEXT("authorization"));
    struct form_pairs query = {NULL, 0};
    enum rc rc;

    if (text_starts(authorization, TEXT(SIGV4_ALGORITHM " "))) {
        read_header_form(v->head, authorization, &v->signature);
        split_credential(&v->signature);
        return SIGV4_GOOD;
    }
    if (authorization.at != NULL) {
        return refuse_with(v, SIGV4_INCOMPLETE, "Unsupported AWS 'algorithm': '%.*s'",
                           (int)text_find(authorization, ' '), authorization.at);
    }
    rc = form_parse(v->head->query, v->arena, &query);
    if (rc == RC_OK &&
        text_eq(form_value(&query, TEXT("X-Amz-Algorithm")), TEXT(SIGV4_ALGORITHM))) {
        read_presigned_form(v->head, &query, &v->signature);
        split_credential(&v->signature);
        return SIGV4_GOOD;
    }
    return refuse_with(v, SIGV4_MISSING, "Request is missing Authentication Token");
}

/* Everything that a signature needs is there and has its form. */
static enum sigv4_verdict check_form(struct verification *v, int64_t *date_unix_ms)
{
    const struct signature *s = &v->signature;
    const char *kind = s->is_presigned ? "AWS query-string parameters must include"
                                       : "Authorization header requires";
    const struct {
        struct text value;
        const char *header;
        const char *parameter;
    } needed[] = {
        {s->credential, "'Credential' parameter", "'X-Amz-Credential'"},
        {s->signature, "'Signature' parameter", "'X-Amz-Signature'"},
        {s->signed_headers, "'SignedHeaders' parameter", "'X-Amz-SignedHeaders'"},
        {s->date, "existence of either a 'X-Amz-Date' or a 'Date' header", "'X-Amz-Date'"},
    };

    for (size_t i = 0; i < ARRAY_LEN(needed); i++) {
        if (text_is_empty(needed[i].value)) {
            return refuse_with(v, SIGV4_INCOMPLETE, "%s %s.", kind,
                               s->is_presigned ? needed[i].parameter : needed[i].header);
        }
    }
    if (s->terminator.at == NULL) {
        return refuse_with(v, SIGV4_INCOMPLETE,
                           "Credential must have exactly 5 slash-delimited elements, e.g. "
                           "keyid/date/region/service/term, got '%.*s'",
                           TEXT_ARG(s->credential));
    }
    if (timestamp_parse_basic(s->date, date_unix_ms) != RC_OK) {
        return refuse_with(v, SIGV4_INCOMPLETE,
                           "Date must be in ISO-8601 'basic format'. Got '%.*s'. See "
                           "http://en.wikipedia.org/wiki/ISO_8601",
                           TEXT_ARG(s->date));
    }
    if (!sigv4_signs_host(s->signed_headers)) {
        return refuse_with(v, SIGV4_MISMATCH,
                           "'Host' or ':authority' must be a 'SignedHeader' in the AWS "
                           "Authorization.");
    }
    return SIGV4_GOOD;
}

static enum sigv4_verdict check_scope(struct verification *v, struct text service,
                                      struct text region)
{
    const struct signature *s = &v->signature;

    if (!text_eq(s->terminator, TEXT("aws4_request"))) {
        return refuse_with(v, SIGV4_MISMATCH,
                           "Credential should be scoped with a valid terminator: 'aws4_request', "
                           "not '%.*s'.",
                           TEXT_ARG(s->terminator));
    }
    if (!text_eq(s->service, service)) {
        return refuse_with(v, SIGV4_MISMATCH,
                           "Credential should be scoped to correct service: '%.*s'.",
                           TEXT_ARG(service));
    }
    if (!text_is_empty(region) && !text_eq(s->region, region)) {
        return refuse_with(v, SIGV4_MISMATCH,
                           "Credential should be scoped to a valid region, not '%.*s'. This is "
                           "'%.*s'.",
                           TEXT_ARG(s->region), TEXT_ARG(region));
    }
    if (!text_eq(s->scope_date, text_slice(s->date, 0, 8))) {
        return refuse_with(v, SIGV4_MISMATCH,
                           "Date in Credential scope does not match YYYYMMDD from ISO-8601 version "
                           "of date from HTTP: '%.*s' != '%.*s', from '%.*s'.",
                           TEXT_ARG(s->scope_date), TEXT_ARG(text_slice(s->date, 0, 8)),
                           TEXT_ARG(s->date));
    }
    return SIGV4_GOOD;
}

static enum sigv4_verdict check_time(struct verification *v, int64_t date_unix_ms,
                                     int64_t now_unix_ms)
{
    const struct signature *s = &v->signature;
    int64_t lives_ms = SIGV4_SKEW_MS;
    char now[TIMESTAMP_BYTES];
    char edge[TIMESTAMP_BYTES];

    timestamp_write_basic(now_unix_ms, now);
    if (s->is_presigned) {
        int64_t expires_s;

        if (text_to_int(s->expires, 1, SIGV4_EXPIRES_S_MAX, &expires_s) != RC_OK) {
            return refuse_with(v, SIGV4_INCOMPLETE,
                               "X-Amz-Expires must be a number of seconds between 1 and %d",
                               SIGV4_EXPIRES_S_MAX);
        }
        lives_ms = expires_s * 1000;
    }
    if (date_unix_ms + lives_ms < now_unix_ms) {
        timestamp_write_basic(now_unix_ms - lives_ms, edge);
        return refuse_with(v, SIGV4_OUT_OF_TIME,
                           "Signature expired: %.*s is now earlier than %s (%s - %d min.)",
                           TEXT_ARG(s->date), edge, now, (int)(lives_ms / 60000));
    }
    if (date_unix_ms - SIGV4_SKEW_MS > now_unix_ms) {
        timestamp_write_basic(now_unix_ms + SIGV4_SKEW_MS, edge);
        return refuse_with(v, SIGV4_OUT_OF_TIME,
                           "Signature not yet current: %.*s is still later than %s (%s + %d min.)",
                           TEXT_ARG(s->date), edge, now, (int)(SIGV4_SKEW_MS / 60000));
    }
    return SIGV4_GOOD;
}

static const struct sigv4_key *find_key(const struct sigv4_keys *keys, struct text id)
{
    for (size_t i = 0; i < keys->count; i++) {
        if (text_eq(keys->at[i].id, id)) {
            return &keys->at[i];
        }
    }
    return NULL;
}

/* The hash that belongs into the canonical request. A hash that was sent must be the body's. */
static enum sigv4_verdict payload_hash(struct verification *v, struct text *out)
{
    const struct text claimed = v->signature.payload_hash;
    char actual[SHA256_HEX_BYTES];

    if (text_eq(claimed, TEXT("UNSIGNED-PAYLOAD"))) {
        *out = claimed;
        return SIGV4_GOOD;
    }
    sha256_hex(v->body, actual);
    if (!text_is_empty(claimed) && !text_eq(claimed, text_of(actual))) {
        return refuse_with(v, SIGV4_MISMATCH,
                           "The provided 'x-amz-content-sha256' header does not match what was "
                           "computed.");
    }
    *out = arena_text(v->arena, text_of(actual));
    return out->at != NULL ? SIGV4_GOOD : SIGV4_LIMIT;
}

static enum sigv4_verdict check_signature(struct verification *v, const struct sigv4_key *key)
{
    const struct signature *s = &v->signature;
    const struct sigv4_scope scope = {s->date, s->scope_date, s->region, s->service};
    char expected[SHA256_HEX_BYTES];
    struct text canonical;
    struct text string_to_sign;
    struct text hash = {NULL, 0};
    const enum sigv4_verdict verdict = payload_hash(v, &hash);

    if (verdict != SIGV4_GOOD) {
        return verdict;
    }
    if (sigv4_canonical(v->head, s->signed_headers, hash, v->arena, &canonical) != RC_OK) {
        return SIGV4_LIMIT;
    }
    if (sigv4_sign(key->secret, &scope, canonical, v->arena, &string_to_sign, expected) != RC_OK) {
        return SIGV4_LIMIT;
    }
    if (secret_eq(s->signature, text_of(expected))) {
        return SIGV4_GOOD;
    }
    v->result->why = arena_printf(
        v->arena,
        "The request signature we calculated does not match the signature you provided. Check your "
        "AWS Secret Access Key and signing method. Consult the service documentation for "
        "details.\n\nThe Canonical String for this request should have been\n'%.*s'\n\nThe "
        "String-to-Sign should have been\n'%.*s'\n",
        TEXT_ARG(canonical), TEXT_ARG(string_to_sign));
    return SIGV4_MISMATCH;
}

enum sigv4_verdict sigv4_verify(const struct http_request *head, struct text body,
                                const struct sigv4_keys *keys, struct text service,
                                struct text region, int64_t now_unix_ms, struct arena *arena,
                                struct sigv4_result *out)
{
    struct verification v = {.head = head, .body = body, .arena = arena, .result = out};
    const struct sigv4_key *key;
    enum sigv4_verdict verdict;
    int64_t date_unix_ms = 0;

    *out = (struct sigv4_result){0};
    verdict = read_signature(&v);
    if (verdict == SIGV4_GOOD) {
        verdict = check_form(&v, &date_unix_ms);
    }
    if (verdict != SIGV4_GOOD) {
        return verdict;
    }
    out->access_key = v.signature.access_key;
    out->region = v.signature.region;
    out->service = v.signature.service;
    key = find_key(keys, v.signature.access_key);
    if (key == NULL || v.signature.has_token) {
        return refuse_with(&v, SIGV4_UNKNOWN_KEY,
                           "The security token included in the request is invalid.");
    }
    verdict = check_scope(&v, service, region);
    if (verdict == SIGV4_GOOD) {
        verdict = check_time(&v, date_unix_ms, now_unix_ms);
    }
    return verdict == SIGV4_GOOD ? check_signature(&v, key) : verdict;
}

struct text sigv4_claim(const struct http_request *head, struct arena *arena)
{
    struct sigv4_result ignored;
    struct verification v = {.head = head, .arena = arena, .result = &ignored};

    if (read_signature(&v) != SIGV4_GOOD) {
        return (struct text){NULL, 0};
    }
    return v.signature.service;
}
