/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/log_keeper.h"

#include "base/limits.h"
#include "base/list.h"
#include "base/mem.h"
#include "bucket/bucket.h"
#include "codec/gzip.h"
#include "control/balancer_log.h"

enum { TURN_ARENA_BYTES = 1 << 20 };

/* One object to be. */
struct object {
    struct list link;
    enum log_kind kind;
    char *balancer_id, *zone, *bucket, *key; /* own */
    struct buf lines;                        /* own: not packed yet */
    struct buf packed;                       /* own */
};

struct log_keeper {
    struct loop *loop;
    struct control *control;
    const struct log *log;
    struct arena *arena; /* own: of one turn at a time */
    int64_t interval_ms;
    struct list objects;
    size_t kept_bytes;
    struct loop_timer timer;
};

/* ---- objects ------------------------------------------------------------------------------ */

static size_t size_of(const struct object *object)
{
    return object->lines.len + object->packed.len;
}

static void object_free(struct log_keeper *keeper, struct object *object)
{
    keeper->kept_bytes -= size_of(object);
    list_remove(&object->link);
    buf_done(&object->lines);
    buf_done(&object->packed);
    mem_give(object->balancer_id);
    mem_give(object->zone);
    mem_give(object->bucket);
    mem_give(object->key);
    mem_give(object);
}

static struct object *find(const struct log_keeper *keeper, struct text zone,
                           const struct log_page *page)
{
    LIST_EACH (&keeper->objects, link) {
        struct object *object = LIST_ITEM(link, struct object, link);

        if (object->kind == page->kind &&
            text_eq(text_of(object->balancer_id), page->balancer_id) &&
            text_eq(text_of(object->zone), zone)) {
            return object;
        }
    }
    return NULL;
}

/* AWS ALB, "Access log files": the end of the interval is part of the name. */
static int64_t interval_end_ms(const struct log_keeper *keeper)
{
    const int64_t now_ms = loop_unix_ms(keeper->loop);

    return (now_ms / keeper->interval_ms + 1) * keeper->interval_ms;
}

static enum rc ask_place(struct log_keeper *keeper, struct text zone, const struct log_page *page,
                         struct balancer_log_place *out)
{
    struct turn turn;

    arena_reset(keeper->arena);
    TRY(turn_begin(&turn, keeper->control, keeper->arena, loop_unix_ms(keeper->loop), STORE_READ));
    return turn_end(&turn, balancer_log_find(&turn, page->kind, page->balancer_id, zone,
                                             interval_end_ms(keeper), out));
}

static void arm(struct log_keeper *keeper)
{
    const int64_t wait_ms = interval_end_ms(keeper) - loop_unix_ms(keeper->loop);

    loop_timer_set(keeper->loop, &keeper->timer, loop_now_ms(keeper->loop) + wait_ms);
}

static enum rc object_new(struct log_keeper *keeper, struct text zone, const struct log_page *page,
                          struct object **out)
{
    struct balancer_log_place place;

    TRY(ask_place(keeper, zone, page, &place));
    struct object *object = MEM_NEW(struct object);
    object->kind = page->kind;
    object->balancer_id = mem_string(page->balancer_id);
    object->zone = mem_string(zone);
    object->bucket = mem_string(place.bucket);
    object->key = mem_string(place.key);
    buf_init(&object->lines, 2 * (size_t)LIMIT_FEED_LINES_BYTES);
    buf_init(&object->packed, 2 * (size_t)LIMIT_LOG_OBJECT_BYTES);
    if (list_is_empty(&keeper->objects)) {
        arm(keeper);
    }
    list_push_back(&keeper->objects, &object->link);
    *out = object;
    return RC_OK;
}

/* ---- writing ------------------------------------------------------------------------------ */

static void pack(struct log_keeper *keeper, struct object *object)
{
    keeper->kept_bytes -= size_of(object);
    if (object->lines.len > 0) {
        /* An object is written long before it could be full. */
        ASSERT(gzip_add(buf_text(&object->lines), &object->packed) == RC_OK);
        buf_clear(&object->lines);
    }
    keeper->kept_bytes += size_of(object);
}

static void complain(const struct log_keeper *keeper, const struct object *object, enum rc rc)
{
    log_event(keeper->log, LOG_WARN, "log lines are dropped: the object cannot be written",
              {"balancer", text_of(object->balancer_id)}, {"bucket", text_of(object->bucket)},
              {"key", text_of(object->key)}, {"why", text_of(rc_name(rc))});
}

static void finish(struct log_keeper *keeper, struct object *object)
{
    const struct buckets *buckets = keeper->control->config.buckets;
    enum rc rc = RC_ABSENT;

    pack(keeper, object);
    if (buckets) {
        rc = bucket_write(buckets, text_of(object->bucket), text_of(object->key),
                          buf_text(&object->packed));
    }
    if (rc != RC_OK) {
        complain(keeper, object, rc);
    }
    object_free(keeper, object);
}

void log_keeper_flush(struct log_keeper *keeper)
{
    LIST_EACH (&keeper->objects, link) {
        finish(keeper, LIST_ITEM(link, struct object, link));
    }
}

static void interval_is_over(struct loop_timer *timer)
{
    log_keeper_flush(CONTAINER_OF(timer, struct log_keeper, timer));
}

/* ---- taking ------------------------------------------------------------------------------- */

static void add(struct log_keeper *keeper, struct object *object, struct text lines)
{
    buf_add(&object->lines, lines);
    keeper->kept_bytes += lines.len;
    if (object->lines.len >= LIMIT_FEED_LINES_BYTES) {
        pack(keeper, object);
    }
    if (object->packed.len >= LIMIT_LOG_OBJECT_BYTES) {
        finish(keeper, object);
    }
    if (keeper->kept_bytes >= LIMIT_LOG_KEPT_BYTES) {
        log_keeper_flush(keeper);
    }
}

/* Whose lines these are is looked up in the store: `lookups` more times for this frame. */
static void take_page(struct log_keeper *keeper, struct text zone, const struct log_page *page,
                      int *lookups)
{
    struct object *object = find(keeper, zone, page);

    if (text_is_empty(page->lines) || (!object && (*lookups)-- <= 0)) {
        return;
    }
    if (object || object_new(keeper, zone, page, &object) == RC_OK) {
        add(keeper, object, page->lines);
    }
}

enum rc log_keeper_take(struct log_keeper *keeper, struct text zone, struct text pages)
{
    int lookups = LIMIT_LOG_LOOKUPS;
    struct log_page page;
    enum rc rc;

    while ((rc = log_page_parse(&pages, &page)) == RC_OK) {
        take_page(keeper, zone, &page, &lookups);
    }
    return rc == RC_END ? RC_OK : rc;
}

/* ---- life --------------------------------------------------------------------------------- */

struct log_keeper *log_keeper_new(struct loop *loop, struct control *control, int64_t interval_ms,
                                  const struct log *log)
{
    struct log_keeper *keeper = MEM_NEW(struct log_keeper);

    keeper->loop = loop;
    keeper->control = control;
    keeper->log = log;
    keeper->interval_ms = interval_ms;
    keeper->arena = arena_new(16 * 1024, TURN_ARENA_BYTES);
    list_init(&keeper->objects);
    loop_timer_init(&keeper->timer, interval_is_over);
    return keeper;
}

void log_keeper_free(struct log_keeper *keeper)
{
    if (!keeper) {
        return;
    }
    log_keeper_flush(keeper);
    loop_timer_cancel(keeper->loop, &keeper->timer);
    arena_free(keeper->arena);
    mem_give(keeper);
}
