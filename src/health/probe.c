/* SPDX-License-Identifier: Apache-2.0 */
#include "health/probe.h"

#include "base/limits.h"
#include "health/matcher.h"
#include "tls/stream.h"

void probe_init(struct probe *probe, struct loop *loop, struct client *client,
                struct tls_client *tls)
{
    *probe = (struct probe){.loop = loop, .client = client, .tls = tls};
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

/* ---- HTTP/1.1 ----------------------------------------------------------------------------- */

static void read_answer(struct probe *probe)
{
    const struct http_response *answer;

    for (;;) {
        const enum rc rc = client_req_read_head(probe->req, &answer);

        if (rc == RC_AGAIN) {
            return;
        }
        if (rc != RC_OK) {
            end(probe, HEALTH_FAILED, 0);
            return;
        }
        if (answer->status >= 200) {
            break; /* the body does not matter */
        }
    }
    const int status = answer->status;
    end(probe, matcher_has(probe->matcher, status) ? HEALTH_PASSED : HEALTH_MISMATCHED, status);
}

static void on_wake(void *arg)
{
    struct probe *probe = arg;
    const enum rc rc = client_req_end(probe->req, NULL); /* once more is fine */

    if (rc == RC_OK || rc == RC_AGAIN) {
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
    if (probe->is_secured) {
        stream = tls_stream_client(probe->tls, stream);
    }
    probe->conn = client_adopt(probe->client, stream, false, on_gone, probe);
    if (client_start(probe->conn, &probe->head, probe->arena, on_wake, probe, &probe->req) !=
        RC_OK) {
        end(probe, HEALTH_INTERNAL_ERROR, 0);
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

/* Host is the target's address, with the port where it is not the protocol's own. Connection:
 * close is written because wants_close is set. */
static enum rc make_head(struct probe *probe, const struct snap_health *settings,
                         const struct net_addr *addr)
{
    struct http_field *fields = ARENA_ARRAY(probe->arena, struct http_field, 3);
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
        .version = HTTP_1_1,
        .framing = HTTP_NO_BODY,
        .wants_close = true,
    };
    return matcher_parse(settings->matcher, 200, 499, probe->matcher);
}

void probe_start(struct probe *probe, const struct snap_health *settings, struct net_addr addr,
                 probe_done_fn *done, void *arg)
{
    const int64_t deadline_ms = loop_now_ms(probe->loop) + settings->timeout_ms;
    struct stream *stream;

    ASSERT(!probe->is_under_way);
    probe->is_under_way = true;
    probe->is_secured = settings->protocol == SNAP_HTTPS;
    probe->done = done;
    probe->arg = arg;
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
