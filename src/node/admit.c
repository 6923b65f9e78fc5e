/* SPDX-License-Identifier: Apache-2.0 */
/* ADMIT: whether a request may go on at all: faults of its head, desync mode, limits. */
#include "base/limits.h"
#include "http/desync.h"
#include "http/forward.h"
#include "node/worker.h"

static enum http_desync_mode mode_of(enum snap_desync_mode mode)
{
    switch (mode) {
    case SNAP_DEFENSIVE:
        return HTTP_DESYNC_DEFENSIVE;
    case SNAP_MONITOR:
        return HTTP_DESYNC_MONITOR;
    case SNAP_STRICTEST:
        return HTTP_DESYNC_STRICTEST;
    }
    return HTTP_DESYNC_STRICTEST;
}

static enum http_desync_act judge(struct request *req, const struct http_request *head)
{
    if (head->desync == HTTP_COMPLIANT) {
        return HTTP_DESYNC_ALLOW;
    }
    request_count(req, METRIC_DESYNC, 1);
    return http_desync_decide(head->desync, mode_of(req->listener->balancer->desync_mode));
}

static enum step refuse(struct request *req, enum fault_id fault)
{
    server_req_close_after(req->in);
    return request_fail(req, fault);
}

/* It counts itself among those under way. */
static bool is_over_requests(const struct request *req)
{
    const struct worker *worker = req->worker;
    const size_t max = worker->shares.requests;

    return worker->requests.count_taken > max ||
           req->inbound->inlet->requests > shares_of_listener(max) ||
           req->inbound->source->requests > shares_of_source(max);
}

/* RFC 9113 §8.1.1: a malformed request is its stream's error, and the others go on. */
static enum step refuse_head(struct request *req, const struct http_request *head)
{
    return head->version == HTTP_2 ? request_fail(req, FAULT_ID_HEAD_REFUSED)
                                   : refuse(req, FAULT_ID_HEAD_REFUSED);
}

static enum step admit_head(struct request *req, const struct http_request *head)
{
    switch (judge(req, head)) {
    case HTTP_DESYNC_REFUSE:
        return refuse(req, FAULT_ID_DESYNC);
    case HTTP_DESYNC_ALLOW_AND_CLOSE:
        server_req_close_after(req->in);
        req->closes_target = true;
        break;
    case HTTP_DESYNC_ALLOW:
        break;
    }
    switch (forward_refusal(head)) {
    case 0:
        return STEP_MATCH;
    case 405:
        return request_fail(req, FAULT_ID_TRACE);
    case 463:
        return request_fail(req, FAULT_ID_XFF_LIMIT);
    default:
        return refuse_head(req, head);
    }
}

enum step step_admit(struct request *req)
{
    const struct http_request *head = server_req_head(req->in);

    if (server_req_fault(req->in)) {
        (void)judge(req, head); /* counted all the same */
        return refuse_head(req, head);
    }
    if (req->inbound->is_over_limit) {
        return refuse(req, FAULT_ID_CONNECTION_LIMIT);
    }
    if (is_over_requests(req)) {
        return request_fail(req, FAULT_ID_REQUESTS_UNDER_WAY); /* it may ask again */
    }
    if (!budget_allows(&req->worker->memory, 0, LIMIT_MEMORY_BUSY_PERCENT)) {
        return refuse(req, FAULT_ID_MEMORY); /* its connection's buffers come back, too */
    }
    if (loop_lag_ms(req->worker->loop) > LIMIT_LAG_MS) {
        return request_fail(req, FAULT_ID_LATE_TURN);
    }
    if (!req->inbound->inlet->is_open) {
        server_req_close_after(req->in); /* the listener is gone: serve what came, then close */
    }
    return admit_head(req, head);
}
