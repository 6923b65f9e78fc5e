/* SPDX-License-Identifier: Apache-2.0 */
/* REPLY: sends an answer of our own. */
#include "node/worker.h"

/* AWS ALB, "CloudWatch metrics": codes that originate from the load balancer, redirects among
 * them, fixed responses not. */
static void count(const struct request *req, int status)
{
    static const struct {
        int status;
        enum metric metric;
    } singles[] = {
        {500, METRIC_ELB_500}, {502, METRIC_ELB_502}, {503, METRIC_ELB_503}, {504, METRIC_ELB_504}};

    if (req->fault == FAULT_ID_NONE && status / 100 != 3) {
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(singles); i++) {
        if (singles[i].status == status) {
            request_count(req, singles[i].metric, 1);
        }
    }
    switch (status / 100) {
    case 3:
        request_count(req, METRIC_ELB_3XX, 1);
        break;
    case 4:
        request_count(req, METRIC_ELB_4XX, 1);
        break;
    case 5:
        request_count(req, METRIC_ELB_5XX, 1);
        break;
    default:
        break;
    }
}

static enum rc begin(struct request *req)
{
    const struct http_response *response = &req->page->response;

    if (req->listener->fields->answer.count > 0) {
        TRY(request_set_fields(req, &response));
    }
    TRY(server_req_respond(req->in, response));
    req->is_answering = true;
    req->status = response->status;
    count(req, response->status);
    return RC_OK;
}

static enum rc send_page(struct request *req)
{
    while (req->page_rest.len > 0) {
        size_t taken;

        TRY(server_req_write(req->in, req->page_rest, &taken));
        req->page_rest = text_slice(req->page_rest, taken, req->page_rest.len);
    }
    return server_req_end(req->in, NULL);
}

enum step step_reply(struct request *req)
{
    if (!req->is_answering && begin(req) != RC_OK) {
        return STEP_FINISH; /* the connection closes */
    }
    return send_page(req) == RC_AGAIN ? STEP_WAIT : STEP_FINISH;
}
