/* SPDX-License-Identifier: Apache-2.0 */
/* page: the answers that the load balancer gives itself: errors, redirects, fixed responses, byte
 * for byte as AWS ALB's. Each is a response and its body, from an arena.
 *
 * Sources  AWS ALB, "Troubleshoot your Application Load Balancers", "Redirect actions", "Fixed
 *          response actions"; the pages' form and the order of their fields were observed. */
#pragma once
#include "base/arena.h"
#include "http/message.h"

struct page {
    struct http_response response;
    struct text body; /* response.content_length bytes */
};

/* What every page tells. */
struct page_about {
    struct text date;  /* borrowed as long as the page */
    bool hides_server; /* attribute routing.http.response.server.enabled is false */
};

/* The words behind a status on the status line; empty when nobody knows any. */
struct text page_reason(int status);

/* An error page; empty for the statuses that have none (463, 464, 561, 562). NULL: the arena is
 * full. */
struct page *page_error(struct arena *arena, int status, struct page_about about);

/* What a gRPC client gets instead of a 502 page: status 502, grpc-status 14. */
struct page *page_grpc_unavailable(struct arena *arena, struct page_about about);

/* A redirect action; empty texts mean what the request has ("#{host}" and so on). */
struct page_redirect {
    struct text protocol; /* HTTP, HTTPS or #{protocol} */
    struct text host;     /* with #{host} */
    struct text port;     /* a number or #{port} */
    struct text path;     /* with #{host}, #{path}, #{port} */
    struct text query;    /* with all tokens; .at NULL means #{query} */
    int status;           /* 301, 302 */
};

/* Where the request went: what the tokens stand for. */
struct page_place {
    bool is_tls;
    uint16_t port;     /* of the listener */
    struct text host;  /* as in the request; a port behind it is ignored */
    struct text path;  /* with its leading '/' */
    struct text query; /* without '?'; may be empty */
};

/* Location is absolute and always has a port; one of more than LIMIT_LOCATION_BYTES gives a page
 * 507 instead. NULL: the arena is full. */
struct page *page_redirect(struct arena *arena, const struct page_redirect *rule,
                           const struct page_place *place, struct page_about about);

/* A fixed-response action. An empty content type means text/plain. NULL: the arena is full. */
struct page *page_fixed(struct arena *arena, int status, struct text content_type, struct text body,
                        struct page_about about);
