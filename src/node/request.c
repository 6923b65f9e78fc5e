/* SPDX-License-Identifier: Apache-2.0 */
#include "node/request.h"

#include "http/forward.h"
#include "node/worker.h"

typedef enum step step_fn(struct request *req);

static step_fn *const steps[] = {
#define X(id, name) [STEP_##id] = step_##name,
    STEPS(X)
#undef X
};

/* ---- the driver --------------------------------------------------------------------------- */

#define TO(step) (1u << STEP_##step)

/* The edges as drawn in request.h. */
static const unsigned edges[] = {
    [STEP_ADMIT] = TO(MATCH) | TO(REPLY) | TO(FINISH),
    [STEP_MATCH] = TO(ACT) | TO(REPLY) | TO(FINISH),
    [STEP_ACT] = TO(PICK) | TO(REPLY) | TO(FINISH),
    [STEP_PICK] = TO(LEASE) | TO(REPLY) | TO(FINISH),
    [STEP_LEASE] = TO(RELAY) | TO(PICK) | TO(REPLY) | TO(FINISH),
    [STEP_RELAY] = TO(FINISH) | TO(PICK) | TO(REPLY),
    [STEP_REPLY] = TO(FINISH),
    [STEP_FINISH] = TO(GONE),
};

static void request_enter(struct request *req, enum step next)
{
    ASSERT(edges[req->step] & 1u << next);
    req->step = next;
}

static void request_run(struct request *req)
{
    while (req->step != STEP_GONE) {
        const enum step next = steps[req->step](req);

        if (next == STEP_WAIT) {
            return; /* a completion is armed; it will run us again */
        }
        request_enter(req, next);
    }
    worker_give_request(req->worker, req);
}

/* ---- completions: they record and resume -------------------------------------------------- */

/* Its worker ends: who was not answered yet is told so, if that can be written at once. */
static void request_end(struct request *req)
{
    if (req->step != STEP_REPLY) {
        request_enter(req, request_fail(req, FAULT_ID_NODE_ENDS));
    }
    if (req->step == STEP_REPLY) {
        (void)step_reply(req);
        request_enter(req, STEP_FINISH);
    }
    request_run(req);
}

void request_on_wake(void *arg)
{
    struct request *req = arg;

    if (req->worker->is_ending) {
        request_end(req);
    } else {
        request_run(req);
    }
}

static void on_again(struct loop_task *task)
{
    request_run(LIST_ITEM(task, struct request, again));
}

static void on_lease_ready(void *arg, enum rc rc)
{
    struct request *req = arg;

    req->dial_rc = rc;
    request_run(req);
}

static void on_lease_late(void *arg)
{
    struct request *req = arg;

    req->is_late = true;
    request_run(req);
}

static void on_lease_cut(void *arg)
{
    struct request *req = arg;

    req->is_cut = true;
    request_run(req);
}

const struct lease_user request_lease_user = {
    .ready = on_lease_ready,
    .late = on_lease_late,
    .cut = on_lease_cut,
    .crowded = worker_make_room,
};

void request_yield(struct request *req)
{
    loop_later(req->worker->loop, &req->again);
}

/* ---- life --------------------------------------------------------------------------------- */

void request_begin(struct worker *worker, struct inbound *inbound, struct server_req *in)
{
    struct request *req = worker_take_request(worker);

    *req = (struct request){
        .step = STEP_ADMIT,
        .worker = worker,
        .inbound = inbound,
        .in = in,
        .plan = worker_plan_use(inbound->inlet->plan),
        .listener = inbound->inlet->listener,
        .born_us = loop_now_us(worker->loop),
    };
    inbound->inlet->requests++;
    inbound->source->requests++;
    loop_task_init(&req->again, on_again);
    server_req_on_wake(in, request_on_wake, req);
    request_run(req);
}

void request_leave_target(struct request *req)
{
    if (!req->target) {
        return;
    }
    struct client_req *out = MOVE(req->out);
    struct lease *lease = MOVE(req->lease);
    if (!out) {
        lease_drop(lease); /* not dialed yet, or not used */
    } else if (!client_req_finish(out)) {
        lease_drop_closed(lease);
    } else if (req->closes_target) {
        lease_drop(lease);
    } else {
        lease_give(lease);
    }
    atomic_fetch_sub_explicit(&req->target->requests, 1, memory_order_relaxed);
    req->target = NULL;
}

/* ---- answers of our own ------------------------------------------------------------------- */

static const struct {
    int status;
    const char *why;
} faults[] = {
#define FAULT(id, status, why) [FAULT_ID_##id] = {status, why},
#include "node/faults.def"
#undef FAULT
};

int request_fault_status(enum fault_id fault)
{
    return faults[fault].status;
}

const char *request_fault_why(enum fault_id fault)
{
    return faults[fault].why;
}

struct page_about request_page_about(struct request *req)
{
    struct worker *worker = req->worker;

    return (struct page_about){
        .date = date_text(&worker->date, loop_unix_ms(worker->loop) / 1000),
        .hides_server = !req->listener->snap->is_server_header_enabled,
    };
}

/* AWS ALB, "HTTP header modification"; 101 hands the connection over and is left alone. */
enum rc request_set_fields(const struct request *req, const struct http_response **answer)
{
    struct arena *arena = server_req_arena(req->in);
    struct http_response *out = ARENA_NEW(arena, struct http_response);

    if ((*answer)->status < 200) {
        return RC_OK;
    }
    if (!out) {
        return RC_LIMIT;
    }
    TRY(forward_set_fields(*answer, &req->listener->fields->answer, arena, out));
    *answer = out;
    return RC_OK;
}

enum step request_answer(struct request *req, struct page *page)
{
    request_leave_target(req);
    if (!page) {
        server_req_close_after(req->in);
        return STEP_FINISH; /* not even room for a page: the connection just closes */
    }
    req->page = page;
    req->page_rest = page->body;
    return STEP_REPLY;
}

/* AWS ALB: gRPC clients are told 502 in their own way. */
static struct page *error_page(struct request *req, int status)
{
    struct arena *arena = server_req_arena(req->in);

    return status == 502 && http_is_grpc(server_req_head(req->in))
               ? page_grpc_unavailable(arena, request_page_about(req))
               : page_error(arena, status, request_page_about(req));
}

enum step request_fail(struct request *req, enum fault_id fault)
{
    const int status = fault == FAULT_ID_HEAD_REFUSED ? server_req_fault_status(req->in)
                                                      : request_fault_status(fault);

    const bool is_silent = fault == FAULT_ID_CLIENT_GONE || fault == FAULT_ID_TARGET_RESET;

    req->fault = fault;
    if (req->is_answering && (is_silent || !server_req_take_back(req->in))) {
        return STEP_FINISH; /* it ends in the middle, and the client sees that */
    }
    req->is_answering = false;
    req->status = status;
    if (is_silent) {
        return STEP_FINISH;
    }
    return request_answer(req, error_page(req, status));
}

/* RFC 9110 §9.2.2. */
static bool is_idempotent(enum http_method method)
{
    switch (method) {
    case HTTP_GET:
    case HTTP_HEAD:
    case HTTP_PUT:
    case HTTP_DELETE:
    case HTTP_OPTIONS:
    case HTTP_TRACE:
        return true;
    case HTTP_METHOD_OTHER:
    case HTTP_POST:
    case HTTP_PATCH:
    case HTTP_CONNECT:
        break;
    }
    return false;
}

/* RFC 9112 §9.3.1: a request on a reused connection that ended without a byte of an answer met the
 * target's own closing, most likely, and may be sent again if that cannot do harm. */
static bool met_closing(const struct request *req)
{
    return req->out && lease_is_reused(req->lease) && !client_req_got_anything(req->out) &&
           is_idempotent(server_req_head(req->in)->method_id);
}

enum step request_fail_target(struct request *req, enum fault_id fault)
{
    const bool is_unsent = !req->out || !client_req_sent_anything(req->out);
    const bool is_closing = met_closing(req);

    if (req->is_answering || req->is_retried || req->has_taken_body || !(is_unsent || is_closing)) {
        return request_fail(req, fault);
    }
    struct target *target = req->target;
    request_leave_target(req);
    if (is_closing) {
        leases_quiet(&req->worker->leases, target); /* its other idle ones are closing as well */
    }
    req->is_retried = true;
    req->retry_for = is_closing ? FAULT_ID_NONE : fault;
    req->avoid = target;
    req->is_deaf = req->is_asked = req->is_late = req->is_cut = false;
    return STEP_PICK;
}

void request_count(const struct request *req, enum metric metric, uint64_t amount)
{
    const enum metric_scope scope = metric_scope(metric);
    const int worker = req->worker->index;

    if (scope & METRIC_SCOPE_BALANCER) {
        counters_add(&req->listener->state->counters[worker], metric, amount);
    }
    if (req->group && (scope & METRIC_SCOPE_GROUP)) {
        counters_add(&req->group->group->counters[worker], metric, amount);
    }
}
