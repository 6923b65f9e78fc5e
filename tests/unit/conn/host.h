/* SPDX-License-Identifier: Apache-2.0 */
/* host: a server whose user only writes down; each test does with the request what it likes. */
#pragma once
#include "wire.h"

#include "base/limits.h"
#include "conn/server.h"

struct host {
    struct wire wire;
    struct server *server;
    struct server_config config;
    struct server_req *req; /* delivered and not finished */
    int requests;
    int closed;
    int wakes;
};

static inline void host_on_request(void *arg, struct server_req *req)
{
    struct host *host = arg;

    assert_null(host->req);
    host->req = req;
    host->requests++;
}

static inline void host_on_closed(void *arg)
{
    struct host *host = arg;

    host->closed++;
}

static inline void host_on_wake(void *arg)
{
    struct host *host = arg;

    host->wakes++;
}

static const struct server_user host_user = {.request = host_on_request, .closed = host_on_closed};

static inline int host_set_up(void **state)
{
    static struct host host;

    host.req = NULL;
    host.requests = host.closed = host.wakes = 0;
    wire_open(&host.wire);
    host.server = server_new(host.wire.loop, &host_user);
    host.config = (struct server_config){
        .idle_timeout_ms = 60000,
        .head_timeout_ms = 60000,
        .keep_alive_ms = 3600000,
        .allows_pipelining = true,
    };
    *state = &host;
    return 0;
}

static inline int host_tear_down(void **state)
{
    struct host *host = *state;

    if (host->req) {
        server_req_finish(host->req);
    }
    server_free(host->server);
    wire_close(&host->wire);
    return 0;
}

static inline void host_start(struct host *host)
{
    assert_int_equal(server_accept(host->server, host->wire.stream, &host->config, host), RC_OK);
}

static inline struct text host_hear(struct host *host)
{
    wire_turn(&host->wire);
    return wire_hear(&host->wire);
}

static inline bool host_contains(struct text text, const char *words)
{
    return memmem(text.at, text.len, words, strlen(words)) != NULL;
}

static inline void host_respond(struct host *host, int status, enum http_framing framing,
                                uint64_t length)
{
    const struct http_response response = {
        .status = status,
        .reason = TEXT("Fine"),
        .version = HTTP_1_1,
        .framing = framing,
        .content_length = length,
    };

    assert_int_equal(server_req_respond(host->req, &response), RC_OK);
}

static inline void host_write_all(struct host *host, struct text data)
{
    while (data.len) {
        size_t taken = 0;
        const enum rc rc = server_req_write(host->req, data, &taken);

        if (rc == RC_AGAIN) {
            wire_turn(&host->wire);
            wire_hear(&host->wire);
            continue;
        }
        assert_int_equal(rc, RC_OK);
        data = text_slice(data, taken, data.len);
    }
}

static inline void host_end(struct host *host)
{
    enum rc rc;

    while ((rc = server_req_end(host->req, NULL)) == RC_AGAIN) {
        wire_turn(&host->wire);
        wire_hear(&host->wire);
    }
    assert_int_equal(rc, RC_OK);
}

static inline void host_finish(struct host *host)
{
    struct server_req *req = MOVE(host->req);

    server_req_finish(req);
}

static inline void host_answer(struct host *host, const char *body)
{
    const struct text text = text_of(body);

    host_respond(host, 200, HTTP_LENGTH, text.len);
    host_write_all(host, text);
    host_end(host);
    host_finish(host);
}

/* Reads and consumes the request's body as far as it goes; gives the last result. */
static inline enum rc host_read_body(struct host *host, char *into, size_t *len)
{
    struct text data;
    enum rc rc;

    while ((rc = server_req_read(host->req, &data)) == RC_OK) {
        if (into) {
            memcpy(into + *len, data.at, data.len);
        }
        *len += data.len;
        server_req_consume(host->req, data.len);
    }
    return rc;
}

#define CASE_HOST(name) cmocka_unit_test_setup_teardown(server__##name, host_set_up, host_tear_down)
