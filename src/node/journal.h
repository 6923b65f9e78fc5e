/* SPDX-License-Identifier: Apache-2.0 */
/* journal: what requests and connections have to say in the logs of their load balancer: it knows
 * where each field comes from; log_line knows how it is written.
 *
 * Whoever calls has looked at plan_listener.logs: with the logs off nothing here runs.
 * Thread   the worker's, but of health checks.
 * Sources  AWS ALB, "Access logs", "Connection logs", "Health check logs"; reference sections 11.1
 * to 11.3. */
#pragma once
#include "node/logbook.h"
#include "node/request.h"

/* In FINISH, while everything is still there. */
void journal_request(const struct request *req);
/* A connection is established, or failed to be: its handshake, where it has one, is over. `stream`
 * is NULL when it was closed at once. */
void journal_connection(struct inbound *inbound, const struct stream *stream, bool is_fine);
/* A health check is over. In the main thread, whose book it is. */
void journal_check(struct logbook *book, const struct target *target,
                   const struct check_result *result);
