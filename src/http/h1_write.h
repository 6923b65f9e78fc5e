/* SPDX-License-Identifier: Apache-2.0 */
/* h1_write: writes HTTP/1.1 messages, from the message alone: nothing that a stranger sent reaches
 * the wire but as a checked name, value, target or reason. Framing, Connection and Upgrade are
 * written here and nowhere else; hop-by-hop fields and those that Connection names are dropped
 * (RFC 9110 §7.6.1); order and letter case of the others are kept. What is written parses to the
 * same message again, however it is split.
 *
 * All write to the caller's memory: RC_LIMIT when it does not fit (nothing useful written), RC_BAD
 * when the message holds what no message may hold (a name that is no token, a line break in a
 * value, ...): our mistake upstream, kept from becoming a hole.
 *
 * Sources  RFC 9112 §3, §4, §6, §7.1, §9.6; RFC 9110 §7.6.1. */
#pragma once
#include "http/message.h"

/* How a message is framed and whether the connection ends behind it. */
struct h1_plan {
    enum http_framing framing; /* HTTP_NO_BODY, _LENGTH, _CHUNKED or _UNTIL_CLOSE */
    bool closes;
    bool tells_length; /* Content-Length is written, perhaps of what does not follow */
};

/* For a request to a target: _UNTIL_END becomes chunked. */
struct h1_plan h1_plan_request(const struct http_request *request, bool closes);

/* For an answer to a client of `version` that asked with `asked`: HTTP_NO_BODY means that no body
 * byte may follow, though the head may tell a length (HEAD, 304). An answer of unknown length is
 * chunked for HTTP/1.1 and ends with the connection for older clients. */
struct h1_plan h1_plan_response(const struct http_response *response, enum http_version version,
                                enum http_method asked, bool closes);

/* The version on the wire is always HTTP/1.1. Host is written from the fields, or, if they have
 * none, from request->authority. request->upgrade, if not empty, asks for that upgrade. */
MUST_USE enum rc h1_write_request(const struct http_request *request, struct h1_plan plan,
                                  char *into, size_t size, size_t *len);

/* `version` is the client's: HTTP/0.9 gets no head (*len is 0), HTTP/1.0 "keep-alive" when it
 * stays. */
MUST_USE enum rc h1_write_response(const struct http_response *response, struct h1_plan plan,
                                   enum http_version version, char *into, size_t size, size_t *len);

/* A chunk on the wire: head, data, H1_CHUNK_END. */
#define H1_CHUNK_HEAD_BYTES 18 /* 16 digits and CRLF */
#define H1_CHUNK_END        TEXT("\r\n")
/* Gives the length; `data_bytes` may not be 0: that would end the body. */
size_t h1_write_chunk_head(uint64_t data_bytes, char into[static H1_CHUNK_HEAD_BYTES]);
/* The last chunk with its trailers (NULL or empty: none). Trailers that may not be trailers are
 * left out (RFC 9110 §6.5.1). */
MUST_USE enum rc h1_write_last_chunk(const struct http_fields *trailers, char *into, size_t size,
                                     size_t *len);

#define H1_CONTINUE TEXT("HTTP/1.1 100 Continue\r\n\r\n")
