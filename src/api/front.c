/* SPDX-License-Identifier: Apache-2.0 */
#include "api/front.h"

#include "api/engine.h"
#include "base/limits.h"
#include "base/mem.h"
#include "conn/server.h"
#include "http/date.h"
#include "net/listen.h"

#include <unistd.h>

struct front {
    struct loop *loop;
    struct engine *engine;
    const struct front_page *pages;
    size_t page_count;
    void *arg;             /* of the pages */
    struct server *server; /* own */
    struct listen listen;
};

/* One request: READ -> WRITE -> END -> finished. It lives in the request's arena. */
struct visit {
    struct front *front;
    struct server_req *req;
    struct buf body;
    struct answer answer;
    size_t written; /* of answer.body */
    enum { VISIT_READ, VISIT_WRITE, VISIT_END } step;
};

static void request_came(void *arg, struct server_req *req);
static void visit_run(void *arg);

/* The API's own connections: an SDK keeps one open between calls. */
static const struct server_config config = {
    .idle_timeout_ms = 60000,
    .head_timeout_ms = 10000,
    .keep_alive_ms = 3600000,
};

struct front *front_new(struct loop *loop, struct engine *engine, const struct front_page *pages,
                        size_t page_count, void *arg)
{
    static const struct server_user user = {.request = request_came};
    struct front *front = MEM_NEW(struct front);

    front->loop = loop;
    front->engine = engine;
    front->pages = pages;
    front->page_count = page_count;
    front->arg = arg;
    front->server = server_new(loop, &user);
    return front;
}

void front_free(struct front *front)
{
    if (front == NULL) {
        return;
    }
    listen_stop(&front->listen);
    server_free(front->server);
    mem_give(front);
}

static void connection_came(void *arg, int fd, struct net_addr peer)
{
    struct front *front = arg;
    struct stream *stream;

    if (server_connections(front->server) >= LIMIT_API_CONNECTIONS) {
        (void)close(fd);
        return;
    }
    if (stream_open_plain(front->loop, fd, peer, &stream) == RC_OK) {
        const enum rc rc = server_accept(front->server, stream, &config, front);

        (void)rc; /* a connection that cannot be taken is closed; its client will try again */
    }
}

enum rc front_listen(struct front *front, int fd)
{
    return listen_start(&front->listen, front->loop, fd, connection_came, front);
}

void front_drain(struct front *front)
{
    listen_stop(&front->listen);
    server_drain(front->server);
}

size_t front_connections(const struct front *front)
{
    return server_connections(front->server);
}

/* ---- what to answer ------------------------------------------------------------------------- */

static const struct front_page *find_page(const struct front *front,
                                          const struct http_request *head)
{
    if (head->method_id != HTTP_GET && head->method_id != HTTP_HEAD) {
        return NULL;
    }
    for (size_t i = 0; i < front->page_count; i++) {
        if (text_eq(head->path, text_of(front->pages[i].path))) {
            return &front->pages[i];
        }
    }
    return NULL;
}

static void answer_request(struct visit *visit)
{
    const struct front *front = visit->front;
    const struct http_request *head = server_req_head(visit->req);
    const struct front_page *page = find_page(front, head);

    if (page != NULL) {
        visit->answer.content_type = page->content_type;
        visit->answer.status = page->write(front->arg, &visit->answer.body);
        return;
    }
    engine_answer(front->engine, head, buf_text(&visit->body), loop_unix_ms(front->loop),
                  &visit->answer);
}

static void answer_fault(struct visit *visit)
{
    visit->answer.status = server_req_fault_status(visit->req);
    visit->answer.content_type = "text/plain; charset=utf-8";
    buf_printf(&visit->answer.body, "%s\n", server_req_fault(visit->req)->why);
    server_req_close_after(visit->req);
}

static void answer_too_large(struct visit *visit)
{
    answer_refuse(&visit->answer, PROTOCOL_QUERY, NULL, "RequestEntityTooLarge",
                  TEXT("The request body is larger than 1 MiB"));
    server_req_close_after(visit->req);
}

static enum rc start_answer(struct visit *visit)
{
    const struct text id = text_of(visit->answer.request_id);
    char date[DATE_BYTES];
    struct http_field fields[] = {
        {.name = TEXT("x-amzn-RequestId"), .value = id},
        {.name = TEXT("Content-Type"), .value = text_of(visit->answer.content_type)},
        {.name = TEXT("Date"), .value = {date, DATE_BYTES}},
        {.name = TEXT("Server"), .value = TEXT("openalb")},
    };
    const struct http_response response = {
        .status = visit->answer.status,
        .fields = {fields, ARRAY_LEN(fields)},
        .framing = HTTP_LENGTH,
        .content_length = visit->answer.body.len,
    };

    /* Clients set their clock by Date when a signature was out of time. */
    date_write(loop_unix_ms(visit->front->loop) / 1000, date);
    return server_req_respond(visit->req, &response);
}

/* ---- steps ---------------------------------------------------------------------------------- */

static void finish(struct visit *visit)
{
    struct server_req *req = visit->req;

    buf_done(&visit->body);
    answer_done(&visit->answer);
    server_req_finish(req); /* the visit is gone with it */
}

/* RC_END: the body is complete, or was refused. */
static enum rc read_body(struct visit *visit)
{
    struct text data;

    for (;;) {
        TRY(server_req_read(visit->req, &data));
        buf_add(&visit->body, data);
        server_req_consume(visit->req, data.len);
        if (visit->body.is_full) {
            return RC_LIMIT;
        }
    }
}

static enum rc step_read(struct visit *visit)
{
    const enum rc rc = read_body(visit);

    switch (rc) {
    case RC_END:
        answer_request(visit);
        break;
    case RC_LIMIT:
        answer_too_large(visit);
        break;
    case RC_OK:
    case RC_AGAIN:
    case RC_BAD:
    case RC_LATE:
    case RC_ABSENT:
    case RC_CONFLICT:
    case RC_DENIED:
    case RC_IO:
        return rc;
    }
    visit->step = VISIT_WRITE;
    return start_answer(visit);
}

static enum rc step_write(struct visit *visit)
{
    const struct text body = buf_text(&visit->answer.body);
    size_t taken;

    while (visit->written < body.len) {
        TRY(server_req_write(visit->req, text_slice(body, visit->written, body.len), &taken));
        visit->written += taken;
    }
    visit->step = VISIT_END;
    return RC_OK;
}

static void visit_run(void *arg)
{
    struct visit *visit = arg;
    enum rc rc = RC_OK;

    while (rc == RC_OK) {
        switch (visit->step) {
        case VISIT_READ:
            rc = step_read(visit);
            break;
        case VISIT_WRITE:
            rc = step_write(visit);
            break;
        case VISIT_END:
            rc = server_req_end(visit->req, NULL);
            if (rc == RC_OK) {
                rc = RC_END;
            }
            break;
        }
    }
    if (rc != RC_AGAIN) {
        finish(visit);
    }
}

static void request_came(void *arg, struct server_req *req)
{
    struct visit *visit = ARENA_NEW(server_req_arena(req), struct visit);

    if (visit == NULL) {
        server_req_finish(req);
        return;
    }
    visit->front = arg;
    visit->req = req;
    buf_init(&visit->body, LIMIT_API_BODY_BYTES);
    answer_init(&visit->answer);
    server_req_on_wake(req, visit_run, visit);
    if (server_req_fault(req) != NULL) {
        answer_fault(visit);
        visit->step = VISIT_WRITE;
        if (start_answer(visit) != RC_OK) {
            finish(visit);
            return;
        }
    }
    visit_run(visit);
}
