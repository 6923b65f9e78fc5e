/* SPDX-License-Identifier: Apache-2.0 */
#include "main/fetch.h"

#include "net/addr.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { TIMEOUT_S = 5, READ_BYTES = 16 * 1024, HEAD_ROOM_BYTES = 64 * 1024 };

static enum rc tell(char *why, size_t why_size)
{
    (void)snprintf(why, why_size, "%s", strerror(errno));
    return RC_IO;
}

static enum rc read_url(struct text url, struct net_addr *out)
{
    const struct text place = text_slice(url, strlen("http://"), url.len);
    const size_t colon = text_find(place, ':');
    int64_t port;

    if (!text_starts(url, TEXT("http://"))) {
        return RC_BAD;
    }
    TRY(text_to_int(text_slice(place, colon + 1, place.len), 1, UINT16_MAX, &port));
    return net_addr_of(text_slice(place, 0, colon), (uint16_t)port, out);
}

static enum rc dial(const struct net_addr *addr, int *out)
{
    const struct timeval timeout = {.tv_sec = TIMEOUT_S};
    struct sockaddr_storage storage;
    const socklen_t len = net_addr_to_sockaddr(addr, &storage);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0) {
        return RC_IO;
    }
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) != 0 ||
        connect(fd, (struct sockaddr *)&storage, len) != 0) {
        const int error = errno;
        (void)close(fd);
        errno = error;
        return RC_IO;
    }
    *out = fd;
    return RC_OK;
}

/* HTTP/1.0: the answer ends with the connection. */
static enum rc ask(int fd, const char *path, struct buf *answer)
{
    ssize_t got = 1;

    if (dprintf(fd, "GET %s HTTP/1.0\r\nHost: openalb\r\n\r\n", path) < 0) {
        return RC_IO;
    }
    while (got > 0) {
        char bytes[READ_BYTES];
        got = recv(fd, bytes, sizeof(bytes), 0);
        if (got > 0) {
            buf_add(answer, (struct text){bytes, (size_t)got});
        }
    }
    return got == 0 ? buf_result(answer) : RC_IO;
}

/* A body behind a head with status 200. */
static enum rc take_body(struct text answer, struct buf *body)
{
    const char *end = answer.len ? memmem(answer.at, answer.len, "\r\n\r\n", 4) : NULL;

    if (!end || !text_eq(text_slice(answer, 8, 4), TEXT(" 200"))) {
        return RC_BAD;
    }
    buf_add(body, text_slice(answer, (size_t)(end - answer.at) + 4, answer.len));
    return buf_result(body);
}

enum rc fetch(struct text url, const char *path, struct buf *body, char *why, size_t why_size)
{
    struct net_addr addr;
    struct buf answer;
    int fd;

    if (read_url(url, &addr) != RC_OK) {
        (void)snprintf(why, why_size, "not a URL of ours");
        return RC_BAD;
    }
    if (dial(&addr, &fd) != RC_OK) {
        return tell(why, why_size);
    }
    buf_init(&answer, body->ceiling + HEAD_ROOM_BYTES);
    enum rc rc = ask(fd, path, &answer);
    if (rc != RC_OK) {
        (void)tell(why, why_size);
    } else if ((rc = take_body(buf_text(&answer), body)) != RC_OK) {
        (void)snprintf(why, why_size, "it does not answer as openalb does");
    }
    buf_done(&answer);
    (void)close(fd);
    return rc;
}
