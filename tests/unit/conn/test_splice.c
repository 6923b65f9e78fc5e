/* SPDX-License-Identifier: Apache-2.0 */
#include "host.h"

#include "base/limits.h"
#include "conn/client.h"
#include "conn/splice.h"

#include <signal.h>

#define LONG_BYTES ((size_t)3 * 1024 * 1024)

/* A client, us, and a target; both far ends are played by the test. */
struct scene {
    struct host *host; /* with the client */
    struct wire target;
    struct client *client;
    struct client_conn *conn; /* NULL: closed */
    struct client_req *out;
    bool used_splice;
    char expected[1024]; /* a pattern that repeats */
};

static void nothing(void *arg)
{
}

static void gone(void *arg, struct client_conn *conn)
{
    fail();
}

static int scene_set_up(void **state)
{
    static struct scene scene;
    void *host;

    (void)signal(SIGPIPE, SIG_IGN);
    assert_int_equal(host_set_up(&host), 0);
    scene.host = host;
    scene.out = NULL;
    scene.used_splice = false;
    wire_open_on(&scene.target, scene.host->wire.loop);
    scene.client = client_new(scene.host->wire.loop);
    scene.conn = client_adopt(scene.client, scene.target.stream, false, gone, &scene);
    for (size_t i = 0; i < sizeof(scene.expected); i++) {
        scene.expected[i] = (char)('a' + i * 7 % 26);
    }
    *state = &scene;
    return 0;
}

static int scene_tear_down(void **state)
{
    struct scene *scene = *state;
    void *host = scene->host;

    if (scene->out && !client_req_finish(scene->out)) {
        scene->conn = NULL;
    }
    if (scene->conn) {
        client_close(scene->conn);
    }
    client_free(scene->client);
    close(scene->target.far);
    return host_tear_down(&host);
}

/* The client's request is delivered and passed on to the target. */
static void pass_on(struct scene *scene, const char *words)
{
    struct host *host = scene->host;

    host_start(host);
    wire_say(&host->wire, words);
    assert_non_null(host->req);
    assert_int_equal(client_start(scene->conn, server_req_head(host->req),
                                  server_req_arena(host->req), nothing, NULL, &scene->out),
                     RC_OK);
}

/* Writes as much of the pattern as the socket takes. */
static void feed(struct scene *scene, int fd, size_t *fed, size_t total)
{
    while (*fed < total) {
        const size_t at = *fed % sizeof(scene->expected);
        const size_t left = total - *fed;
        const size_t part = sizeof(scene->expected) - at;
        const ssize_t now = write(fd, scene->expected + at, part < left ? part : left);

        if (now <= 0) {
            return;
        }
        *fed += (size_t)now;
    }
}

static void swallow(struct scene *scene, int fd, size_t *got)
{
    char bytes[65536];
    ssize_t len;

    while ((len = read(fd, bytes, sizeof(bytes))) > 0) {
        for (ssize_t i = 0; i < len; i++) {
            assert_int_equal(bytes[i], scene->expected[(*got)++ % sizeof(scene->expected)]);
        }
    }
}

/* What a user does in each turn: splice, else read and write. The last result. */
static enum rc move_answer(struct scene *scene)
{
    for (;;) {
        struct text data;
        size_t n;
        bool waits_for_client = false;
        enum rc rc = splice_answer(scene->out, scene->host->req, &n, &waits_for_client);

        scene->used_splice |= rc == RC_OK;
        if (rc == RC_OK) {
            continue;
        }
        if (rc != RC_ABSENT) {
            return rc;
        }
        rc = client_req_read(scene->out, &data);
        if (rc != RC_OK) {
            return rc == RC_AGAIN && server_req_flush(scene->host->req) == RC_OK ? RC_AGAIN : rc;
        }
        rc = server_req_write(scene->host->req, data, &n);
        if (rc != RC_OK) {
            return rc;
        }
        client_req_consume(scene->out, n);
    }
}

static enum rc move_body(struct scene *scene)
{
    for (;;) {
        struct text data;
        size_t n;
        bool waits_for_target = false;
        enum rc rc = splice_body(scene->host->req, scene->out, &n, &waits_for_target);

        scene->used_splice |= rc == RC_OK;
        if (rc == RC_OK) {
            continue;
        }
        if (rc != RC_ABSENT) {
            return rc;
        }
        rc = server_req_read(scene->host->req, &data);
        if (rc != RC_OK) {
            return rc == RC_AGAIN && client_req_flush(scene->out) == RC_OK ? RC_AGAIN : rc;
        }
        rc = client_req_write(scene->out, data, &n);
        if (rc != RC_OK) {
            return rc;
        }
        server_req_consume(scene->host->req, n);
    }
}

static void begin_answer(struct scene *scene, const char *head_words)
{
    const struct http_response *head;

    pass_on(scene, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(client_req_end(scene->out, NULL), RC_OK);
    wire_hear(&scene->target);
    wire_say(&scene->target, head_words);
    assert_int_equal(client_req_read_head(scene->out, &head), RC_OK);
    assert_int_equal(server_req_respond(scene->host->req, head), RC_OK);
    assert_int_equal(server_req_flush(scene->host->req), RC_OK);
    wire_hear(&scene->host->wire);
}

TEST(splice, a_long_answer_arrives_whole_and_both_connections_stay)
{
    struct scene *scene = *state_;
    size_t fed = 0;
    size_t got = 0;

    begin_answer(scene, "HTTP/1.1 200 OK\r\nContent-Length: 3145728\r\n\r\n");
    for (int i = 0; i < 10000 && got < LONG_BYTES; i++) {
        feed(scene, scene->target.far, &fed, LONG_BYTES);
        wire_turn(&scene->target);
        const enum rc rc = move_answer(scene);
        assert_true(rc == RC_AGAIN || rc == RC_END);
        swallow(scene, scene->host->wire.far, &got);
        wire_turn(&scene->target);
    }
    assert_int_equal(got, LONG_BYTES);
    assert_true(scene->used_splice);
    assert_int_equal(move_answer(scene), RC_END);
    host_end(scene->host);
    assert_true(server_req_sent_bytes(scene->host->req) > LONG_BYTES);
    assert_true(client_req_finish(MOVE(scene->out)));
    host_finish(scene->host);
    assert_int_equal(scene->host->closed, 0);
}

TEST(splice, a_slow_client_holds_the_target_back)
{
    struct scene *scene = *state_;
    size_t fed = 0;
    size_t n;
    bool waits_for_client = false;

    begin_answer(scene, "HTTP/1.1 200 OK\r\nContent-Length: 3145728\r\n\r\n");
    for (int i = 0; i < 200; i++) {
        feed(scene, scene->target.far, &fed, LONG_BYTES);
        wire_turn(&scene->target);
        assert_int_equal(move_answer(scene), RC_AGAIN);
    }
    assert_true(fed < LONG_BYTES);
    assert_int_equal(splice_answer(scene->out, scene->host->req, &n, &waits_for_client), RC_AGAIN);
    assert_true(waits_for_client);
}

TEST(splice, a_long_upload_arrives_whole)
{
    struct scene *scene = *state_;
    size_t fed = 0;
    size_t got = 0;

    pass_on(scene, "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 3145728\r\n\r\n");
    assert_int_equal(client_req_flush(scene->out), RC_OK);
    wire_hear(&scene->target);
    for (int i = 0; i < 10000 && got < LONG_BYTES; i++) {
        feed(scene, scene->host->wire.far, &fed, LONG_BYTES);
        wire_turn(&scene->target);
        const enum rc rc = move_body(scene);
        assert_true(rc == RC_AGAIN || rc == RC_END);
        swallow(scene, scene->target.far, &got);
        wire_turn(&scene->target);
    }
    assert_int_equal(got, LONG_BYTES);
    assert_true(scene->used_splice);
    assert_int_equal(move_body(scene), RC_END);
    assert_int_equal(client_req_end(scene->out, NULL), RC_OK);
    assert_true(server_req_received_bytes(scene->host->req) > LONG_BYTES);
}

TEST(splice, an_upload_and_then_its_answer_are_both_spliced)
{
    struct scene *scene = *state_;
    const struct http_response *head;
    size_t fed = 0;
    size_t got = 0;

    pass_on(scene, "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 3145728\r\n\r\n");
    assert_int_equal(client_req_flush(scene->out), RC_OK);
    wire_hear(&scene->target);
    while (move_body(scene) == RC_AGAIN) {
        feed(scene, scene->host->wire.far, &fed, LONG_BYTES);
        wire_turn(&scene->target);
        swallow(scene, scene->target.far, &got);
    }
    assert_int_equal(client_req_end(scene->out, NULL), RC_OK);
    swallow(scene, scene->target.far, &got);
    assert_int_equal(got, LONG_BYTES);

    wire_say(&scene->target, "HTTP/1.1 200 OK\r\nContent-Length: 3145728\r\n\r\n");
    assert_int_equal(client_req_read_head(scene->out, &head), RC_OK);
    assert_int_equal(server_req_respond(scene->host->req, head), RC_OK);
    assert_int_equal(server_req_flush(scene->host->req), RC_OK);
    wire_hear(&scene->host->wire);
    scene->used_splice = false;
    fed = got = 0;
    while (move_answer(scene) == RC_AGAIN) {
        feed(scene, scene->target.far, &fed, LONG_BYTES);
        wire_turn(&scene->target);
        swallow(scene, scene->host->wire.far, &got);
    }
    swallow(scene, scene->host->wire.far, &got);
    assert_int_equal(got, LONG_BYTES);
    assert_true(scene->used_splice);
}

TEST(splice, a_client_that_waits_for_continue_gets_it)
{
    struct scene *scene = *state_;

    pass_on(scene, "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 3145728\r\n"
                   "Expect: 100-continue\r\n\r\n");
    assert_int_equal(move_body(scene), RC_AGAIN);
    assert_text_equal(host_hear(scene->host), TEXT("HTTP/1.1 100 Continue\r\n\r\n"));
}

TEST(splice, a_target_that_breaks_off_is_at_fault)
{
    struct scene *scene = *state_;
    size_t fed = 0;
    size_t got = 0;
    enum rc rc = RC_AGAIN;

    begin_answer(scene, "HTTP/1.1 200 OK\r\nContent-Length: 3145728\r\n\r\n");
    for (int i = 0; i < 10000 && rc == RC_AGAIN; i++) {
        feed(scene, scene->target.far, &fed, LONG_BYTES / 2);
        if (fed == LONG_BYTES / 2) {
            assert_int_equal(shutdown(scene->target.far, SHUT_WR), 0);
        }
        wire_turn(&scene->target);
        rc = move_answer(scene);
        swallow(scene, scene->host->wire.far, &got);
    }
    assert_int_equal(rc, RC_IO);
    assert_int_equal(client_req_fault(scene->out)->side, FAULT_TARGET);
    assert_false(client_req_finish(MOVE(scene->out)));
    scene->conn = NULL;
}

TEST(splice, a_client_that_leaves_is_not_the_targets_fault)
{
    struct scene *scene = *state_;
    size_t fed = 0;
    enum rc rc = RC_AGAIN;

    begin_answer(scene, "HTTP/1.1 200 OK\r\nContent-Length: 3145728\r\n\r\n");
    feed(scene, scene->target.far, &fed, LONG_BYTES);
    wire_turn(&scene->target);
    (void)move_answer(scene);
    close(scene->host->wire.far);
    for (int i = 0; i < 100 && rc == RC_AGAIN; i++) {
        feed(scene, scene->target.far, &fed, LONG_BYTES);
        wire_turn(&scene->target);
        rc = move_answer(scene);
    }
    assert_int_equal(rc, RC_IO);
    assert_null(client_req_fault(scene->out));
    scene->host->wire.far = dup(0);
}

TEST(splice, is_not_for_short_or_chunked_bodies)
{
    struct scene *scene = *state_;
    size_t n;
    bool waits;

    begin_answer(scene, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    assert_int_equal(splice_answer(scene->out, scene->host->req, &n, &waits), RC_ABSENT);
}

#define CASE_SCENE(name) \
    cmocka_unit_test_setup_teardown(splice__##name, scene_set_up, scene_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE_SCENE(a_long_answer_arrives_whole_and_both_connections_stay),
        CASE_SCENE(a_slow_client_holds_the_target_back),
        CASE_SCENE(a_long_upload_arrives_whole),
        CASE_SCENE(an_upload_and_then_its_answer_are_both_spliced),
        CASE_SCENE(a_client_that_waits_for_continue_gets_it),
        CASE_SCENE(a_target_that_breaks_off_is_at_fault),
        CASE_SCENE(a_client_that_leaves_is_not_the_targets_fault),
        CASE_SCENE(is_not_for_short_or_chunked_bodies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
