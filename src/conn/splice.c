/* SPDX-License-Identifier: Apache-2.0 */
#include "conn/splice.h"

#include "base/limits.h"
#include "conn/client_conn.h"
#include "conn/server_conn.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* One direction: what the two functions of the header have in common. */
struct flow {
    struct conduit **conduit; /* of the server_req */
    struct conduits *conduits;
    struct stream *from;
    struct stream *to;
    struct h1_body *body;
    const struct inbox *inbox;
    struct outbox *outbox;
    size_t came; /* into the conduit, by this call */
    size_t went; /* out of it */
};

static bool is_for_splice(const struct flow *flow)
{
    return flow->from->is_plain && flow->to->is_plain && flow->body->framing == HTTP_LENGTH &&
           h1_body_run(flow->body) >= LIMIT_SPLICE_LEAST_BYTES && inbox_is_empty(flow->inbox) &&
           flow->outbox->framing == HTTP_LENGTH && !flow->outbox->is_raw &&
           outbox_pending(flow->outbox) == 0 && flow->outbox->left == h1_body_run(flow->body);
}

/* RC_OK: some came. RC_AGAIN: none now. RC_END, RC_IO. */
static enum rc draw(struct flow *flow)
{
    struct conduit *conduit = *flow->conduit;
    const uint64_t left = h1_body_run(flow->body);
    const size_t room = LIMIT_CONDUIT_BYTES - conduit->held;
    ssize_t len;

    if (left == 0 || room == 0 || !flow->from->is_readable) {
        return RC_AGAIN;
    }
    len = splice(flow->from->watch.fd, NULL, conduit->in, NULL, left < room ? (size_t)left : room,
                 SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (len > 0) {
        conduit->held += (size_t)len;
        flow->came += (size_t)len;
        h1_body_consume(flow->body, (size_t)len);
        return RC_OK;
    }
    if (len == 0) {
        return RC_END;
    }
    if (errno != EAGAIN) {
        return RC_IO;
    }
    if (conduit->held == 0) {
        flow->from->is_readable = false; /* else it may be the pipe that has no room */
    }
    return RC_AGAIN;
}

/* RC_OK: some went. RC_AGAIN: none now. RC_IO. */
static enum rc pour(struct flow *flow)
{
    struct conduit *conduit = *flow->conduit;
    ssize_t len;

    if (conduit->held == 0 || !flow->to->is_writable) {
        return RC_AGAIN;
    }
    len = splice(conduit->out, NULL, flow->to->watch.fd, NULL, conduit->held,
                 SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (len > 0) {
        conduit->held -= (size_t)len;
        flow->went += (size_t)len;
        flow->outbox->left -= (uint64_t)len;
        flow->outbox->sent_bytes += (uint64_t)len;
        return RC_OK;
    }
    if (len < 0 && errno == EAGAIN) {
        flow->to->is_writable = false;
        return RC_AGAIN;
    }
    return RC_IO;
}

/* RC_OK: moved some, or is over. RC_AGAIN: neither side can now. RC_ABSENT, RC_END (the sender's),
 * RC_IO (*is_from tells whose). */
static enum rc run(struct flow *flow, bool *is_from)
{
    enum rc drawn;
    enum rc poured;

    *is_from = false;
    if (!*flow->conduit) {
        if (!is_for_splice(flow)) {
            return RC_ABSENT;
        }
        *flow->conduit = conduit_take(flow->conduits);
        if (!*flow->conduit) {
            return RC_ABSENT;
        }
    }
    drawn = draw(flow);
    poured = pour(flow);
    if (poured == RC_IO) {
        return RC_IO;
    }
    if (drawn == RC_END || drawn == RC_IO) {
        *is_from = true;
        return RC_IO;
    }
    if ((*flow->conduit)->held == 0 && h1_body_run(flow->body) == 0) {
        conduit_give(flow->conduits, MOVE(*flow->conduit));
        return RC_OK;
    }
    return drawn == RC_OK || poured == RC_OK ? RC_OK : RC_AGAIN;
}

enum rc splice_answer(struct client_req *from, struct server_req *to, size_t *moved,
                      bool *waits_for_to)
{
    struct server *server = to->conn->server;
    struct flow flow = {
        .conduit = &to->conduit,
        .conduits = &server->conduits,
        .from = from->conn->stream,
        .to = to->conn->stream,
        .body = &from->body,
        .inbox = &from->inbox,
        .outbox = &to->outbox,
    };
    bool is_from;

    if (!to->conduit && h1_body_run(&from->body) < LIMIT_SPLICE_LEAST_BYTES) {
        return RC_ABSENT; /* nearly always: at no cost */
    }
    if (from->conn->ops != &client_h1 || to->conn->ops != &server_h1 || !from->has_head ||
        (to->conduit && to->is_conduit_up)) {
        return RC_ABSENT;
    }
    to->is_conduit_up = false;
    const enum rc rc = run(&flow, &is_from);
    from->received_bytes += flow.came;
    *moved = flow.went;
    if (flow.went > 0) {
        server_conn_touch(to->conn);
    }
    if (rc == RC_AGAIN) {
        *waits_for_to = to->conduit->held > 0;
        return *waits_for_to ? server_h1_wait(to) : client_h1_wait(from);
    }
    return rc == RC_IO && is_from
               ? client_h1_fail(from, RC_IO, "the target closed inside its answer's body")
               : rc;
}

enum rc splice_body(struct server_req *from, struct client_req *to, size_t *moved,
                    bool *waits_for_to)
{
    struct server *server = from->conn->server;
    struct flow flow = {
        .conduit = &from->conduit,
        .conduits = &server->conduits,
        .from = from->conn->stream,
        .to = to->conn->stream,
        .body = &from->body,
        .inbox = &from->inbox,
        .outbox = &to->outbox,
    };
    bool is_from;

    if (!from->conduit && h1_body_run(&from->body) < LIMIT_SPLICE_LEAST_BYTES) {
        return RC_ABSENT; /* nearly always: at no cost */
    }
    if (from->conn->ops != &server_h1 || to->conn->ops != &client_h1 ||
        (from->conduit && !from->is_conduit_up) || server_h1_owes_continue(from)) {
        return RC_ABSENT;
    }
    from->is_conduit_up = true;
    const enum rc rc = run(&flow, &is_from);
    from->received_bytes += flow.came;
    *moved = flow.went;
    if (flow.came > 0) {
        server_conn_touch(from->conn);
    }
    if (rc == RC_AGAIN) {
        *waits_for_to = from->conduit->held > 0;
        return *waits_for_to ? client_h1_wait(to) : server_h1_wait(from);
    }
    return rc == RC_IO && is_from ? server_h1_left(from) : rc;
}
