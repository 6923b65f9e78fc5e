/* SPDX-License-Identifier: Apache-2.0 */
/* listener_auth: rows of listeners that ask clients for certificates; one without a row does not.
 * They go with their listener, and keep the trust store they name. */
#pragma once
#include "store/store.h"

struct arena;

struct listener_auth_row {
    struct text listener;    /* ARN */
    struct text mode;        /* "passthrough", "verify" */
    struct text trust_store; /* ARN; empty but for verify */
    bool ignores_expiry;
    bool advertises_ca_names;
};

/* Replaces what was. RC_CONFLICT: there is no such listener or trust store. */
MUST_USE enum rc listener_auth_row_put(struct store *store, const struct listener_auth_row *row);
/* Absent is fine. */
MUST_USE enum rc listener_auth_row_remove(struct store *store, struct text listener);
/* RC_ABSENT when there is none. */
MUST_USE enum rc listener_auth_row_get(struct store *store, struct arena *arena,
                                       struct text listener, struct listener_auth_row *out);
/* Listeners of a load balancer that verify, this one left out. */
MUST_USE enum rc listener_auth_row_count_verify(struct store *store, struct text balancer,
                                                struct text besides, int64_t *out);
/* ARNs of the load balancers whose listeners use a trust store, each once, in order. */
MUST_USE enum rc listener_auth_row_balancers(struct store *store, struct arena *arena,
                                             struct text trust_store, struct text_list *out);
