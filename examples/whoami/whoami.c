/* SPDX-License-Identifier: Apache-2.0 */
/* whoami: a service to put behind a load balancer. It says who answered and what it was asked.
 *
 *   whoami --name a --listen 127.0.0.1:8001
 *
 *   any path       200, its name and the request as it arrived
 *   /health        200, or 503 between POST /fail and POST /recover
 *
 * It is also the shortest program on our own rooms: loop, net and conn carry it. */
#include "base/buf.h"
#include "conn/server.h"
#include "net/listen.h"

#include <getopt.h>
#include <stdio.h>

enum { ANSWER_BYTES_MAX = 128 * 1024 };

struct whoami {
    struct loop *loop;
    struct server *server; /* own */
    const char *name;
    bool is_failing;
};

static const struct server_config config = {
    .idle_timeout_ms = 120 * 1000, /* longer than the load balancer's: it closes first */
    .head_timeout_ms = 10 * 1000,
    .keep_alive_ms = 3600 * 1000,
};

/* ---- one answer --------------------------------------------------------------------------- */

struct answer {
    struct server_req *req;
    struct text rest; /* of the body, in the request's arena */
};

/* As far as the client takes it; called again when it takes more. */
static void send_rest(void *arg)
{
    struct answer *answer = arg;
    enum rc rc = RC_OK;

    while (answer->rest.len && rc == RC_OK) {
        size_t taken = 0;
        rc = server_req_write(answer->req, answer->rest, &taken);
        answer->rest = text_slice(answer->rest, taken, answer->rest.len);
    }
    if (rc == RC_OK) {
        rc = server_req_end(answer->req, NULL);
    }
    if (rc != RC_AGAIN) {
        server_req_finish(answer->req);
    }
}

static void send_answer(struct server_req *req, int status, struct text body)
{
    struct http_field type = {TEXT("Content-Type"), TEXT("text/plain; charset=utf-8"),
                              HTTP_FIELD_CONTENT_TYPE};
    const struct http_response head = {
        .status = status,
        .fields = {&type, 1},
        .framing = HTTP_LENGTH,
        .content_length = body.len,
    };
    struct answer *answer = ARENA_NEW(server_req_arena(req), struct answer);

    if (!answer || server_req_respond(req, &head) != RC_OK) {
        server_req_finish(req);
        return;
    }
    *answer = (struct answer){req, arena_text(server_req_arena(req), body)};
    server_req_on_wake(req, send_rest, answer);
    send_rest(answer);
}

/* ---- what is answered --------------------------------------------------------------------- */

static void describe(const struct whoami *whoami, const struct http_request *head, struct buf *out)
{
    buf_printf(out, "%s answered %.*s %.*s\n\n", whoami->name, TEXT_ARG(head->method),
               TEXT_ARG(head->target));
    for (size_t i = 0; i < head->fields.count; i++) {
        const struct http_field *field = &head->fields.at[i];
        buf_printf(out, "%.*s: %.*s\n", TEXT_ARG(field->name), TEXT_ARG(field->value));
    }
}

static void answer_request(void *arg, struct server_req *req)
{
    struct whoami *whoami = arg;
    const struct http_request *head = server_req_head(req);
    const bool is_post = head && head->method_id == HTTP_POST;
    int status = 200;
    struct buf body;

    buf_init(&body, ANSWER_BYTES_MAX);
    if (server_req_fault(req)) {
        status = server_req_fault_status(req);
        server_req_close_after(req);
    } else if (text_eq(head->path, TEXT("/health"))) {
        status = whoami->is_failing ? 503 : 200;
        buf_printf(&body, "%s\n", whoami->is_failing ? "failing" : "ok");
    } else if (is_post && text_eq(head->path, TEXT("/fail"))) {
        whoami->is_failing = true;
        buf_printf(&body, "%s now fails its health checks\n", whoami->name);
    } else if (is_post && text_eq(head->path, TEXT("/recover"))) {
        whoami->is_failing = false;
        buf_printf(&body, "%s now passes its health checks\n", whoami->name);
    } else {
        describe(whoami, head, &body);
    }
    send_answer(req, status, buf_text(&body));
    buf_done(&body);
}

/* ---- connections and the end -------------------------------------------------------------- */

static void accept_connection(void *arg, int fd, struct net_addr peer)
{
    struct whoami *whoami = arg;
    struct stream *stream;

    /* A connection that cannot be served is gone; its client sees it end. */
    if (stream_open_plain(whoami->loop, fd, peer, &stream) == RC_OK) {
        (void)!server_accept(whoami->server, stream, &config, whoami);
    }
}

/* "127.0.0.1:8001" */
static enum rc parse_listen(struct text text, struct net_addr *out)
{
    const size_t colon = text_find(text, ':');
    int64_t port;

    TRY(text_to_int(text_slice(text, colon + 1, text.len), 1, 65535, &port));
    return net_addr_of(text_slice(text, 0, colon), (uint16_t)port, out);
}

static int usage(void)
{
    (void)fputs("usage: whoami [--name NAME] [--listen ADDRESS:PORT]\n", stderr);
    return 2;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"name", required_argument, NULL, 'n'}, {"listen", required_argument, NULL, 'l'}, {0}};
    static const struct server_user user = {.request = answer_request};
    struct whoami whoami = {.name = "whoami"};
    struct net_addr address = net_addr_ip4(0x7f000001, 8000);
    struct listen listen;
    int option;
    int fd;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'n') {
            whoami.name = optarg;
        } else if (option != 'l' || parse_listen(text_of(optarg), &address) != RC_OK) {
            return usage();
        }
    }
    whoami.loop = loop_new();
    whoami.server = server_new(whoami.loop, &user);
    if (listen_open(address, &fd) != RC_OK ||
        listen_start(&listen, whoami.loop, fd, accept_connection, &whoami) != RC_OK) {
        (void)fputs("whoami: cannot listen there\n", stderr);
        return 1;
    }
    loop_run(whoami.loop); /* until a signal ends the process */
    return 0;
}
