/* SPDX-License-Identifier: Apache-2.0 */
/* Control's process: joins the store, the model, the APIs, the reconcilers and the feed. One
 * thread, one loop. */
#include "control/control.h"

#include "api/engine.h"
#include "api/front.h"
#include "base/mem.h"
#include "bucket/bucket.h"
#include "main/control_settings.h"
#include "main/pages.h"
#include "main/places.h"
#include "main/process.h"
#include "main/role.h"
#include "main/state.h"
#include "main/supply.h"
#include "reconcile/courier.h"
#include "reconcile/reconcile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { PATH_BYTES = 4096, DRAIN_LOOK_MS = 10, DRAIN_MS = 1000, LAST_TURNS = 8 };

struct control_role {
    const struct options *options;
    struct log log;
    struct loop *loop;
    struct signals *signals;
    struct supply supply;
    struct loop_watch desk;
    struct state state;
    struct control_settings settings;
    struct store *store;
    struct control *control;
    struct engine *engine;
    struct pages pages;
    struct front *front;
    struct buckets *buckets;
    struct log_keeper *keeper;
    struct courier courier;
    struct feed_server *feed;
    struct reconcile *reconcile;
    struct loop_task poke;
    struct loop_timer drain_timer;
    int64_t drain_deadline_ms;
    int exit_code;
};

/* ---- while it runs ------------------------------------------------------------------------ */

/* From inside a commit: the reconcilers begin transactions of their own, after this call. */
static void store_changed(void *arg)
{
    struct control_role *role = arg;

    loop_later(role->loop, &role->poke);
}

static void poke_now(struct loop_task *task)
{
    reconcile_poke(CONTAINER_OF(task, struct control_role, poke)->reconcile);
}

static void drain_look(struct loop_timer *timer)
{
    struct control_role *role = CONTAINER_OF(timer, struct control_role, drain_timer);
    const int64_t now_ms = loop_now_ms(role->loop);

    if (front_connections(role->front) == 0 || now_ms >= role->drain_deadline_ms) {
        loop_stop(role->loop);
    } else {
        loop_timer_set(role->loop, timer, now_ms + DRAIN_LOOK_MS);
    }
}

static void signal_arrived(void *arg, int number)
{
    struct control_role *role = arg;

    if (number == SIGHUP) {
        return; /* nothing here is read again */
    }
    log_event(&role->log, LOG_INFO, "ending");
    front_drain(role->front);
    role->drain_deadline_ms = loop_now_ms(role->loop) + DRAIN_MS;
    loop_timer_set(role->loop, &role->drain_timer, loop_now_ms(role->loop));
}

static void desk_ready(struct loop_watch *watch, unsigned events)
{
    struct control_role *role = CONTAINER_OF(watch, struct control_role, desk);

    log_event(&role->log, LOG_ERROR, "the supervisor is gone");
    role->exit_code = EXIT_FAILED;
    loop_stop(role->loop);
}

/* ---- beginning ---------------------------------------------------------------------------- */

static enum rc fail(const struct control_role *role, const char *what, const char *why)
{
    log_event(&role->log, LOG_ERROR, what, {"why", text_of(why)});
    return RC_IO;
}

static enum rc open_model(struct control_role *role)
{
    char path[PATH_BYTES];
    char why[OPTIONS_WHY_BYTES];

    state_path(&role->state, "openalb.db", path, sizeof(path));
    if (store_open(path, &role->store, why, sizeof(why)) != RC_OK) {
        return fail(role, "cannot open the store", why);
    }
    store_on_change(role->store, store_changed, role);
    if (buckets_open(role->state.folder, &role->buckets) != RC_OK) {
        return fail(role, "cannot open the folder of buckets", strerror(errno));
    }
    role->settings.config.buckets = role->buckets;
    if (control_new(role->store, &role->settings.config, loop_unix_ms(role->loop), &role->control,
                    why, sizeof(why)) != RC_OK) {
        role->exit_code = EXIT_WRONG_USE;
        return fail(role, "the settings make no sense", why);
    }
    return RC_OK;
}

static enum rc open_feed(struct control_role *role)
{
    char path[PATH_BYTES];
    int fd;

    state_path(&role->state, "feed.sock", path, sizeof(path));
    if (supply_feed(&role->supply, path, &fd) != RC_OK) {
        return fail(role, "cannot listen for nodes", strerror(errno));
    }
    role->keeper = log_keeper_new(role->loop, role->control,
                                  options_number(role->options, OPTION_LOG_INTERVAL_SECONDS) * 1000,
                                  &role->log);
    courier_init(&role->courier, role->control, role->keeper, &role->log);
    return feed_server_new(role->loop, fd, &role->courier.user, &role->feed);
}

static enum rc open_api(struct control_role *role)
{
    struct net_addr addr;
    char why[OPTIONS_WHY_BYTES];
    int fd;

    if (places_api(role->options, &addr, why) != RC_OK) {
        return fail(role, "cannot listen", why);
    }
    const enum rc rc = supply_api(&role->supply, addr, &fd);
    if (rc != RC_OK) {
        return fail(role, "cannot listen for API calls",
                    rc == RC_CONFLICT ? "another program does" : strerror(errno));
    }
    role->engine = engine_new(role->control, &role->settings.keys, &role->log);
    role->pages = (struct pages){.control = role->control, .loop = role->loop};
    role->front = front_new(role->loop, role->engine, pages_table, pages_count, &role->pages);
    return front_listen(role->front, fd);
}

static enum rc begin(struct control_role *role)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, 0};

    role->loop = loop_new();
    role->signals = signals_new(role->loop, numbers, signal_arrived, role);
    loop_task_init(&role->poke, poke_now);
    loop_timer_init(&role->drain_timer, drain_look);
    if (supply_is_supervised(&role->supply)) {
        TRY(loop_watch_level(role->loop, &role->desk, role->supply.desk_fd, desk_ready));
    }
    TRY(open_model(role));
    TRY(open_feed(role));
    role->reconcile = reconcile_new(role->loop, role->control, role->feed, &role->log);
    TRY(open_api(role));
    supply_ready(&role->supply);
    log_event(&role->log, LOG_INFO, "ready");
    return RC_OK;
}

/* Under a supervisor, the folder is locked and the key is made. */
static enum rc open_state(struct control_role *role, char *why)
{
    struct state_key key;

    TRY(state_find(role->options, &role->state, why));
    if (!supply_is_supervised(&role->supply)) {
        TRY(state_open(&role->state, why));
    }
    TRY(state_key_make(&role->state, &key, why));
    const enum rc rc = control_settings_read(role->options, &key, &role->settings, why);
    explicit_bzero(&key, sizeof(key));
    return rc;
}

/* What nodes sent before they ended, and we have not read yet. */
static void take_last_lines(struct control_role *role)
{
    for (int i = 0; i < LAST_TURNS; i++) {
        loop_turn(role->loop, 0);
    }
}

static int run(struct control_role *role)
{
    char why[OPTIONS_WHY_BYTES];

    if (options_log(role->options, "control", &role->log, why) != RC_OK) {
        return role_fail("control", EXIT_WRONG_USE, "%s", why);
    }
    supply_init(&role->supply, "", 0);
    const enum rc rc = open_state(role, why);
    if (rc != RC_OK) {
        return role_fail("control", rc == RC_BAD ? EXIT_WRONG_USE : EXIT_FAILED, "%s", why);
    }
    if (begin(role) != RC_OK) {
        return role->exit_code ? role->exit_code : EXIT_FAILED;
    }
    loop_run(role->loop);
    take_last_lines(role);
    return role->exit_code;
}

int control_run(const struct options *options)
{
    struct control_role *role = MEM_NEW(struct control_role);

    role->options = options;
    role->state.lock_fd = -1;
    process_name("openalb-control");
    (void)process_raise_files(); /* what there is must do */
    process_guard_memory();
    const int code = run(role);

    front_free(role->front);
    engine_free(role->engine);
    reconcile_free(role->reconcile);
    feed_server_free(role->feed);
    log_keeper_free(role->keeper);
    control_free(role->control);
    store_free(role->store);
    buckets_free(role->buckets);
    signals_free(role->signals);
    loop_free(role->loop);
    control_settings_done(&role->settings);
    state_close(&role->state);
    mem_give(role);
    return code;
}
