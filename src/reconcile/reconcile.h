/* SPDX-License-Identifier: Apache-2.0 */
/* reconcile: what makes the world follow the model, as a table of small loops (loops.def).
 *
 * Each loop looks at the model, does what is missing, and says when it wants to look again by
 * itself. It may run at any moment, any number of times. All of them run after a change of the
 * store, a little later and once for many changes: a burst of a thousand calls costs a handful of
 * snapshots.
 *
 * Owner    the user owns control and feed, which are borrowed for life.
 * Thread   the loop's: control's one. Runs between calls, never inside one. */
#pragma once
#include "base/log.h"
#include "control/control.h"
#include "feed/server.h"
#include "loop/loop.h"

struct reconcile;

/* `feed` gets the snapshots; NULL: nobody does. `log` may be NULL. Runs everything once, before it
 * returns. */
struct reconcile *reconcile_new(struct loop *loop, struct control *control,
                                struct feed_server *feed, const struct log *log);
void reconcile_free(struct reconcile *reconcile); /* NULL is fine */
AUTO_DEFINE(reconcile)

/* The store may have changed: looks at its revision and arranges a run. Cheap: call it after each
 * API call. */
void reconcile_poke(struct reconcile *reconcile);
/* Runs what is due now, for tests and for the end. */
void reconcile_run(struct reconcile *reconcile);

struct reconcile_counts {
    uint64_t runs;
    uint64_t published;
    uint64_t failed;
    uint64_t revision; /* of the snapshot that was published last */
};
struct reconcile_counts reconcile_counts(const struct reconcile *reconcile);
