/* SPDX-License-Identifier: Apache-2.0 */
#include "node/node.h"

#include "base/mem.h"
#include "node/endpoints.h"
#include "node/journal.h"
#include "node/worker.h"

#include <sys/resource.h>
#include <unistd.h>

struct node {
    struct loop *loop;
    struct node_config config;
    struct targets *targets;     /* own */
    struct worker **workers;     /* own */
    struct plan *plan;           /* own: a reference to the newest; NULL: none yet */
    struct endpoints *endpoints; /* own: the listening sockets */
    struct log_queue *logs;      /* own: lines on their way out */
    struct logbook checks;       /* of health checks */
};

/* ---- what the registry of targets wants --------------------------------------------------- */

static void cut(void *arg, struct target *target)
{
    const struct node *node = arg;

    for (int i = 0; i < node->config.workers; i++) {
        worker_send_cut(node->workers[i], target);
    }
}

static void checked(void *arg, const struct target *target, const struct check_result *result)
{
    journal_check(&((struct node *)arg)->checks, target, result);
}

static void changed(void *arg)
{
    const struct node *node = arg;

    if (node->config.changed) {
        node->config.changed(node->config.arg);
    }
}

/* Without anybody to take them, nobody asked for logs. */
static enum rc take_lines(void *arg, struct text pages)
{
    const struct node *node = arg;

    return node->config.take_lines ? node->config.take_lines(node->config.arg, pages) : RC_OK;
}

/* ---- life --------------------------------------------------------------------------------- */

static struct shares shares_of_worker(const struct node_config *config)
{
    struct rlimit limit;

    ASSERT(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    const struct shares_stock stock = {
        .descriptors = limit.rlim_cur,
        .memory_bytes = (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE),
    };
    return shares_of(&stock, config->workers, &config->wish);
}

struct node *node_new(struct loop *loop, const struct node_config *config)
{
    struct node *node = MEM_NEW(struct node);
    const struct targets_user user = {
        .cut = cut, .changed = changed, .checked = checked, .arg = node};
    const struct shares shares = shares_of_worker(config);

    ASSERT(config->workers > 0);
    node->loop = loop;
    node->config = *config;
    node->targets = targets_new(loop, config->workers, &user, config->log);
    node->endpoints = endpoints_new(loop, &node->config);
    node->logs = log_queue_new(loop, config->workers + 1, take_lines, node);
    logbook_init(&node->checks, loop, node->logs, config->workers, config->log);
    node->workers = mem_take_array((size_t)config->workers, sizeof(struct worker *));
    for (int i = 0; i < config->workers; i++) {
        node->workers[i] = worker_new(&(struct worker_config){
            .index = i,
            .shares = shares,
            .sets_filters = !config->sockets.allow,
            .logs = node->logs,
            .log = config->log,
        });
    }
    return node;
}

enum rc node_start(struct node *node)
{
    for (int i = 0; i < node->config.workers; i++) {
        TRY(worker_start(node->workers[i]));
    }
    return RC_OK;
}

void node_free(struct node *node)
{
    if (!node) {
        return;
    }
    /* Workers first: they hold connections to targets and may still post to us. */
    for (int i = 0; i < node->config.workers; i++) {
        worker_free(node->workers[i]);
    }
    targets_free(node->targets);
    logbook_done(&node->checks);
    loop_take_mail(node->loop); /* and no whole turn, in which a report could be due */
    mem_give(node->workers);
    plan_unref(node->plan);
    endpoints_free(node->endpoints);
    log_queue_free(node->logs);
    mem_give(node);
}

/* ---- snapshots ---------------------------------------------------------------------------- */

enum rc node_apply(struct node *node, struct snapshot *snapshot, const char **why)
{
    struct plan *plan;
    const enum rc rc = plan_build(snapshot, node->config.zone, node->config.logs, node->targets,
                                  node->plan, &plan);

    if (rc != RC_OK) {
        *why = rc == RC_BAD ? "a rule holds a regular expression that is none"
                            : "it is larger than a node can hold";
        return rc;
    }
    endpoints_follow(node->endpoints, plan, node->plan, node->workers);
    plan_unref(node->plan);
    node->plan = plan;
    return RC_OK;
}

void node_seed(struct node *node, const struct report *known)
{
    targets_seed(node->targets, known);
}

enum rc node_report(struct node *node, struct arena *arena, struct report *out)
{
    *out = (struct report){
        .zone = node->config.zone,
        .revision = node->plan ? snapshot_revision(node->plan->snapshot) : 0,
    };
    TRY(targets_report(node->targets, arena, out));
    return endpoints_report(node->endpoints, arena, out);
}

void node_offer_lines(struct node *node)
{
    log_queue_offer(node->logs);
}

size_t node_lines_held(const struct node *node)
{
    return log_queue_held(node->logs);
}

void node_drain(struct node *node)
{
    for (int i = 0; i < node->config.workers; i++) {
        worker_send_drain(node->workers[i]);
    }
}

void node_end_requests(struct node *node)
{
    for (int i = 0; i < node->config.workers; i++) {
        worker_send_end(node->workers[i]);
    }
}

size_t node_connections(const struct node *node)
{
    size_t count = 0;

    for (int i = 0; i < node->config.workers; i++) {
        count += atomic_load_explicit(&node->workers[i]->connections, memory_order_relaxed);
    }
    return count;
}
