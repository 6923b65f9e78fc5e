/* SPDX-License-Identifier: Apache-2.0 */
/* listener: rows of listeners and their certificates. Rules and certificates go with their
 * listener, listeners with their load balancer. */
#pragma once
#include "store/store.h"

struct arena;

struct listener_row {
    struct text arn;
    struct text balancer; /* ARN */
    int64_t port;
    struct text protocol;   /* "HTTP", "HTTPS" */
    struct text ssl_policy; /* empty: HTTP */
    int64_t created_ms;
};

struct listener_rows {
    struct listener_row *at;
    size_t count;
};

struct listener_certificate_row {
    struct text listener;    /* ARN */
    struct text certificate; /* ARN */
    bool is_default;
};

struct listener_certificate_rows {
    struct listener_certificate_row *at;
    size_t count;
};

/* RC_CONFLICT: the load balancer has a listener on that port. */
MUST_USE enum rc listener_row_insert(struct store *store, const struct listener_row *row);
/* Port, protocol, policy. RC_CONFLICT as above. */
MUST_USE enum rc listener_row_update(struct store *store, const struct listener_row *row);
/* RC_ABSENT when there is none. */
MUST_USE enum rc listener_row_get(struct store *store, struct arena *arena, struct text arn,
                                  struct listener_row *out);
MUST_USE enum rc listener_row_get_on(struct store *store, struct arena *arena, struct text balancer,
                                     int64_t port, struct listener_row *out);
/* Of one load balancer, by port. */
MUST_USE enum rc listener_row_list(struct store *store, struct arena *arena, struct text balancer,
                                   struct listener_rows *out);
MUST_USE enum rc listener_row_count(struct store *store, struct text balancer, int64_t *out);
/* Absent is fine. */
MUST_USE enum rc listener_row_remove(struct store *store, struct text arn);

/* Adding what is there is fine. */
MUST_USE enum rc listener_certificate_row_put(struct store *store,
                                              const struct listener_certificate_row *row);
MUST_USE enum rc listener_certificate_row_remove(struct store *store, struct text listener,
                                                 struct text certificate, bool is_default);
/* The default one, or all of both kinds. */
MUST_USE enum rc listener_certificate_row_remove_default(struct store *store, struct text listener);
MUST_USE enum rc listener_certificate_row_remove_all(struct store *store, struct text listener);
/* The default one first, then the list in the order of its ARNs. */
MUST_USE enum rc listener_certificate_row_list(struct store *store, struct arena *arena,
                                               struct text listener,
                                               struct listener_certificate_rows *out);
/* Those beside the defaults, over all listeners of a load balancer, each ARN once. */
MUST_USE enum rc listener_certificate_row_count(struct store *store, struct text balancer,
                                                int64_t *out);
/* How many listeners use it: a certificate in use is not deleted. */
MUST_USE enum rc listener_certificate_row_uses(struct store *store, struct text certificate,
                                               int64_t *out);
