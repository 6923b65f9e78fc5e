/* SPDX-License-Identifier: Apache-2.0 */
/* target: answers GET /N with N bytes, as cheaply as it can; takes and drops any body.
 *
 *   target --listen 127.0.0.1:9000 [--delay-ms N]
 *
 * Each answer comes so much later, as that of a target which waits for others would.
 * One thread, so that it can be pinned. */
#include "tool.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { HEAD_MAX = 16384, BODY_MAX = 16 << 20, EVENTS = 256 };

struct connection {
    int fd;
    size_t have;                 /* bytes of the head so far */
    long long skip_left;         /* of the request's body */
    size_t head_left, body_left; /* of the answer */
    size_t body_bytes;
    int64_t due_ns; /* 0: the answer may leave */
    bool is_gone;   /* while it waits */
    struct connection *next;
    char in[HEAD_MAX];
    char out[128];
    size_t out_len;
};

static char body[BODY_MAX];
static int64_t delay_ns;
static struct connection *first, *last; /* whose answers wait, in order */

static void put_off(struct connection *it)
{
    it->due_ns = now_ns() + delay_ns;
    it->next = NULL;
    if (first) {
        last->next = it;
    } else {
        first = it;
    }
    last = it;
}

/* False: the connection is over. */
static bool send_rest(struct connection *it)
{
    while (it->head_left + it->body_left) {
        struct iovec parts[2] = {{it->out + it->out_len - it->head_left, it->head_left},
                                 {body, it->body_left}};
        const ssize_t n = writev(it->fd, parts, 2);
        if (n < 0) {
            return errno == EAGAIN;
        }
        const size_t of_head = (size_t)n < it->head_left ? (size_t)n : it->head_left;
        it->head_left -= of_head;
        it->body_left -= (size_t)n - of_head;
    }
    return true;
}

static void start_answer(struct connection *it)
{
    const char *end = strchr(it->in, ' ') ? strchr(strchr(it->in, ' ') + 1, ' ') : NULL;
    const char *slash = end ? memrchr(it->in, '/', (size_t)(end - it->in)) : NULL;
    const long asked = slash ? strtol(slash + 1, NULL, 10) : 0;

    it->body_left = asked > 0 && asked <= BODY_MAX ? (size_t)asked : 0;
    it->out_len = (size_t)snprintf(
        it->out, sizeof(it->out),
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n\r\n",
        it->body_left);
    it->head_left = it->out_len;
    if (delay_ns) {
        put_off(it);
    }
}

/* Takes a whole head off the front of the buffer; false: it is not complete. */
static bool take_head(struct connection *it)
{
    it->in[it->have] = '\0';
    const char *end = strstr(it->in, "\r\n\r\n");
    if (!end) {
        return false;
    }
    const char *length = strcasestr(it->in, "\r\ncontent-length:");
    const size_t used = (size_t)(end + 4 - it->in);
    it->skip_left = length && length < end ? strtoll(length + 17, NULL, 10) : 0;
    start_answer(it);
    it->have -= used;
    memmove(it->in, it->in + used, it->have);
    const size_t of_body = (long long)it->have < it->skip_left ? it->have : (size_t)it->skip_left;
    it->have -= of_body;
    it->skip_left -= (long long)of_body;
    memmove(it->in, it->in + of_body, it->have);
    return true;
}

static bool serve(struct connection *it)
{
    for (;;) {
        if (it->due_ns) {
            return true;
        }
        if (it->head_left + it->body_left && it->skip_left == 0) {
            if (!send_rest(it)) {
                return false;
            }
            if (it->head_left + it->body_left) {
                return true; /* the socket is full */
            }
        }
        if (it->skip_left) {
            const ssize_t n = recv(it->fd, NULL, (size_t)it->skip_left, MSG_TRUNC);
            if (n <= 0) {
                return n < 0 && errno == EAGAIN;
            }
            it->skip_left -= n;
            continue;
        }
        if (it->have && take_head(it)) {
            continue;
        }
        const size_t room = sizeof(it->in) - 1 - it->have;
        const ssize_t n = room ? recv(it->fd, it->in + it->have, room, 0) : 0;
        if (n <= 0) {
            return n < 0 && errno == EAGAIN;
        }
        it->have += (size_t)n;
        if (!take_head(it)) {
            continue;
        }
    }
}

static void accept_all(int epoll, int listener)
{
    const int on = 1;
    int fd;

    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        struct connection *it = calloc(1, sizeof(*it));
        struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                                    .data.ptr = it};
        if (!it) {
            exit(1);
        }
        it->fd = fd;
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        (void)epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    }
}

static int open_listener(const char *text)
{
    const struct sockaddr_in address = parse_address(text);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    const int on = 1;

    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 4096) < 0) {
        die("%s", text);
    }
    return fd;
}

static void drop(struct connection *it)
{
    (void)close(it->fd);
    if (it->due_ns) {
        it->is_gone = true; /* freed when its turn comes */
    } else {
        free(it);
    }
}

static void answer_due(void)
{
    while (first && first->due_ns <= now_ns()) {
        struct connection *it = first;
        first = it->next;
        it->due_ns = 0;
        if (it->is_gone) {
            free(it);
        } else if (!serve(it)) {
            drop(it);
        }
    }
}

int main(int argc, char **argv)
{
    struct epoll_event events[EVENTS];

    if ((argc != 3 && argc != 5) || strcmp(argv[1], "--listen") != 0 ||
        (argc == 5 && strcmp(argv[3], "--delay-ms") != 0)) {
        return 2;
    }
    delay_ns = argc == 5 ? strtoll(argv[4], NULL, 10) * 1000000 : 0;
    (void)signal(SIGPIPE, SIG_IGN);
    memset(body, 'x', sizeof(body));
    const int listener = open_listener(argv[2]);
    const int epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    (void)epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        const int count = epoll_wait(epoll, events, EVENTS, first ? 1 : -1);
        for (int i = 0; i < count; i++) {
            struct connection *it = events[i].data.ptr;
            if (!it) {
                accept_all(epoll, listener);
            } else if (!it->is_gone && !serve(it)) {
                drop(it);
            }
        }
        answer_due();
    }
}
