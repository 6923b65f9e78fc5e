/* SPDX-License-Identifier: Apache-2.0 */
/* listener_auth: whether a listener asks its clients for certificates, and whose it takes.
 *
 * Source   AWS ELBv2 API, MutualAuthenticationAttributes; AWS ALB, "Mutual authentication with
 * TLS", "Quotas": two listeners of a load balancer may verify. */
#pragma once
#include "control/listener.h"

extern const struct listener_auth listener_auth_off;

/* What was given (NULL: nothing) replaces what is in *out, whole; empty: off. Checks it by itself
 * and that the trust store is there. */
MUST_USE enum rc listener_auth_make(struct turn *turn, const struct listener_auth *given,
                                    struct listener_auth *out);

/* Of a listener, as kept. */
MUST_USE enum rc listener_auth_load(struct turn *turn, struct text listener,
                                    struct listener_auth *out);
/* Keeps it; refused when the load balancer has enough listeners that verify. */
MUST_USE enum rc listener_auth_save(struct turn *turn, const struct listener_row *listener,
                                    const struct listener_auth *auth);

bool listener_auth_is_same(const struct listener_auth *a, const struct listener_auth *b);
