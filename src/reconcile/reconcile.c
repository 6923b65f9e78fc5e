/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/reconcile.h"

#include "base/mem.h"
#include "reconcile/loops.h"

#define ARENA_FIRST_BYTES   (256 * 1024)
#define ARENA_CEILING_BYTES (256 * 1024 * 1024)
/* OURS: a change reaches the nodes within this time, and a burst of changes makes no more than one
 * snapshot in it: most of the time is for calls. */
#define GAP_MS      20
#define RETRY_MS    1000  /* after a failure */
#define LOOK_MAX_MS 60000 /* the wall clock may jump: look at least so often */

struct reconcile {
    struct loop *loop;     /* borrowed */
    const struct log *log; /* borrowed; may be NULL */
    struct reconcile_scene scene;
    struct arena *arena; /* own */
    struct loop_timer timer;
    uint64_t seen_revision; /* at the last run */
    int64_t earliest_ms;    /* of the next run after a change */
    struct reconcile_counts counts;
};

static void timer_due(struct loop_timer *timer);
static int64_t run_all(struct reconcile *reconcile);

struct reconcile *reconcile_new(struct loop *loop, struct control *control,
                                struct feed_server *feed, const struct log *log)
{
    struct reconcile *reconcile = MEM_NEW(struct reconcile);

    reconcile->loop = loop;
    reconcile->log = log;
    reconcile->arena = arena_new(ARENA_FIRST_BYTES, ARENA_CEILING_BYTES);
    reconcile->scene =
        (struct reconcile_scene){.control = control, .feed = feed, .arena = reconcile->arena};
    loop_timer_init(&reconcile->timer, timer_due);
    reconcile_run(reconcile);
    return reconcile;
}

void reconcile_free(struct reconcile *reconcile)
{
    if (reconcile == NULL) {
        return;
    }
    loop_timer_cancel(reconcile->loop, &reconcile->timer);
    arena_free(reconcile->arena);
    mem_give(reconcile);
}

void reconcile_poke(struct reconcile *reconcile)
{
    if (store_revision(reconcile->scene.control->store) == reconcile->seen_revision) {
        return;
    }
    if (reconcile->timer.deadline_ms > reconcile->earliest_ms) {
        loop_timer_set(reconcile->loop, &reconcile->timer, reconcile->earliest_ms);
    }
}

void reconcile_run(struct reconcile *reconcile)
{
    const int64_t now_ms = loop_now_ms(reconcile->loop);
    const int64_t wait_ms = run_all(reconcile);

    reconcile->earliest_ms = now_ms + GAP_MS;
    loop_timer_set(reconcile->loop, &reconcile->timer, now_ms + wait_ms);
}

static void timer_due(struct loop_timer *timer)
{
    reconcile_run(CONTAINER_OF(timer, struct reconcile, timer));
}

static void tell_failure(const struct reconcile *reconcile, const struct reconcile_loop *loop,
                         enum rc rc)
{
    log_event(reconcile->log, LOG_ERROR, "reconciler failed", {"name", text_of(loop->name)},
              {"why", text_of(rc_name(rc))},
              {"store", text_of(store_fault(reconcile->scene.control->store))});
}

/* Gives how long to wait for the next run if nothing changes. */
static int64_t run_all(struct reconcile *reconcile)
{
    struct reconcile_scene *scene = &reconcile->scene;
    int64_t wait_ms = LOOK_MAX_MS;

    scene->now_unix_ms = loop_unix_ms(reconcile->loop);
    for (size_t i = 0; i < reconcile_loop_count; i++) {
        int64_t next_unix_ms = RECONCILE_NEVER;
        const enum rc rc = reconcile_loops[i].run(scene, &next_unix_ms);

        if (rc != RC_OK) {
            tell_failure(reconcile, &reconcile_loops[i], rc);
            reconcile->counts.failed++;
            next_unix_ms = scene->now_unix_ms + RETRY_MS;
        }
        if (next_unix_ms < scene->now_unix_ms + wait_ms) {
            wait_ms = next_unix_ms - scene->now_unix_ms;
        }
        arena_reset(reconcile->arena);
    }
    reconcile->counts.runs++;
    reconcile->seen_revision = store_revision(scene->control->store);
    return wait_ms < GAP_MS ? GAP_MS : wait_ms;
}

struct reconcile_counts reconcile_counts(const struct reconcile *reconcile)
{
    struct reconcile_counts counts = reconcile->counts;

    counts.published = reconcile->scene.published;
    counts.revision = reconcile->scene.published_revision;
    return counts;
}
