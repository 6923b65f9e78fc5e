/* SPDX-License-Identifier: Apache-2.0 */
/* FINISH: counts, logs and releases; every request, exactly once. */
#include "node/journal.h"
#include "node/worker.h"

static void count(const struct request *req)
{
    request_count(req, METRIC_PROCESSED_BYTES,
                  server_req_received_bytes(req->in) + server_req_sent_bytes(req->in));
    if (req->fault == FAULT_ID_CLIENT_GONE && !req->is_answering) {
        request_count(req, METRIC_ELB_4XX, 1); /* AWS ALB: 460 counts here */
    }
}

enum step step_finish(struct request *req)
{
    count(req);
    if (req->listener->logs & LOG_SET(ACCESS)) {
        journal_request(req);
    }
    loop_task_cancel(req->worker->loop, &req->again);
    request_leave_target(req);
    req->inbound->inlet->requests--;
    req->inbound->source->requests--;
    server_req_reset_with(req->in, req->target_error);
    server_req_finish(req->in); /* the connection may be gone behind it */
    worker_plan_unuse(req->plan);
    return STEP_GONE;
}
