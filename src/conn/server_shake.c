/* SPDX-License-Identifier: Apache-2.0 */
/* The TLS handshake with a client: a protocol of its own before the one that ALPN chooses. */
#include "conn/server_conn.h"

#include "base/limits.h"
#include "http/date.h"
#include "http/h1_write.h"
#include "http/page.h"
#include "tls/stream.h"

enum { ANSWER_BYTES = 1024, PAGE_ARENA_BYTES = 4096 };

/* Clear text on a TLS port is owed one clear sentence: the page of 400, as HTTP/1.1. */
static void answer_clear_text(struct server_conn *conn)
{
    struct arena *arena = arena_new(PAGE_ARENA_BYTES, PAGE_ARENA_BYTES);
    struct date date = {0};
    char answer[ANSWER_BYTES];
    size_t len;

    const struct page_about about = {.date =
                                         date_text(&date, loop_unix_ms(conn->server->loop) / 1000)};
    const struct page *page = page_error(arena, 400, about);
    const struct h1_plan plan = h1_plan_response(&page->response, HTTP_1_1, HTTP_GET, true);
    if (h1_write_response(&page->response, plan, HTTP_1_1, answer, sizeof(answer), &len) == RC_OK &&
        page->body.len <= sizeof(answer) - len) {
        memcpy(answer + len, page->body.at, page->body.len);
        tls_stream_answer_plain(conn->stream, (struct text){answer, len + page->body.len});
    }
    arena_free(arena);
}

static void fail(struct server_conn *conn)
{
    const struct server_user *user = conn->server->user;

    if (tls_stream_trouble(conn->stream) == TLS_SPOKE_HTTP) {
        answer_clear_text(conn);
    }
    if (user->not_secured) {
        user->not_secured(conn->arg, conn->stream);
    }
    server_conn_close(conn, false);
}

static void push(struct server_conn *conn)
{
    const enum rc rc = tls_stream_handshake(conn->stream);

    if (rc == RC_AGAIN) {
        return;
    }
    if (rc != RC_OK) {
        fail(conn);
        return;
    }
    if (conn->server->user->secured) {
        conn->server->user->secured(conn->arg, conn->stream);
    }
    loop_timer_cancel(conn->server->loop, &conn->timer);
    server_conn_touch(conn);
    conn->ops = tls_stream_is_http2(conn->stream) ? &server_h2 : &server_h1;
    conn->ops->start(conn);
}

static void woke(void *arg)
{
    push(arg);
}

static void shake_start(struct server_conn *conn)
{
    loop_task_init(&conn->task, NULL);
    stream_on_wake(conn->stream, woke, conn);
    loop_timer_set(conn->server->loop, &conn->timer, conn->born_ms + LIMIT_HANDSHAKE_MS);
    push(conn);
}

static void shake_due(struct server_conn *conn)
{
    fail(conn);
}

/* There is no request before the handshake is done, so nothing else can be called. */
const struct server_ops server_shake = {.start = shake_start, .due = shake_due};
