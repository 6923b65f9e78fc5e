/* SPDX-License-Identifier: Apache-2.0 */
/* LEASE: a connection to the target, and the request as the target shall see it. */
#include "http/forward.h"
#include "http/upgrade.h"
#include "node/secure.h"
#include "node/worker.h"
#include "tls/stream.h"

static enum forward_xff xff_of(enum snap_xff_mode mode)
{
    switch (mode) {
    case SNAP_XFF_APPEND:
        return FORWARD_XFF_APPEND;
    case SNAP_XFF_PRESERVE:
        return FORWARD_XFF_PRESERVE;
    case SNAP_XFF_REMOVE:
        return FORWARD_XFF_REMOVE;
    }
    return FORWARD_XFF_APPEND;
}

/* AWS ALB, "HTTP headers and Application Load Balancers". Made once, also when it is sent twice. */
static enum rc make_forward(struct request *req)
{
    const struct snap_balancer *balancer = req->listener->balancer;
    const struct net_addr *peer = &req->inbound->peer;
    struct arena *arena = server_req_arena(req->in);
    const struct stream *stream = server_req_stream(req->in);
    struct forward_counts counts = {0};
    struct http_fields added;
    char address[NET_ADDR_SIZE];
    struct forward how = {
        .xff = xff_of(balancer->xff_mode),
        .is_xff_client_port = balancer->is_xff_client_port,
        .preserves_host = balancer->preserves_host,
        .drops_invalid_fields = balancer->drops_invalid_fields,
        .client_address = net_addr_ip(peer, address),
        .client_port = peer->port,
        .listener_port = req->listener->port,
        .is_tls = req->listener->snap->protocol == SNAP_HTTPS,
        .default_host = balancer->dns_name,
        .added = &added,
        .dropped = &req->listener->fields->renamed,
        .now_unix_s = loop_unix_ms(req->worker->loop) / 1000,
    };
    struct http_request *forward = ARENA_NEW(arena, struct http_request);

    if (!forward) {
        return RC_LIMIT;
    }
    if (balancer->adds_tls_fields && !req->listener->fields->renames_tls) {
        how.tls_version = tls_stream_version(stream);
        how.tls_cipher = tls_stream_cipher(stream);
    }
    TRY(secure_fields(req->listener, stream, arena, &added));
    choices_random_bytes(how.trace, sizeof(how.trace), &req->worker->random);
    TRY(forward_request(server_req_head(req->in), &how, arena, forward, &counts));
    if (counts.invalid_dropped > 0) {
        request_count(req, METRIC_DROPPED_INVALID_HEADER, 1);
    }
    if (counts.invalid_forwarded > 0) {
        request_count(req, METRIC_FORWARDED_INVALID_HEADER, 1);
    }
    req->forward = forward;
    return RC_OK;
}

/* AWS ALB, "Target groups", protocol versions: who cannot talk to whom gets 464. */
static bool fits(const struct request *req)
{
    const struct http_request *head = server_req_head(req->in);

    switch (req->group->snap->version) {
    case SNAP_HTTP1:
        return !http_is_grpc(head);
    case SNAP_HTTP2:
        return head->version == HTTP_2;
    case SNAP_GRPC:
        return head->version == HTTP_2 && head->method_id == HTTP_POST;
    }
    return false;
}

static enum fault_id fault_of_dial(enum rc rc)
{
    return rc == RC_LATE    ? FAULT_ID_CONNECT_LATE
           : rc == RC_LIMIT ? FAULT_ID_NO_SOCKET
                            : FAULT_ID_TARGET_REFUSED;
}

/* The connection is there: what will be sent is told it, though nothing leaves before the first
 * write, flush or end. */
static enum step start(struct request *req)
{
    struct worker *worker = req->worker;

    if (!req->forward && make_forward(req) != RC_OK) {
        return request_fail(req, FAULT_ID_REQUEST_LIMIT);
    }
    const enum rc rc = client_start(lease_conn(req->lease), req->forward, server_req_arena(req->in),
                                    request_on_wake, req, &req->out);
    if (rc != RC_OK) {
        return rc == RC_IO ? request_fail_target(req, FAULT_ID_TARGET_CLOSED)
                           : request_fail(req, FAULT_ID_REQUEST_LIMIT);
    }
    req->dispatched_us = loop_now_us(worker->loop);
    lease_expect(req->lease, loop_now_ms(worker->loop) + req->listener->config.idle_timeout_ms);
    return STEP_RELAY;
}

static enum step fail_dial(struct request *req, enum rc rc)
{
    request_count(
        req, rc == RC_BAD ? METRIC_TARGET_TLS_NEGOTIATION_ERROR : METRIC_TARGET_CONNECTION_ERROR,
        1);
    return request_fail_target(req, fault_of_dial(rc));
}

static enum step take(struct request *req)
{
    if (!fits(req)) {
        return request_fail(req, FAULT_ID_VERSION_MISMATCH);
    }
    req->dial_rc = lease_take(&req->worker->leases, req->target, req->group->way, req, &req->lease);
    switch (req->dial_rc) {
    case RC_OK:
        return start(req);
    case RC_AGAIN:
        return STEP_WAIT;
    case RC_END:
    case RC_BAD:
    case RC_LIMIT:
    case RC_LATE:
    case RC_ABSENT:
    case RC_CONFLICT:
    case RC_DENIED:
    case RC_IO:
        break;
    }
    return fail_dial(req, req->dial_rc);
}

enum step step_lease(struct request *req)
{
    if (!req->lease) {
        return take(req);
    }
    if (server_req_is_gone(req->in)) {
        return request_fail(req, FAULT_ID_CLIENT_GONE);
    }
    if (req->is_cut) {
        return request_fail_target(req, FAULT_ID_TARGET_LEFT);
    }
    if (req->dial_rc == RC_AGAIN) {
        return STEP_WAIT; /* woken by the client: it sends its body */
    }
    return req->dial_rc == RC_OK ? start(req) : fail_dial(req, req->dial_rc);
}
