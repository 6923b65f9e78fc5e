/* SPDX-License-Identifier: Apache-2.0 */
/* message: what an HTTP message means, whatever carried it: the one form that h1 and h2 read into
 * and write from. Texts are borrowed: from the connection's buffer or the request's arena, valid
 * while the request lives.
 *
 * Sources  RFC 9110 (semantics), RFC 9112 §6 (framing). */
#pragma once
#include "base/fault.h"
#include "base/text.h"

#include <stdint.h>

enum http_field_id {
    HTTP_FIELD_OTHER = 0,
    HTTP_FIELD_SUSPICIOUS, /* looks like Content-Length or Transfer-Encoding; never forwarded */
#define FIELD(id, name, flags) HTTP_FIELD_##id,
#include "http/fields.def"
#undef FIELD
    HTTP_FIELD_IDS
};

struct http_field {
    struct text name; /* as received (h2: lower case), or as we write it */
    struct text value;
    enum http_field_id id;
    bool is_line; /* the h1 reader checked it, and it stands there as "name: value" CRLF */
};

struct http_fields {
    struct http_field *at; /* in order of arrival */
    size_t count;
};

enum http_version { HTTP_0_9 = 9, HTTP_1_0 = 10, HTTP_1_1 = 11, HTTP_2 = 20 };

enum http_method {
    HTTP_METHOD_OTHER = 0,
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_PUT,
    HTTP_DELETE,
    HTTP_OPTIONS,
    HTTP_PATCH,
    HTTP_TRACE,
    HTTP_CONNECT,
};

/* How the end of a body is known. */
enum http_framing {
    HTTP_NO_BODY,
    HTTP_LENGTH,      /* content_length bytes */
    HTTP_CHUNKED,     /* h1 only */
    HTTP_UNTIL_CLOSE, /* h1 responses only */
    HTTP_UNTIL_END,   /* h2: END_STREAM, length not told */
};

/* AWS ALB, "Desync mitigation mode"; in order of badness. The reasons are in http/desync.h. */
enum http_desync { HTTP_COMPLIANT, HTTP_ACCEPTABLE, HTTP_AMBIGUOUS, HTTP_SEVERE };

struct http_request {
    struct text method;
    enum http_method method_id;
    struct text target;    /* as received: origin, absolute, authority or asterisk form */
    struct text path;      /* of target, without the query; "*" for asterisk form */
    struct text query;     /* behind the '?'; .at NULL: there was none */
    struct text authority; /* of an absolute form, else of the first Host field; may be empty */
    struct http_fields fields;
    enum http_version version;
    enum http_framing framing;
    uint64_t content_length; /* when framing is HTTP_LENGTH */
    bool is_absolute;        /* target was in absolute form */
    bool is_lower_case;      /* to be written: names of framing fields, since it came by HTTP/2 */
    bool wants_close;        /* Connection: close, or HTTP/1.0 without keep-alive */
    bool expects_continue;   /* Expect: 100-continue, HTTP/1.1 */
    struct text upgrade;     /* Upgrade value, when Connection names it too; else empty */
    enum http_desync desync;
    const char *desync_reason; /* the log's word, static; NULL when compliant */
    size_t head_bytes;         /* as received */
};

struct http_response {
    int status;         /* 100..999 */
    struct text reason; /* may be empty */
    struct http_fields fields;
    enum http_version version;
    enum http_framing framing;
    uint64_t content_length; /* when framing is HTTP_LENGTH, or tells_length */
    bool tells_length;       /* no body follows, but its length is told: HEAD, 304 */
    bool wants_close;
    struct text upgrade; /* as in a request */
    size_t head_bytes;
};

/* The id of a token in any letter case; HTTP_FIELD_OTHER when no rule knows it. */
enum http_field_id http_field_id(struct text name);
/* The name in lower case; empty for _OTHER and _SUSPICIOUS. */
struct text http_field_name(enum http_field_id id);
enum http_method http_method_id(struct text method);   /* case matters */
struct text http_method_name(enum http_method method); /* empty for _OTHER */

/* The whole line as the reader found and checked it, if name and value are still those of it; else
 * empty. */
struct text http_field_line(const struct http_field *field);

/* Never forwarded: named hop-by-hop by RFC 9110 §7.6.1, or suspicious. Those that Connection names
 * are the caller's to find: http_connection_names(). */
bool http_field_is_hop(enum http_field_id id);
/* The writer's alone to set: Content-Length and Transfer-Encoding. */
bool http_field_is_framing(enum http_field_id id);
/* Not allowed as a trailer (RFC 9110 §6.5.1): framing, routing, credentials, content metadata. */
bool http_field_is_head_only(enum http_field_id id);

/* Whether some Connection field lists the token, letter case ignored. */
bool http_connection_names(const struct http_fields *fields, struct text name);
/* Whether Connection lists more than "close" and "keep-alive": only then need names be looked up.
 */
bool http_connection_is_special(const struct http_fields *fields);
/* Takes the next element off a comma-separated list (RFC 9110 §5.6.1), trimmed; empty elements are
 * skipped. False when there is none left. */
bool http_list_next(struct text *rest, struct text *element);

/* First field with the id, or NULL. */
const struct http_field *http_find(const struct http_fields *fields, enum http_field_id id);
/* First field with the name, letter case ignored, or NULL. */
const struct http_field *http_find_name(const struct http_fields *fields, struct text name);

/* A gRPC call: an HTTP/2 POST of "application/grpc", perhaps with a suffix (gRPC over HTTP/2). */
bool http_is_grpc(const struct http_request *request);

/* One or more tchar (RFC 9110 §5.6.2). */
bool http_is_token(struct text text);
/* Field content (RFC 9110 §5.5): no controls but HTAB; obs-text is fine; not trimmed here. */
bool http_is_value(struct text text);
