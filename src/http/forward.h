/* SPDX-License-Identifier: Apache-2.0 */
/* forward: what an Application Load Balancer does to a request on its way to a target, and to the
 * answer on its way back. Pure: addresses, time and random bytes are arguments.
 *
 * The outgoing message borrows from the incoming one; what is new comes from the arena. Fields
 * leave in the order of the real thing: X-Forwarded-For, -Proto, -Port, Host, X-Amzn-Trace-Id,
 * ours for TLS, then the client's in their order and letter case.
 *
 * Sources  AWS ALB, "HTTP headers and Application Load Balancers", "Request tracing", "Host header
 *          preservation"; RFC 9110 §7.6.1. */
#pragma once
#include "base/arena.h"
#include "http/message.h"

/* AWS ALB, attribute routing.http.xff_header_processing.mode. */
enum forward_xff { FORWARD_XFF_APPEND, FORWARD_XFF_PRESERVE, FORWARD_XFF_REMOVE };

#define FORWARD_TRACE_BYTES 12

struct forward {
    /* Attributes of the load balancer. */
    enum forward_xff xff;
    bool is_xff_client_port;
    bool preserves_host;
    bool drops_invalid_fields;
    /* The client's connection. */
    struct text client_address; /* as written: IPv6 without brackets */
    uint16_t client_port;
    uint16_t listener_port;
    bool is_tls;
    struct text tls_version, tls_cipher; /* empty: not told */
    /* The request. */
    struct text default_host;        /* the load balancer's DNS name, for requests without a host */
    struct text new_host;            /* of a host-header-rewrite; empty: none */
    struct text new_target;          /* of a url-rewrite, origin form; empty: none */
    const struct http_fields *added; /* more of ours; the client's of these names are dropped */
    const struct http_fields *dropped; /* names of ours, told or not; NULL: none */
    int64_t now_unix_s;
    uint8_t trace[FORWARD_TRACE_BYTES]; /* random */
};

struct forward_counts {
    unsigned invalid_dropped;   /* DroppedInvalidHeaderRequestCount */
    unsigned invalid_forwarded; /* ForwardedInvalidHeaderRequestCount */
};

/* The status that refuses the request before any rule is looked at, or 0: 405 for TRACE, 463 for
 * more than 30 addresses in X-Forwarded-For. */
int forward_refusal(const struct http_request *in);

/* RC_OK, or RC_LIMIT: the arena is full. *out may be given to a writer and to conn/client. */
MUST_USE enum rc forward_request(const struct http_request *in, const struct forward *how,
                                 struct arena *arena, struct http_request *out,
                                 struct forward_counts *counts);

/* Without hop-by-hop fields and those that Connection names; `added` (NULL: none) replace fields of
 * the same name, but Set-Cookie, which is added. RC_LIMIT: the arena is full. */
MUST_USE enum rc forward_response(const struct http_response *in, const struct http_fields *added,
                                  struct arena *arena, struct http_response *out);

/* The value of X-Amzn-Trace-Id for a request that goes nowhere, for the log. `id`: random bytes.
 * .at is NULL: the arena is full. */
struct text forward_trace_new(const struct http_request *in, int64_t now_unix_s,
                              const uint8_t id[FORWARD_TRACE_BYTES], struct arena *arena);
/* The answer with these fields, which replace those of the same name; else as it is, also what
 * belongs to one hop. RC_LIMIT: the arena is full. */
MUST_USE enum rc forward_set_fields(const struct http_response *in, const struct http_fields *set,
                                    struct arena *arena, struct http_response *out);

/* The trace id as sent, for the log; empty: none. */
struct text forward_trace(const struct http_request *out);
