/* SPDX-License-Identifier: Apache-2.0 */
/* The API port over real sockets of loopback. */
#include "client.h"

#include "api/front.h"
#include "net/listen.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

struct stage {
    struct client_world world;
    struct loop *loop;
    struct front *front;
    struct sockaddr_in address;
    char answer[8192];
};

static struct stage stage;

static int write_health(void *arg, struct buf *out)
{
    buf_printf(out, "%s\n", (const char *)arg);
    return 503;
}

static int set_up(void **state)
{
    static const struct front_page pages[] = {
        {"/health", "text/plain; charset=utf-8", write_health}};
    static char word[] = "not yet";
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    socklen_t size = sizeof(stage.address);

    (void)state;
    client_open(&stage.world);
    stage.loop = loop_new();
    stage.front = front_new(stage.loop, stage.world.engine, pages, ARRAY_LEN(pages), word);
    stage.address =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    assert_int_equal(bind(fd, (struct sockaddr *)&stage.address, size), 0);
    assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&stage.address, &size), 0);
    assert_int_equal(front_listen(stage.front, fd), RC_OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    front_free(stage.front);
    loop_free(stage.loop);
    client_close(&stage.world);
    return 0;
}

/* Sends all, then reads until the end: every request here asks for it. */
static const char *ask(const char *request, size_t len)
{
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    size_t sent = 0;
    size_t got = 0;

    assert_int_equal(connect(fd, (struct sockaddr *)&stage.address, sizeof(stage.address)), 0);
    for (int turn = 0; turn < 2000; turn++) {
        ssize_t n = send(fd, request + sent, len - sent, MSG_DONTWAIT | MSG_NOSIGNAL);

        sent += n > 0 ? (size_t)n : 0;
        loop_turn(stage.loop, 1);
        n = recv(fd, stage.answer + got, sizeof(stage.answer) - 1 - got, MSG_DONTWAIT);
        if (n == 0) {
            break;
        }
        got += n > 0 ? (size_t)n : 0;
    }
    (void)close(fd);
    stage.answer[got] = '\0';
    return stage.answer;
}

static const char *ask_text(const char *request)
{
    return ask(request, strlen(request));
}

TEST(front, serves_its_pages)
{
    const char *answer = ask_text("GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

    assert_contains(answer, "HTTP/1.1 503 ");
    assert_contains(answer, "\r\n\r\nnot yet\n");
}

TEST(front, gives_everything_else_to_the_engine)
{
    const char *answer = ask_text("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                                  "Content-Length: 43\r\n\r\n"
                                  "Action=GetCallerIdentity&Version=2011-06-15");

    assert_contains(answer, "HTTP/1.1 403 ");
    assert_contains(answer, "x-amzn-RequestId: ");
    assert_contains(answer, "Date: ");
    assert_contains(answer, "<Code>MissingAuthenticationToken</Code>");
}

TEST(front, refuses_a_body_beyond_the_limit)
{
    static char request[2 * 1024 * 1024];
    const int head =
        snprintf(request, sizeof(request),
                 "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", (int)sizeof(request));

    memset(request + head, 'a', sizeof(request) - (size_t)head);
    assert_contains(ask(request, sizeof(request)), "HTTP/1.1 413 ");
    assert_contains(stage.answer, "<Code>RequestEntityTooLarge</Code>");
}

TEST(front, answers_what_it_cannot_read)
{
    assert_contains(ask_text("GET / HTTP/1.1\r\nbroken\r\n\r\n"), "HTTP/1.1 400 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(front__serves_its_pages),
        CASE(front__gives_everything_else_to_the_engine),
        CASE(front__refuses_a_body_beyond_the_limit),
        CASE(front__answers_what_it_cannot_read),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
