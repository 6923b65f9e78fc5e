/* SPDX-License-Identifier: Apache-2.0 */
/* secure: the TLS of one worker: contexts for its HTTPS listeners, and toward HTTPS targets.
 *
 * Sources  AWS ALB, "HTTPS listeners", "Mutual authentication with TLS", "Target groups" (targets'
 *          certificates are not verified). */
#pragma once
#include "base/log.h"
#include "conn/server.h"
#include "node/plan.h"
#include "tls/context.h"

/* Whether the handshakes of both are the same, so that one's context may serve the other: policy,
 * certificates, ticket keys, mutual TLS. */
bool secure_is_same(const struct plan *a_plan, const struct plan_listener *a,
                    const struct plan *b_plan, const struct plan_listener *b);

/* The trust store, parsed; NULL: it cannot be. The caller's reference. */
struct tls_trust *secure_trust(const struct snap_trust_store *trust_store);

/* A context for an HTTPS listener; NULL, with a line in the log, when it cannot be made: then
 * nobody is served there. The caller's reference. */
struct tls_server *secure_listener(const struct plan *plan, const struct plan_listener *listener,
                                   const struct log *log);

/* Toward the targets of this load balancer: follows from its listeners' policies. */
const struct tls_policy *secure_policy_toward_targets(const struct snap_balancer *balancer);

/* AWS ALB, "HTTP headers and mutual TLS": what the target is told of the client's certificate; and
 * of TLS, where that is told by other names. Empty where there is nothing to tell. RC_LIMIT. */
MUST_USE enum rc secure_fields(const struct plan_listener *listener, const struct stream *stream,
                               struct arena *arena, struct http_fields *out);
