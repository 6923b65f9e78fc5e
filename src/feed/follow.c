/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/follow.h"

#include "base/limits.h"
#include "base/mem.h"
#include "feed/link.h"

struct follow {
    struct link link;
    const struct follow_user *user;
    struct loop *loop;
    struct hello hello;
    struct loop_timer retry;
};

static void send_frame(struct follow *follow, enum feed_kind kind, struct text payload)
{
    struct parcel *parcel = parcel_new(kind, payload);

    link_send(&follow->link, parcel);
    parcel_unref(parcel);
}

static void say_hello(struct follow *follow)
{
    struct buf payload;

    buf_init(&payload, LIMIT_FEED_HELLO_BYTES);
    hello_print(&follow->hello, &payload);
    send_frame(follow, FEED_HELLO, buf_text(&payload));
    buf_done(&payload);
}

static enum rc follow_received(struct link *link, enum feed_kind kind, struct text payload)
{
    struct follow *follow = CONTAINER_OF(link, struct follow, link);

    follow->user->received(follow->user->arg, kind, payload);
    return RC_OK;
}

static void follow_flushed(struct link *link)
{
    const struct follow *follow = CONTAINER_OF(link, struct follow, link);

    if (follow->user->flushed) {
        follow->user->flushed(follow->user->arg);
    }
}

static void try_later(struct follow *follow)
{
    loop_timer_set(follow->loop, &follow->retry, loop_now_ms(follow->loop) + LIMIT_FEED_RETRY_MS);
}

static void follow_broken(struct link *link)
{
    struct follow *follow = CONTAINER_OF(link, struct follow, link);

    try_later(follow);
    follow->user->lost(follow->user->arg);
}

static const struct link_user follow_user = {
    .accepts = FEED_SET(SEED) | FEED_SET(SNAPSHOT),
    .received = follow_received,
    .flushed = follow_flushed,
    .broken = follow_broken,
};

static void connect_now(struct loop_timer *timer)
{
    struct follow *follow = CONTAINER_OF(timer, struct follow, retry);
    int fd;

    if (follow->user->dial(follow->user->arg, &fd) != RC_OK ||
        link_open(&follow->link, follow->loop, fd, &follow_user) != RC_OK) {
        try_later(follow);
        return;
    }
    say_hello(follow);
    follow->user->joined(follow->user->arg);
}

struct follow *follow_new(struct loop *loop, const struct hello *hello,
                          const struct follow_user *user)
{
    struct follow *follow = MEM_NEW(struct follow);

    follow->user = user;
    follow->loop = loop;
    follow->hello = *hello;
    loop_timer_init(&follow->retry, connect_now);
    loop_timer_set(loop, &follow->retry, loop_now_ms(loop));
    return follow;
}

void follow_free(struct follow *follow)
{
    if (follow) {
        loop_timer_cancel(follow->loop, &follow->retry);
        link_close(&follow->link);
        mem_give(follow);
    }
}

bool follow_is_joined(const struct follow *follow)
{
    return follow->link.stream != NULL;
}

void follow_report(struct follow *follow, struct text report)
{
    if (follow_is_joined(follow)) {
        send_frame(follow, FEED_REPORT, report);
    }
}

bool follow_is_flushed(const struct follow *follow)
{
    return link_is_flushed(&follow->link);
}

enum rc follow_lines(struct follow *follow, struct text pages)
{
    if (!follow_is_joined(follow)) {
        return RC_ABSENT;
    }
    if (follow->link.waiting[FEED_LINES]) {
        return RC_AGAIN;
    }
    send_frame(follow, FEED_LINES, pages);
    return RC_OK;
}
