/* SPDX-License-Identifier: Apache-2.0 */
/* upgrade: which requests may turn their connection into a tunnel, and which answers do.
 *
 * Sources  RFC 9110 §7.8, RFC 6455 §4; AWS ALB, "Application Load Balancers: WebSockets". */
#pragma once
#include "http/message.h"

/* What a request may ask a target for: its Upgrade value, or empty. HTTP/2 by upgrade (h2c) and TLS
 * are not offered here, and a request with a body is not upgraded: its end would be the tunnel's
 * beginning. */
struct text upgrade_asked(const struct http_request *request);

/* Whether this 101 grants what was asked for. A 101 that does not is a broken answer. */
bool upgrade_granted(struct text asked, const struct http_response *response);

/* For the log's ws and wss. */
bool upgrade_is_websocket(struct text asked);
