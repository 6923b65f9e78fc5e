/* SPDX-License-Identifier: Apache-2.0 */
#include "health/probe.h"

#include "base/limits.h"
#include "health/matcher.h"
#include "tls/stream.h"

void probe_init(struct probe *probe, struct loop *loop, struct client *client, probe_done_fn *done,
                void *arg)
{
    *probe = (struct probe){.loop = loop, .client = client, .done = done, .arg = arg};
    dial_init(&probe->dial);
}

/* ---- the end ------------------------------------------------------------------------------ */

void probe_cancel(struct probe *probe)
{
    struct client_req *req = MOVE(probe->req);
    struct client_conn *conn = MOVE(probe->conn);

    if (!probe->is_under_way) {
        return;
    }
    probe->is_under_way = false;
    dial_cancel(&probe->dial);
    loop_timer_cancel(probe->loop, &probe->timer);
    /* A finish that answers false has closed the connection already. */
    if (conn && (!req || client_req_finish(req))) {
        client_close(conn);
    }
    arena_free(MOVE(probe->arena));
}

static void end(struct probe *probe, enum health_outcome outcome, int status)
{
    probe_cancel(probe);
    probe->done(probe->arg, outcome, status);
}

static void on_late(struct loop_timer *timer)
{
    end(LIST_ITEM(timer, struct probe, timer), HEALTH_TIMED_OUT, 0);
}

/* ---- what came ---------------------------------------------------------------------------- */

static void judge(struct probe *probe, int status)
{
    end(probe, matcher_has(probe->matcher, status) ? HEALTH_PASSED : HEALTH_MISMATCHED, status);
}

/* gRPC over HTTP/2: the status stands in the trailers, or in the head of an answer without any. */
static void judge_grpc(struct probe *probe, const struct http_fields *fields)
{
    const struct http_field *field = fields ? http_find(fields, HTTP_FIELD_GRPC_STATUS) : NULL;
    int64_t status;

    if (field && text_to_int(field->value, 0, 99, &status) == RC_OK) {
        judge(probe, (int)status);
    } else {
        end(probe, HEALTH_NO_STATUS, 0);
    }
}

static void skip_grpc_body(struct probe *probe)
{
    struct text data;
    enum rc rc;

    while ((rc = client_req_read(probe->req, &data)) == RC_OK) {
        client_req_consume(probe->req, data.len);
    }
    if (rc == RC_END) {
        judge_grpc(probe, client_req_trailers(probe->req));
    } else if (rc != RC_AGAIN) {
        end(probe, HEALTH_FAILED, 0);
    }
}

static void take_answer(struct probe *probe, const struct http_response *answer)
{
    if (probe->version != SNAP_GRPC) {
        judge(probe, answer->status); /* the body does not matter */
    } else if (http_find(&answer->fields, HTTP_FIELD_GRPC_STATUS)) {
        judge_grpc(probe, &answer->fields);
    } else {
        probe->has_head = true;
        skip_grpc_body(probe);
    }
}

static void read_answer(struct probe *probe)
{
    const struct http_response *answer;
    enum rc rc;

    if (probe->has_head) {
        skip_grpc_body(probe);
        return;
    }
    do {
        rc = client_req_read_head(probe->req, &answer);
    } while (rc == RC_OK && answer->status < 200 && answer->status != 101); /* the last head */
    if (rc == RC_OK) {
        take_answer(probe, answer);
    } else if (rc != RC_AGAIN) {
        end(probe, HEALTH_FAILED, 0);
    }
}

/* ---- asking ------------------------------------------------------------------------------- */

static enum rc send_rest(struct probe *probe)
{
    while (probe->body.len > 0) {
        size_t taken;

        TRY(client_req_write(probe->req, probe->body, &taken));
        probe->body = text_slice(probe->body, taken, probe->body.len);
    }
    return client_req_end(probe->req, NULL); /* once more is fine */
}

static void on_wake(void *arg)
{
    struct probe *probe = arg;
    const enum rc rc = send_rest(probe);

    /* A gRPC server may answer before it was asked to the end. */
    if (rc == RC_OK || rc == RC_AGAIN || probe->version == SNAP_GRPC) {
        read_answer(probe);
    } else {
        end(probe, HEALTH_FAILED, 0);
    }
}

static void on_gone(void *arg, struct client_conn *conn)
{
    /* Only idle connections go by themselves, and this one never idles. */
    ASSERT(((struct probe *)arg)->conn != conn);
}

static void ask(struct probe *probe, struct stream *stream)
{
    const bool is_http2 = probe->version != SNAP_HTTP1;

    if (probe->tls) {
        stream = tls_stream_client(probe->tls, stream);
    }
    probe->conn = client_adopt(probe->client, stream, is_http2, on_gone, probe);
    const enum rc rc =
        client_start(probe->conn, &probe->head, probe->arena, on_wake, probe, &probe->req);

    if (rc != RC_OK) {
        end(probe, rc == RC_IO ? HEALTH_FAILED : HEALTH_INTERNAL_ERROR, 0);
        return;
    }
    on_wake(probe);
}

/* ---- the beginning ------------------------------------------------------------------------ */

static void on_dialed(void *arg, enum rc rc, struct stream *stream)
{
    struct probe *probe = arg;

    if (rc == RC_OK) {
        ask(probe, stream);
    } else {
        end(probe, rc == RC_LATE ? HEALTH_TIMED_OUT : HEALTH_FAILED, 0);
    }
}

/* What kept a check from beginning is told by the timer, which is due at once. */
static void on_refused(struct loop_timer *timer)
{
    end(LIST_ITEM(timer, struct probe, timer), HEALTH_FAILED, 0);
}

static void on_internal_error(struct loop_timer *timer)
{
    end(LIST_ITEM(timer, struct probe, timer), HEALTH_INTERNAL_ERROR, 0);
}

static void tell_later(struct probe *probe, loop_timer_fn *tell)
{
    loop_timer_init(&probe->timer, tell);
    loop_timer_set(probe->loop, &probe->timer, loop_now_ms(probe->loop));
}

/* An empty message: not compressed, no bytes. */
#define GRPC_MESSAGE ((struct text){"\0\0\0\0\0", 5})

static void make_grpc(struct probe *probe, struct http_field *fields)
{
    struct http_request *head = &probe->head;

    fields[0] = (struct http_field){TEXT("Content-Type"), TEXT("application/grpc"),
                                    HTTP_FIELD_CONTENT_TYPE};
    fields[1] = (struct http_field){TEXT("TE"), TEXT("trailers"), HTTP_FIELD_TE};
    head->fields.count += 2;
    head->method = TEXT("POST");
    head->method_id = HTTP_POST;
    head->framing = HTTP_UNTIL_END;
    probe->body = GRPC_MESSAGE;
}

/* Host is the target's address, with the port where it is not the protocol's own. Connection:
 * close is written because wants_close is set. */
static enum rc make_head(struct probe *probe, const struct snap_health *settings,
                         const struct net_addr *addr)
{
    struct http_field *fields = ARENA_ARRAY(probe->arena, struct http_field, 5);
    const bool is_grpc = probe->version == SNAP_GRPC;
    const bool is_default_port = addr->port == (settings->protocol == SNAP_HTTPS ? 443 : 80);
    char address[NET_ADDR_SIZE];
    const struct text host = arena_text(
        probe->arena, is_default_port ? net_addr_ip(addr, address) : net_addr_text(addr, address));
    const struct text path = arena_text(probe->arena, settings->path);
    const size_t question = text_find(path, '?');

    probe->matcher = ARENA_NEW(probe->arena, struct matcher);
    if (!fields || !host.at || !path.at || !probe->matcher) {
        return RC_LIMIT;
    }
    fields[0] = (struct http_field){TEXT("Host"), host, HTTP_FIELD_HOST};
    fields[1] = (struct http_field){TEXT("User-Agent"), TEXT("ELB-HealthChecker/2.0"),
                                    HTTP_FIELD_USER_AGENT};
    fields[2] =
        (struct http_field){TEXT("Accept-Encoding"), TEXT("gzip, compressed"), HTTP_FIELD_OTHER};
    probe->head = (struct http_request){
        .method = TEXT("GET"),
        .method_id = HTTP_GET,
        .target = path,
        .path = text_slice(path, 0, question),
        .query = text_slice(path, question + 1, path.len),
        .authority = host,
        .fields = {fields, 3},
        .version = probe->version == SNAP_HTTP1 ? HTTP_1_1 : HTTP_2,
        .framing = HTTP_NO_BODY,
        .wants_close = true,
    };
    if (is_grpc) {
        make_grpc(probe, fields + 3);
    }
    return matcher_parse(settings->matcher, is_grpc ? 0 : 200, is_grpc ? 99 : 499, probe->matcher);
}

void probe_start(struct probe *probe, const struct snap_health *settings, enum snap_version version,
                 struct net_addr addr, struct tls_client *tls)
{
    const int64_t deadline_ms = loop_now_ms(probe->loop) + settings->timeout_ms;
    struct stream *stream;

    ASSERT(!probe->is_under_way);
    probe->is_under_way = true;
    probe->tls = tls;
    probe->version = version;
    probe->body = TEXT("");
    probe->has_head = false;
    probe->arena = arena_new(1024, LIMIT_PROBE_ARENA_BYTES);
    loop_timer_init(&probe->timer, on_late);
    if (make_head(probe, settings, &addr) != RC_OK) {
        tell_later(probe, on_internal_error);
        return;
    }
    switch (dial_start(&probe->dial, probe->loop, addr, deadline_ms, on_dialed, probe, &stream)) {
    case RC_OK:
        loop_timer_set(probe->loop, &probe->timer, deadline_ms);
        ask(probe, stream);
        break;
    case RC_AGAIN:
        loop_timer_set(probe->loop, &probe->timer, deadline_ms);
        break;
    case RC_LIMIT:
        tell_later(probe, on_internal_error);
        break;
    case RC_END:
    case RC_BAD:
    case RC_LATE:
    case RC_ABSENT:
    case RC_CONFLICT:
    case RC_DENIED:
    case RC_IO:
        tell_later(probe, on_refused);
        break;
    }
}
