/* SPDX-License-Identifier: Apache-2.0 */
#include "node/journal.h"

#include "codec/hex.h"
#include "http/forward.h"
#include "http/upgrade.h"
#include "node/log_line.h"
#include "node/worker.h"
#include "tls/peer.h"
#include "tls/stream.h"

#include <string.h>

/* ---- what both logs tell ------------------------------------------------------------------ */

enum { TRACE_BYTES = 4 + 32 + 1 }; /* "TID_", hex digits, NUL */

/* The id that joins a connection's line with those of its requests; made when it is first told. */
static struct text conn_trace(struct inbound *inbound, struct arena *arena)
{
    uint64_t *random = &inbound->inlet->worker->random;

    while (inbound->trace[0] == 0) {
        inbound->trace[0] = choices_random(random);
        inbound->trace[1] = choices_random(random);
    }
    char *at = arena_take_raw(arena, TRACE_BYTES);
    if (!at) {
        return TEXT("");
    }
    memcpy(at, "TID_", 4);
    hex_encode((struct text){(const char *)inbound->trace, sizeof(inbound->trace)}, at + 4);
    return (struct text){at, TRACE_BYTES - 1};
}

static void drop(const struct plan_listener *listener, const struct worker *worker)
{
    counters_add(&listener->state->counters[worker->index], METRIC_LOG_LINES_DROPPED, 1);
}

/* ---- a request ---------------------------------------------------------------------------- */

/* What a request that got no answer of a target tells of it. AWS ALB, "Access log entries":
 * target:port, *_processing_time. */
enum telling {
    TELLS_NOTHING,    /* the client's request was not whole, or could not go there */
    TELLS_TARGET,     /* who it was, no times */
    TELLS_DISPATCHED, /* that, and how long it took to be sent there */
    TELLS_ALL,
};

static enum telling telling_of(const struct request *req)
{
    static const enum telling tellings[] = {
        [FAULT_ID_CLIENT_GONE] = TELLS_TARGET,
        [FAULT_ID_TARGET_REFUSED] = TELLS_TARGET,
        [FAULT_ID_TARGET_CLOSED] = TELLS_TARGET,
        [FAULT_ID_TARGET_LEFT] = TELLS_TARGET,
        [FAULT_ID_NO_SOCKET] = TELLS_TARGET,
        [FAULT_ID_CONNECT_LATE] = TELLS_TARGET,
        [FAULT_ID_TARGET_BROKEN] = TELLS_DISPATCHED,
        [FAULT_ID_TARGET_HEAD_LIMIT] = TELLS_DISPATCHED,
        [FAULT_ID_TARGET_RESET] = TELLS_DISPATCHED,
        [FAULT_ID_TARGET_LATE] = TELLS_DISPATCHED,
        [FAULT_ID_NODE_ENDS] = TELLS_TARGET,
    };

    if (!req->tried) {
        return TELLS_NOTHING;
    }
    if (req->answer) {
        return TELLS_ALL;
    }
    return (size_t)req->fault < ARRAY_LEN(tellings) ? tellings[req->fault] : TELLS_NOTHING;
}

static void tell_target(const struct request *req, struct access_line *line)
{
    const enum telling telling = telling_of(req);

    line->request_us = line->target_us = line->response_us = LOG_LINE_NO_TIME;
    if (telling == TELLS_NOTHING) {
        return;
    }
    line->target = net_addr_ip4(req->tried->ip, req->tried->port);
    if (telling == TELLS_TARGET) {
        return;
    }
    line->request_us = req->dispatched_us - req->born_us;
    if (telling == TELLS_ALL) {
        line->target_us = req->answered_us - req->dispatched_us;
        line->response_us = 0; /* the client's answer begins in the same turn as the target's */
        line->target_status = req->status;
    }
}

static struct text type_of(const struct request *req, const struct http_request *head, bool is_tls)
{
    if (req->is_tunnel && upgrade_is_websocket(req->forward->upgrade)) {
        return is_tls ? TEXT("wss") : TEXT("ws");
    }
    if (head->version == HTTP_2) {
        return http_is_grpc(head) ? TEXT("grpcs") : TEXT("h2");
    }
    return is_tls ? TEXT("https") : TEXT("http");
}

static struct text version_of(enum http_version version)
{
    switch (version) {
    case HTTP_0_9:
        return TEXT("HTTP/0.9");
    case HTTP_1_0:
        return TEXT("HTTP/1.0");
    case HTTP_1_1:
        return TEXT("HTTP/1.1");
    case HTTP_2:
        return TEXT("HTTP/2.0");
    }
    return TEXT("");
}

static struct text uri_of(const struct http_request *head, struct arena *arena)
{
    if (!head->is_absolute) {
        return head->target;
    }
    return head->query.at
               ? arena_printf(arena, "%.*s?%.*s", TEXT_ARG(head->path), TEXT_ARG(head->query))
               : head->path;
}

/* Of a head that was refused nothing is told: nobody knows what it was. */
static void tell_head(const struct request *req, const struct http_request *head,
                      struct arena *arena, struct access_line *line)
{
    const struct http_field *agent = http_find(&head->fields, HTTP_FIELD_USER_AGENT);

    line->host = req->listener->balancer->dns_name;
    if (server_req_fault(req->in)) {
        return;
    }
    line->method = head->method;
    line->host = text_is_empty(head->authority) ? line->host : head->authority;
    line->uri = uri_of(head, arena);
    line->version = version_of(head->version);
    line->user_agent = agent ? agent->value : TEXT("");
}

/* As the target was sent it; whom no target was asked for has one all the same. */
static struct text trace_of(const struct request *req, const struct http_request *head,
                            struct arena *arena)
{
    uint8_t id[FORWARD_TRACE_BYTES];

    if (req->forward) {
        return forward_trace(req->forward);
    }
    if (server_req_fault(req->in)) {
        return TEXT("");
    }
    choices_random_bytes(id, sizeof(id), &req->worker->random);
    return forward_trace_new(head, loop_unix_ms(req->worker->loop) / 1000, id, arena);
}

static void tell_rule(const struct request *req, struct access_line *line)
{
    static const int failed = -1;
    static const struct text actions[] = {
        [SNAP_FORWARD] = TEXT_INIT("forward"),
        [SNAP_REDIRECT] = TEXT_INIT("redirect"),
        [SNAP_FIXED_RESPONSE] = TEXT_INIT("fixed-response"),
    };

    if (!req->rule) {
        line->rule_priority = req->fault == FAULT_ID_REQUEST_LIMIT ? &failed : NULL;
        return;
    }
    line->rule_priority = &req->rule->priority;
    line->actions = actions[req->rule->actions[req->rule->action_count - 1].type];
    if (req->page) {
        const struct http_field *location =
            http_find_name(&req->page->response.fields, TEXT("location"));
        line->redirect_url = location ? location->value : TEXT("");
    }
}

static void tell_class(const struct http_request *head, struct access_line *line)
{
    static const struct text classes[] = {
        [HTTP_COMPLIANT] = TEXT_INIT(""),
        [HTTP_ACCEPTABLE] = TEXT_INIT("Acceptable"),
        [HTTP_AMBIGUOUS] = TEXT_INIT("Ambiguous"),
        [HTTP_SEVERE] = TEXT_INIT("Severe"),
    };

    line->class = classes[head->desync];
    line->class_reason = text_of(head->desync_reason);
}

/* RFC 9113 §7: an answer that was begun and cannot be ended is reset with INTERNAL_ERROR. */
static uint32_t reset_code(const struct request *req, const struct http_request *head)
{
    enum { INTERNAL_ERROR = 2 };
    const bool is_cut = req->answer && req->fault != FAULT_ID_NONE && !req->target_error;

    return head->version == HTTP_2 && is_cut && !server_req_is_gone(req->in) ? INTERNAL_ERROR : 0;
}

static void tell_tls(const struct stream *stream, struct access_line *line)
{
    line->is_tls = tls_stream_is(stream);
    line->tls_cipher = tls_stream_cipher(stream);
    line->tls_version = tls_stream_version(stream);
    line->sni = tls_stream_sni(stream);
    line->certificate_arn = tls_stream_cert_arn(stream);
}

void journal_request(const struct request *req)
{
    const struct plan_listener *listener = req->listener;
    const struct http_request *head = server_req_head(req->in);
    const struct loop *loop = req->worker->loop;
    struct arena *arena = server_req_arena(req->in);
    struct buf *out = logbook_begin(&req->worker->logbook, LOG_KIND_ACCESS, listener->balancer->id);

    if (!out) {
        drop(listener, req->worker);
        return;
    }
    struct access_line line = {
        .ended_unix_us = loop_unix_us(loop),
        .created_unix_us = loop_unix_us(loop) - (loop_now_us(loop) - req->born_us),
        .balancer = listener->balancer->id,
        .client = req->inbound->peer,
        .status = req->status,
        .received_bytes = server_req_received_bytes(req->in),
        .sent_bytes = server_req_sent_bytes(req->in),
        .port = listener->port,
        .group_arn = req->group ? req->group->snap->arn : TEXT(""),
        .trace_id = trace_of(req, head, arena),
        .conn_trace_id = conn_trace(req->inbound, arena),
        .address = net_addr_ip4(listener->ip, listener->port),
        .target_reset_code = req->target_error,
        .reset_code = reset_code(req, head),
    };
    tell_tls(server_req_stream(req->in), &line);
    line.type = type_of(req, head, line.is_tls);
    tell_target(req, &line);
    tell_head(req, head, arena, &line);
    tell_rule(req, &line);
    tell_class(head, &line);
    access_line_write(&line, out);
    logbook_end(&req->worker->logbook);
}

/* ---- a connection ------------------------------------------------------------------------- */

enum { CONNECTION_ARENA_BYTES = 128 * 1024 };

/* AWS ALB, "Connection log entries": tls_verify_status. */
static struct text verify_status(const struct plan_listener *listener, const struct stream *stream,
                                 bool is_fine, struct arena *arena)
{
    if (!is_fine) {
        const char *refusal = stream ? tls_peer_refusal(stream) : "";

        return arena_printf(arena, "Failed:%s", *refusal ? refusal : "UnmappedConnectionError");
    }
    return listener->snap->client_auth == SNAP_AUTH_VERIFY && tls_stream_is(stream)
               ? TEXT("Success")
               : TEXT("");
}

static void tell_peer(const struct stream *stream, struct arena *arena,
                      struct connection_line *line)
{
    struct tls_peer peer;

    if (tls_peer_read(stream, arena, &peer) == RC_OK) {
        line->subject = peer.subject;
        line->validity = peer.validity;
        line->serial = peer.serial;
    }
}

void journal_connection(struct inbound *inbound, const struct stream *stream, bool is_fine)
{
    const struct plan_listener *listener = inbound->inlet->listener;
    struct worker *worker = inbound->inlet->worker;
    const struct loop *loop = worker->loop;
    struct buf *out = logbook_begin(&worker->logbook, LOG_KIND_CONNECTION, listener->balancer->id);

    if (!out) {
        drop(listener, worker);
        return;
    }
    AUTO(arena) struct arena *arena = arena_new(4096, CONNECTION_ARENA_BYTES);
    const bool is_secured = is_fine && tls_stream_is(stream);
    struct connection_line line = {
        .unix_us = loop_unix_us(loop),
        .client = inbound->peer,
        .port = listener->port,
        .handshake_us = is_secured ? loop_now_us(loop) - inbound->born_us : LOG_LINE_NO_TIME,
        .verify_status = verify_status(listener, stream, is_fine, arena),
        .conn_trace_id = conn_trace(inbound, arena),
        .balancer = listener->balancer->id,
        .address = net_addr_ip4(listener->ip, listener->port),
    };
    if (stream && tls_stream_is(stream)) {
        line.tls_version = tls_stream_is_agreed(stream) ? tls_stream_version(stream) : TEXT("");
        line.tls_cipher = tls_stream_is_agreed(stream) ? tls_stream_cipher(stream) : TEXT("");
        line.key_exchange = is_secured ? tls_stream_key_exchange(stream) : TEXT("");
        tell_peer(stream, arena, &line);
    }
    connection_line_write(&line, out);
    logbook_end(&worker->logbook);
}

/* ---- a health check ----------------------------------------------------------------------- */

static struct text check_type(const struct check_result *result)
{
    switch (result->version) {
    case SNAP_HTTP1:
        return result->protocol == SNAP_HTTPS ? TEXT("https") : TEXT("http");
    case SNAP_HTTP2:
        return TEXT("h2");
    case SNAP_GRPC:
        return TEXT("grpc");
    }
    return TEXT("");
}

/* AWS ALB, "Health check log entries": reason_code. */
static struct text check_reason(const struct check_result *result)
{
    switch (result->outcome) {
    case HEALTH_PASSED:
        return TEXT("");
    case HEALTH_MISMATCHED:
        return result->version == SNAP_GRPC ? TEXT("GRPCUnexpectedStatus")
               : result->status >= 500      ? TEXT("TargetError")
                                            : TEXT("ResponseCodeMismatch");
    case HEALTH_TIMED_OUT:
        return TEXT("TimedOut");
    case HEALTH_FAILED:
        return TEXT("ConnectionReset");
    case HEALTH_NO_STATUS:
        return TEXT("GRPCStatusHeaderEmpty");
    case HEALTH_INTERNAL_ERROR:
        return TEXT("InternalError");
    }
    return TEXT("InternalError");
}

/* "targetgroup/name/hex" */
static struct text group_name(const struct group *group)
{
    struct text rest = group->id;
    struct text part = rest;

    (void)text_next(&rest, '/', &part);
    return text_next(&rest, '/', &part) ? part : group->id;
}

void journal_check(struct logbook *book, const struct target *target,
                   const struct check_result *result)
{
    const struct group *group = target->group;
    struct buf *out = logbook_begin(book, LOG_KIND_HEALTH_CHECK, group->balancer_id);

    if (!out) {
        return; /* the book complains; no worker counts for the main thread */
    }
    const struct check_line line = {
        .type = check_type(result),
        .unix_us = loop_unix_us(book->loop),
        .took_us = result->took_us,
        .target = result->addr,
        .group = group_name(group),
        .has_passed = result->outcome == HEALTH_PASSED,
        .has_status = result->outcome == HEALTH_PASSED || result->outcome == HEALTH_MISMATCHED,
        .status = result->status,
        .reason = check_reason(result),
        .balancer = group->balancer_id,
        .address = net_addr_ip4(group->balancer_ip, 0),
    };
    check_line_write(&line, out);
    logbook_end(book);
}
