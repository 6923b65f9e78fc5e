/* SPDX-License-Identifier: Apache-2.0 */
/* PICK: one target of the group. */
#include "node/worker.h"

enum step step_pick(struct request *req)
{
    struct worker *worker = req->worker;
    struct choices *choices = &req->plan->choices[req->group->index];
    struct target *target =
        choices_pick(choices, req->group, req->avoid, loop_now_ms(worker->loop), &worker->random);

    if (!target) {
        return request_fail(req, FAULT_ID_NO_TARGET);
    }
    if (target == req->avoid && req->retry_for != FAULT_ID_NONE) {
        return request_fail(req, req->retry_for); /* there is no other */
    }
    req->target = target;
    req->tried = target;
    atomic_fetch_add_explicit(&target->requests, 1, memory_order_relaxed);
    if (!req->is_retried) {
        request_count(req, METRIC_REQUEST, 1);
        if (http_is_grpc(server_req_head(req->in))) {
            request_count(req, METRIC_GRPC_REQUEST, 1);
        }
        if (choices->is_fail_open) {
            request_count(req, METRIC_UNHEALTHY_ROUTING, 1);
        }
    }
    return STEP_LEASE;
}
