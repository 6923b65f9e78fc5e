/* SPDX-License-Identifier: Apache-2.0 */
/* MATCH: the first rule whose conditions hold. */
#include "node/worker.h"

enum step step_match(struct request *req)
{
    const struct rules_subject subject = {
        .head = server_req_head(req->in),
        .source_ip = req->inbound->peer.ip4,
    };
    unsigned evaluated;

    req->rule = rules_match(req->listener->rules, &subject, server_req_arena(req->in), &evaluated);
    if (!req->rule) {
        return request_fail(req, FAULT_ID_REQUEST_LIMIT);
    }
    if (evaluated > 0) {
        request_count(req, METRIC_RULE_EVALUATIONS, evaluated);
    }
    return STEP_ACT;
}
