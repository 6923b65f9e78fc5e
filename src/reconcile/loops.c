/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/loops.h"

#include "control/publish.h"
#include "control/ticket_keys.h"
#include "store/target.h"

#define SNAPSHOT_BYTES_MAX (64 * 1024 * 1024) /* far above 50 load balancers at their quotas */

static enum rc run_ticket_keys(struct reconcile_scene *scene, int64_t *next_unix_ms);
static enum rc run_drained(struct reconcile_scene *scene, int64_t *next_unix_ms);
static enum rc run_publish(struct reconcile_scene *scene, int64_t *next_unix_ms);

const struct reconcile_loop reconcile_loops[] = {
    {"rotate ticket keys", run_ticket_keys},
    {"remove drained targets", run_drained},
    {"publish", run_publish},
};
const size_t reconcile_loop_count = ARRAY_LEN(reconcile_loops);

static enum rc begin(struct reconcile_scene *scene, struct turn *turn, enum store_mode mode)
{
    return turn_begin(turn, scene->control, scene->arena, scene->now_unix_ms, mode);
}

static enum rc run_ticket_keys(struct reconcile_scene *scene, int64_t *next_unix_ms)
{
    struct turn turn;
    enum rc rc;

    TRY(begin(scene, &turn, STORE_READ));
    TRY(turn_end(&turn, ticket_keys_due(&turn, next_unix_ms)));
    if (*next_unix_ms > scene->now_unix_ms) {
        return RC_OK;
    }
    TRY(begin(scene, &turn, STORE_WRITE));
    rc = ticket_keys_rotate(&turn);
    if (rc == RC_OK) {
        rc = ticket_keys_due(&turn, next_unix_ms);
    }
    return turn_end(&turn, rc);
}

/* Targets whose deregistration delay is over. */
static enum rc run_drained(struct reconcile_scene *scene, int64_t *next_unix_ms)
{
    struct turn turn;
    int64_t due_ms = 0;
    int64_t removed;

    TRY(begin(scene, &turn, STORE_READ));
    TRY(turn_end(&turn, target_row_next_drained(turn.store, &due_ms)));
    if (due_ms != 0 && due_ms <= scene->now_unix_ms) {
        TRY(begin(scene, &turn, STORE_WRITE));
        TRY(turn_end(&turn,
                     target_row_remove_drained(turn.store, scene->now_unix_ms, &removed, &due_ms)));
    }
    if (due_ms != 0) {
        *next_unix_ms = due_ms;
    }
    return RC_OK;
}

static enum rc run_publish(struct reconcile_scene *scene, int64_t *next_unix_ms)
{
    const uint64_t revision = store_revision(scene->control->store);
    struct turn turn;
    struct buf document, names;
    enum rc rc;

    (void)next_unix_ms; /* only a change makes a new snapshot */
    if (scene->published != 0 && scene->published_revision == revision) {
        return RC_OK;
    }
    buf_init(&document, SNAPSHOT_BYTES_MAX);
    buf_init(&names, SNAPSHOT_BYTES_MAX);
    rc = begin(scene, &turn, STORE_READ);
    if (rc == RC_OK) {
        rc = turn_end(&turn, publish_build(&turn, &document, &names));
    }
    if (rc == RC_OK) {
        if (scene->feed != NULL) {
            feed_server_publish(scene->feed, TEXT("node"), buf_text(&document));
            feed_server_publish(scene->feed, TEXT(""), buf_text(&names));
        }
        scene->published_revision = revision;
        scene->published++;
    }
    buf_done(&document);
    buf_done(&names);
    return rc;
}
