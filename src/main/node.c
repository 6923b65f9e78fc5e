/* SPDX-License-Identifier: Apache-2.0 */
/* The data plane's process: joins node with the feed and the supervisor. */
#include "node/node.h"

#include "base/limits.h"
#include "base/mem.h"
#include "main/log_files.h"
#include "main/outpost.h"
#include "main/role.h"
#include "tls/memory.h"
#include "tls/provider.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum {
    REPORT_MS = 1000, /* counters, and what else changed */
    DRAIN_LOOK_MS = 20,
    ENDING_MS = 1000, /* beyond the drain, for what still is to be told; serve waits for longer */
    ARENA_BLOCK_BYTES = 16 * 1024,
    BOOT_ID_BYTES = 8,
};

struct node_role {
    const struct options *options;
    struct outpost_user user;
    struct outpost *outpost;
    struct tls_provider *provider; /* own; NULL: none */
    struct node *node;
    struct log_files log_files;
    struct arena *arena; /* own: of one report at a time */
    struct arena *seeds; /* own: of `known` */
    struct report known; /* health from before this start; the node looks it up at the next plan */
    struct buf last;     /* the last report sent */
    struct loop_task soon; /* a report at the end of this turn */
    struct loop_timer report_timer;
    struct loop_timer drain_timer;
    int64_t drain_deadline_ms;
    bool has_ended_requests; /* the deadline came; now it is that of the last words */
    char boot_id[2 * BOOT_ID_BYTES + 1];
};

/* ---- reports ------------------------------------------------------------------------------ */

/* Nothing, before the first snapshot. */
static void build_report(struct node_role *role, struct buf *out)
{
    struct report report = {0};

    arena_reset(role->arena);
    if (node_report(role->node, role->arena, &report) == RC_OK &&
        (report.revision > 0 || !text_is_empty(outpost_rejected(role->outpost)))) {
        report.boot_id = text_of(role->boot_id);
        report.rejected = outpost_rejected(role->outpost);
        report_encode(&report, out);
    }
}

/* What control knows already is not told again. */
static void send_report(struct node_role *role, bool is_whole)
{
    struct buf report;

    buf_init(&report, LIMIT_REPORT_BYTES);
    build_report(role, &report);
    if (report.len > 0 && buf_result(&report) == RC_OK &&
        (is_whole || !text_eq(buf_text(&report), buf_text(&role->last)))) {
        outpost_report(role->outpost, buf_text(&report));
        buf_done(&role->last);
        role->last = report;
        return;
    }
    buf_done(&report);
}

static void report_soon(struct loop_task *task)
{
    send_report(CONTAINER_OF(task, struct node_role, soon), true);
}

static void report_is_due(struct loop_timer *timer)
{
    struct node_role *role = CONTAINER_OF(timer, struct node_role, report_timer);
    struct loop *loop = outpost_loop(role->outpost);

    send_report(role, false);
    loop_timer_set(loop, timer, loop_now_ms(loop) + REPORT_MS);
}

static void changed(void *arg)
{
    struct node_role *role = arg;

    loop_later(outpost_loop(role->outpost), &role->soon);
}

/* ---- lines of logs ------------------------------------------------------------------------ */

static enum rc take_lines(void *arg, struct text pages)
{
    struct node_role *role = arg;

    TRY(outpost_lines(role->outpost, pages));
    log_files_write(&role->log_files, pages, outpost_log(role->outpost));
    return RC_OK;
}

static void lines_may_leave(void *arg)
{
    node_offer_lines(((struct node_role *)arg)->node);
}

static int open_log_files(struct node_role *role)
{
    const char *path;

    if (log_files_open(role->options, &role->log_files, &path) != RC_OK) {
        return role_fail("node", EXIT_FAILED, "cannot write to %s: %s", path, strerror(errno));
    }
    return EXIT_DONE;
}

/* ---- what the outpost brings -------------------------------------------------------------- */

static enum rc apply(void *arg, struct snapshot *snapshot, const char **why)
{
    struct node_role *role = arg;
    const enum rc rc = node_apply(role->node, snapshot, why);

    if (rc == RC_OK) {
        arena_reset(role->seeds);
    }
    return rc;
}

static void seed(void *arg, struct text document)
{
    struct node_role *role = arg;

    arena_reset(role->seeds);
    role->known = (struct report){0};
    if (report_decode(document, role->seeds, &role->known) == RC_OK) {
        node_seed(role->node, &role->known);
    } else {
        log_event(outpost_log(role->outpost), LOG_WARN, "a seed that makes no sense");
    }
}

static void joined(void *arg)
{
    changed(arg);
    lines_may_leave(arg);
}

static void drain_look(struct loop_timer *timer)
{
    struct node_role *role = CONTAINER_OF(timer, struct node_role, drain_timer);
    struct loop *loop = outpost_loop(role->outpost);
    const int64_t now_ms = loop_now_ms(loop);

    const bool is_quiet = node_connections(role->node) == 0 &&
                          outpost_is_flushed(role->outpost, node_lines_held(role->node));

    if (is_quiet || (role->has_ended_requests && now_ms >= role->drain_deadline_ms)) {
        outpost_stop(role->outpost);
        return;
    }
    if (now_ms >= role->drain_deadline_ms) {
        node_end_requests(role->node); /* their clients and the logs are told why */
        role->has_ended_requests = true;
        role->drain_deadline_ms = now_ms + ENDING_MS;
    }
    loop_timer_set(loop, timer, now_ms + DRAIN_LOOK_MS);
}

static void end(void *arg)
{
    struct node_role *role = arg;
    struct loop *loop = outpost_loop(role->outpost);

    node_drain(role->node);
    role->drain_deadline_ms =
        loop_now_ms(loop) + options_number(role->options, OPTION_DRAIN_SECONDS) * 1000;
    loop_timer_set(loop, &role->drain_timer, loop_now_ms(loop) + DRAIN_LOOK_MS);
}

/* ---- sockets ------------------------------------------------------------------------------ */

static enum rc open_socket(void *arg, uint32_t ip, uint16_t port, int worker, int *fd)
{
    return supply_tcp(outpost_supply(((struct node_role *)arg)->outpost), ip, port, worker, fd);
}

static enum rc allow(void *arg, uint32_t ip, uint16_t port, const struct net_source *sources,
                     size_t count)
{
    return supply_allow(outpost_supply(((struct node_role *)arg)->outpost), ip, port, sources,
                        count);
}

static void close_socket(void *arg, uint32_t ip, uint16_t port)
{
    supply_unlisten(outpost_supply(((struct node_role *)arg)->outpost), ip, port);
}

/* ---- beginning and end -------------------------------------------------------------------- */

static int worker_count(const struct options *options)
{
    const int wanted = (int)options_number(options, OPTION_WORKERS);
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);

    return wanted > 0 ? wanted : cores > 0 ? (int)cores : 1;
}

static void make_boot_id(struct node_role *role)
{
    unsigned char bytes[BOOT_ID_BYTES] = {0};
    const ssize_t got = getrandom(bytes, sizeof(bytes), 0);

    (void)got; /* zeros then: the id tells starts apart, nothing depends on its secrecy */
    for (size_t i = 0; i < sizeof(bytes); i++) {
        (void)snprintf(role->boot_id + 2 * i, 3, "%02x", bytes[i]);
    }
}

static enum rc start_workers(void *arg)
{
    struct node_role *role = arg;
    const enum rc rc = node_start(role->node);

    if (rc != RC_OK) {
        log_event(outpost_log(role->outpost), LOG_ERROR, "cannot start the workers");
    }
    return rc;
}

static void make_node(struct node_role *role)
{
    struct loop *loop = outpost_loop(role->outpost);
    const struct node_config config = {
        .zone = options_text(role->options, OPTION_ZONE),
        .log = outpost_log(role->outpost),
        .workers = worker_count(role->options),
        .wish = {.connections_max = (size_t)options_number(role->options, OPTION_CONNECTIONS_MAX),
                 .requests_max = (size_t)options_number(role->options, OPTION_REQUESTS_MAX),
                 .memory_max_bytes = (size_t)options_number(role->options, OPTION_MEMORY_MAX)
                                     << 20},
        .logs = role->log_files.kinds,
        .take_lines = take_lines,
        .sockets = {.open = open_socket,
                    .allow = supply_is_supervised(outpost_supply(role->outpost)) ? allow : NULL,
                    .close = close_socket,
                    .arg = role},
        .changed = changed,
        .arg = role,
    };

    loop_task_init(&role->soon, report_soon);
    loop_timer_init(&role->drain_timer, drain_look);
    loop_timer_init(&role->report_timer, report_is_due);
    loop_timer_set(loop, &role->report_timer, loop_now_ms(loop) + REPORT_MS);
    role->node = node_new(loop, &config);
}

static int run(struct node_role *role)
{
    int code = open_log_files(role);

    if (code == EXIT_DONE) {
        code = outpost_new(role->options, &role->user, &role->outpost);
    }
    if (code != EXIT_DONE) {
        return code;
    }
    make_boot_id(role);
    role->provider = tls_provider_new();
    make_node(role);
    return outpost_run(role->outpost, start_workers);
}

int node_run(const struct options *options)
{
    struct node_role *role = MEM_NEW(struct node_role);

    tls_memory_init();
    if (text_is_empty(options_text(options, OPTION_ZONE))) {
        mem_give(role);
        return role_fail("node", EXIT_WRONG_USE, "--zone is missing, as us-east-1a");
    }
    role->options = options;
    role->arena = arena_new(ARENA_BLOCK_BYTES, LIMIT_REPORT_BYTES);
    role->seeds = arena_new(ARENA_BLOCK_BYTES, LIMIT_REPORT_BYTES);
    buf_init(&role->last, LIMIT_REPORT_BYTES);
    role->user = (struct outpost_user){
        .role = "node",
        .zone = options_text(options, OPTION_ZONE),
        .apply = apply,
        .seed = seed,
        .joined = joined,
        .lines_may_leave = lines_may_leave,
        .end = end,
        .arg = role,
    };
    const int code = run(role);

    node_free(role->node);
    tls_provider_free(role->provider);
    tls_memory_done();
    outpost_free(role->outpost);
    arena_free(role->arena);
    arena_free(role->seeds);
    buf_done(&role->last);
    log_files_close(&role->log_files);
    mem_give(role);
    return code;
}
