/* SPDX-License-Identifier: Apache-2.0 */
#include "main/desk.h"

#include "base/limits.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

union control_bytes {
    struct cmsghdr head; /* for alignment */
    char bytes[CMSG_SPACE(sizeof(int))];
};

static enum rc await(int desk_fd)
{
    struct pollfd waiting = {.fd = desk_fd, .events = POLLIN};
    int ready;

    do {
        ready = poll(&waiting, 1, LIMIT_DESK_MS);
    } while (ready < 0 && errno == EINTR);
    return ready == 1 ? RC_OK : RC_IO;
}

static enum rc receive_answer(int desk_fd, int *fd)
{
    union control_bytes control;
    int32_t rc;
    struct iovec part = {&rc, sizeof(rc)};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof(control.bytes)};

    if (recvmsg(desk_fd, &message, MSG_CMSG_CLOEXEC) != sizeof(rc)) {
        return RC_IO;
    }
    const struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    if (head && head->cmsg_type == SCM_RIGHTS && fd) {
        memcpy(fd, CMSG_DATA(head), sizeof(*fd));
    } else if (rc == RC_OK && fd) {
        return RC_IO; /* it ran out of descriptors on the way */
    }
    return (enum rc)rc;
}

static size_t length_of(const struct desk_question *question)
{
    return offsetof(struct desk_question, sources) +
           question->source_count * sizeof(question->sources[0]);
}

enum rc desk_ask(int desk_fd, const struct desk_question *question, int *fd)
{
    const size_t len = length_of(question);

    if (send(desk_fd, question, len, MSG_NOSIGNAL) != (ssize_t)len) {
        return RC_IO;
    }
    if (await(desk_fd) != RC_OK) {
        /* An answer that came later would be taken for the next question's. */
        (void)shutdown(desk_fd, SHUT_RDWR);
        return RC_IO;
    }
    return receive_answer(desk_fd, fd);
}

enum rc desk_take(int desk_fd, struct desk_question *out)
{
    const ssize_t got = recv(desk_fd, out, sizeof(*out), MSG_DONTWAIT);

    if (got < 0) {
        return errno == EAGAIN || errno == EINTR ? RC_AGAIN : RC_END;
    }
    if (got == 0) {
        return RC_END;
    }
    if ((size_t)got < offsetof(struct desk_question, sources) ||
        out->source_count > LIMIT_INGRESS_SOURCES || (size_t)got != length_of(out)) {
        return RC_BAD;
    }
    return out->verb < DESK_VERBS ? RC_OK : RC_BAD;
}

void desk_answer(int desk_fd, enum rc rc, int fd)
{
    union control_bytes control = {.head = {.cmsg_len = CMSG_LEN(sizeof(int)),
                                            .cmsg_level = SOL_SOCKET,
                                            .cmsg_type = SCM_RIGHTS}};
    int32_t code = (int32_t)rc;
    struct iovec part = {&code, sizeof(code)};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

    if (fd >= 0) {
        memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof(control.bytes);
    }
    const ssize_t sent = sendmsg(desk_fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)sent; /* a child that is gone, or asks without reading, gets nothing */
}
