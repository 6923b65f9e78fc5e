/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/link.h"

#include "base/limits.h"
#include "base/mem.h"

enum { READ_BYTES = 64 * 1024 };

struct parcel *parcel_new(enum feed_kind kind, struct text payload)
{
    struct parcel *parcel = mem_take(sizeof(*parcel) + FRAME_HEAD_BYTES + payload.len);

    parcel->refs = 1;
    parcel->kind = kind;
    parcel->len = FRAME_HEAD_BYTES + payload.len;
    frame_print_head(kind, payload.len, parcel->bytes);
    if (payload.len) {
        memcpy(parcel->bytes + FRAME_HEAD_BYTES, payload.at, payload.len);
    }
    return parcel;
}

struct parcel *parcel_ref(struct parcel *parcel)
{
    parcel->refs++;
    return parcel;
}

void parcel_unref(struct parcel *parcel)
{
    if (parcel && --parcel->refs == 0) {
        mem_give(parcel);
    }
}

static void break_link(struct link *link)
{
    link_close(link);
    link->user->broken(link);
}

/* ---- sending ------------------------------------------------------------------------------ */

static struct parcel *take_next(struct link *link)
{
    for (int kind = 0; kind < FEED_KIND_COUNT; kind++) {
        if (link->waiting[kind]) {
            return MOVE(link->waiting[kind]);
        }
    }
    return NULL;
}

/* RC_OK: all is sent. RC_AGAIN: the socket is full. RC_IO. */
static enum rc flush(struct link *link)
{
    for (;;) {
        if (!link->sending) {
            link->sending = take_next(link);
            link->sent = 0;
        }
        if (!link->sending) {
            return RC_OK;
        }
        const struct iovec part = {link->sending->bytes + link->sent,
                                   link->sending->len - link->sent};
        size_t len;
        TRY(stream_write(link->stream, &part, 1, &len));
        link->sent += len;
        if (link->sent == link->sending->len) {
            parcel_unref(MOVE(link->sending));
        }
    }
}

/* Sending waits for the end of the turn, so that nobody is called back from link_send(). */
void link_send(struct link *link, struct parcel *parcel)
{
    if (link->stream) {
        parcel_unref(link->waiting[parcel->kind]);
        link->waiting[parcel->kind] = parcel_ref(parcel);
        loop_later(link->loop, &link->more);
    }
}

/* ---- receiving ---------------------------------------------------------------------------- */

/* The ceiling of `in` is never met: frame_parse() refuses longer frames by their heads. */
static enum rc fill(struct link *link)
{
    char *room = buf_room(&link->in, READ_BYTES);
    size_t len;

    ASSERT(room != NULL);
    TRY(stream_read(link->stream, room, READ_BYTES, &len));
    buf_added(&link->in, len);
    return RC_OK;
}

static enum rc deliver(struct link *link)
{
    size_t done = 0;
    struct frame frame;
    enum rc rc;

    while ((rc = frame_parse(text_slice(buf_text(&link->in), done, link->in.len),
                             link->user->accepts, &frame)) == RC_OK) {
        TRY(link->user->received(link, frame.kind, frame.payload));
        done += frame.len;
    }
    buf_consume(&link->in, done);
    if (link->in.len == 0) {
        buf_done(&link->in); /* frames are rare: between them a link owns no buffer */
    }
    return rc == RC_AGAIN ? RC_OK : rc;
}

/* RC_AGAIN: nothing more to read now. */
static enum rc receive(struct link *link)
{
    for (int reads = 0; reads < LIMIT_FEED_READS; reads++) {
        TRY(fill(link));
        TRY(deliver(link));
    }
    loop_later(link->loop, &link->more); /* the others' turn first */
    return RC_AGAIN;
}

bool link_is_flushed(const struct link *link)
{
    for (int kind = 0; kind < FEED_KIND_COUNT; kind++) {
        if (link->waiting[kind]) {
            return false;
        }
    }
    return !link->sending;
}

static void work(struct link *link)
{
    if (receive(link) != RC_AGAIN) {
        break_link(link);
        return;
    }
    const enum rc rc = flush(link);
    if (rc != RC_OK && rc != RC_AGAIN) {
        break_link(link);
    } else if (rc == RC_OK && link->user->flushed) {
        link->user->flushed(link);
    }
}

static void woken(void *arg)
{
    work(arg);
}

static void go_on(struct loop_task *task)
{
    work(CONTAINER_OF(task, struct link, more));
}

enum rc link_open(struct link *link, struct loop *loop, int fd, const struct link_user *user)
{
    *link = (struct link){.user = user, .loop = loop};
    loop_task_init(&link->more, go_on);
    TRY(stream_open_plain(loop, fd, (struct net_addr){.family = NET_NONE}, &link->stream));
    stream_on_wake(link->stream, woken, link);
    buf_init(&link->in, LIMIT_SNAPSHOT_BYTES + FRAME_HEAD_BYTES + READ_BYTES);
    loop_later(loop, &link->more);
    return RC_OK;
}

void link_close(struct link *link)
{
    if (!link->stream) {
        return;
    }
    loop_task_cancel(link->loop, &link->more);
    stream_close(MOVE(link->stream));
    buf_done(&link->in);
    parcel_unref(MOVE(link->sending));
    for (int kind = 0; kind < FEED_KIND_COUNT; kind++) {
        parcel_unref(MOVE(link->waiting[kind]));
    }
}
