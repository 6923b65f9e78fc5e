/* SPDX-License-Identifier: Apache-2.0 */
/* loops: the table of reconcilers. */
#pragma once
#include "base/buf.h"
#include "control/control.h"
#include "feed/server.h"

struct reconcile_scene {
    struct control *control;
    struct feed_server *feed; /* NULL: nobody listens */
    struct arena *arena;      /* for this run */
    int64_t now_unix_ms;
    uint64_t published_revision; /* 0: none yet */
    uint64_t published;
};

#define RECONCILE_NEVER INT64_MAX

/* One look, in turns of its own. *next_unix_ms: when to look again without a change of the store;
 * RECONCILE_NEVER at entry. */
typedef enum rc reconcile_fn(struct reconcile_scene *scene, int64_t *next_unix_ms);

struct reconcile_loop {
    const char *name;
    reconcile_fn *run;
};

/* In the order in which they run: publish is last, so that it tells what the others did. */
extern const struct reconcile_loop reconcile_loops[];
extern const size_t reconcile_loop_count;
