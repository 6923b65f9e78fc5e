/* SPDX-License-Identifier: Apache-2.0 */
#include "net/listen.h"

#include "base/limits.h"
#include "net/ingress.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

static bool set_on(int fd, int level, int option)
{
    const int on = 1;

    return setsockopt(fd, level, option, &on, sizeof(on)) == 0;
}

enum rc listen_open(struct net_addr addr, int *out)
{
    struct sockaddr_storage storage;
    const socklen_t len = net_addr_to_sockaddr(&addr, &storage);
    const int fd = socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0) {
        return RC_IO;
    }
    if (set_on(fd, SOL_SOCKET, SO_REUSEADDR) && set_on(fd, SOL_SOCKET, SO_REUSEPORT) &&
        set_on(fd, IPPROTO_TCP, TCP_NODELAY) && bind(fd, (struct sockaddr *)&storage, len) == 0 &&
        listen(fd, LIMIT_LISTEN_BACKLOG) == 0) {
        *out = fd;
        return RC_OK;
    }
    const enum rc rc = net_rc(errno);
    (void)close(fd); /* the first failure is the one to tell */
    return rc;
}

/* Descriptors or memory are out: a level-triggered socket would now spin. */
static void rest(struct listen *listen)
{
    const int fd = listen->watch.fd;

    loop_watch_stop(listen->loop, &listen->watch);
    listen->watch.fd = fd;
    loop_timer_set(listen->loop, &listen->rest, loop_now_ms(listen->loop) + LIMIT_ACCEPT_REST_MS);
}

/* How many to accept next time before asking epoll again: a quiet socket shall not pay for an
 * accept4() that only says EAGAIN, nor a busy one for a turn per connection. */
static int next_batch(int batch, int accepted)
{
    if (accepted < batch) {
        return accepted > 0 ? accepted : 1;
    }
    return batch < LIMIT_ACCEPT_BATCH / 2 ? batch * 2 : LIMIT_ACCEPT_BATCH;
}

/* Of a socket that listens, the kernel tells in this field how many wait in its backlog. */
static int64_t backlog_of(int fd)
{
    struct tcp_info info = {0};
    socklen_t len = sizeof(info);

    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 ? info.tcpi_unacked : 0;
}

/* Only while some are left behind a whole batch: else the next one may come much later. */
static void measure_lag(struct listen *listen, bool is_full)
{
    const int64_t now_us = loop_now_us(listen->loop);
    const int64_t backlog = is_full ? backlog_of(listen->watch.fd) : 0;

    if (backlog > 0 && listen->full_us) {
        const int64_t one_us = (now_us - listen->full_us) / LIMIT_ACCEPT_BATCH;

        listen->one_us += (one_us - listen->one_us) / 4; /* one stall is not the pace */
        listen->lag_ms = backlog * listen->one_us / 1000;
    } else {
        listen->lag_ms = 0;
    }
    listen->full_us = backlog > 0 ? now_us : 0;
}

int64_t listen_lag_ms(const struct listen *listen)
{
    return listen->lag_ms;
}

static int accept_one(struct listen *listen, struct net_addr *peer)
{
    struct sockaddr_storage storage;
    socklen_t len = sizeof(storage);
    const int fd =
        accept4(listen->watch.fd, (struct sockaddr *)&storage, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd >= 0) {
        *peer = net_addr_from_sockaddr(&storage);
        if (listen->is_filtered) {
            ingress_detach(fd);
        }
    }
    return fd;
}

static void accept_ready(struct loop_watch *watch, unsigned events)
{
    struct listen *listen = CONTAINER_OF(watch, struct listen, watch);
    const int batch = listen->batch;
    int accepted = 0;

    for (int tries = 0; tries < batch; tries++) {
        struct net_addr peer;
        const int fd = accept_one(listen, &peer);

        if (fd >= 0) {
            accepted++;
            listen->accept(listen->arg, fd, peer);
            if (listen->watch.fd < 0) {
                return; /* stopped by its user */
            }
            continue;
        }
        if (errno == EAGAIN) {
            break;
        }
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            rest(listen);
            return;
        }
        /* Else this one connection failed (ECONNABORTED, EINTR, errors of its route): the next. */
    }
    measure_lag(listen, accepted == LIMIT_ACCEPT_BATCH);
    listen->batch = next_batch(batch, accepted);
}

static void rest_is_over(struct loop_timer *timer)
{
    struct listen *listen = CONTAINER_OF(timer, struct listen, rest);
    const int fd = listen->watch.fd;

    if (loop_watch_level(listen->loop, &listen->watch, fd, accept_ready) != RC_OK) {
        listen->watch.fd = fd;
        loop_timer_set(listen->loop, timer, loop_now_ms(listen->loop) + LIMIT_ACCEPT_REST_MS);
    }
}

enum rc listen_start(struct listen *listen, struct loop *loop, int fd, listen_accept_fn *accept,
                     void *arg)
{
    *listen = (struct listen){
        .loop = loop,
        .accept = accept,
        .arg = arg,
        .local = net_addr_local(fd),
        .batch = 1,
    };
    loop_timer_init(&listen->rest, rest_is_over);
    if (loop_watch_level(loop, &listen->watch, fd, accept_ready) != RC_OK) {
        listen->loop = NULL;
        (void)close(fd); /* it is refused already */
        return RC_IO;
    }
    return RC_OK;
}

void listen_stop(struct listen *listen)
{
    const int fd = listen->watch.fd;

    if (!listen->loop || fd < 0) {
        return;
    }
    loop_timer_cancel(listen->loop, &listen->rest);
    loop_watch_stop(listen->loop, &listen->watch);
    (void)close(fd); /* nothing to do about a failure */
}

enum rc listen_allow(struct listen *listen, const struct net_source *sources, size_t count)
{
    return ingress_attach(listen->watch.fd, sources, count, &listen->is_filtered);
}
