/* SPDX-License-Identifier: Apache-2.0 */
/* ACT: what the rule says: answer here, or choose a target group. */
#include "node/worker.h"

static enum step redirect(struct request *req, const struct snap_action *action)
{
    const struct http_request *head = server_req_head(req->in);
    const struct page_redirect rule = {
        .protocol = action->redirect.protocol,
        .host = action->redirect.host,
        .port = action->redirect.port,
        .path = action->redirect.path,
        .query = action->redirect.query,
        .status = action->redirect.status,
    };
    const struct page_place place = {
        .is_tls = req->listener->snap->protocol == SNAP_HTTPS,
        .port = req->listener->port,
        .host =
            text_is_empty(head->authority) ? req->listener->balancer->dns_name : head->authority,
        .path = head->path,
        .query = head->query,
    };
    struct page *page =
        page_redirect(server_req_arena(req->in), &rule, &place, request_page_about(req));

    if (page && page->response.status == request_fault_status(FAULT_ID_LOCATION_LIMIT)) {
        req->fault = FAULT_ID_LOCATION_LIMIT;
        request_count(req, METRIC_REDIRECT_LIMIT, 1);
    } else {
        request_count(req, METRIC_REDIRECT, 1);
    }
    return request_answer(req, page);
}

static enum step fixed(struct request *req, const struct snap_action *action)
{
    request_count(req, METRIC_FIXED_RESPONSE, 1);
    return request_answer(req, page_fixed(server_req_arena(req->in), action->fixed.status,
                                          action->fixed.content_type, action->fixed.body,
                                          request_page_about(req)));
}

/* AWS ALB, "Weighted target groups": no fail-over from one group to another. */
static enum step forward(struct request *req, const struct snap_action *action)
{
    const size_t chosen =
        choices_pick_group(action->forward.groups, action->forward.count, &req->worker->random);

    if (chosen == action->forward.count) {
        return request_fail(req, FAULT_ID_NO_TARGET); /* all weights are 0 (inferred) */
    }
    req->group = plan_group_of(req->plan->plan, action->forward.groups[chosen].group);
    return STEP_PICK;
}

enum step step_act(struct request *req)
{
    /* The routing action stands last; those before it (authentication) are none of this node's. */
    const struct snap_action *action = &req->rule->actions[req->rule->action_count - 1];

    switch (action->type) {
    case SNAP_FORWARD:
        return forward(req, action);
    case SNAP_REDIRECT:
        return redirect(req, action);
    case SNAP_FIXED_RESPONSE:
        return fixed(req, action);
    }
    return request_fail(req, FAULT_ID_NO_TARGET);
}
