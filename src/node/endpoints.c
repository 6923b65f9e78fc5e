/* SPDX-License-Identifier: Apache-2.0 */
#include "node/endpoints.h"

#include "base/mem.h"

#include <stdio.h>
#include <unistd.h>

struct endpoint {
    struct list link;
    uint32_t ip;
    uint16_t port;
    unsigned generation; /* of the last plan that named it */
    bool is_open;        /* the workers have its sockets */
    enum rc trouble;     /* why not, else */
    char *arn;           /* own: the listener that wants it */
};

struct endpoints {
    struct loop *loop;
    const struct node_config *config;
    struct list list;
    unsigned generation; /* of the newest plan */
};

/* ---- one endpoint -----------------------------------------------------------------------------
 */

static struct endpoint *find(const struct endpoints *endpoints, uint32_t ip, uint16_t port)
{
    LIST_EACH (&endpoints->list, link) {
        struct endpoint *endpoint = LIST_ITEM(link, struct endpoint, link);

        if (endpoint->ip == ip && endpoint->port == port) {
            return endpoint;
        }
    }
    return NULL;
}

static struct endpoint *endpoint_new(struct endpoints *endpoints,
                                     const struct plan_listener *listener)
{
    struct endpoint *endpoint = MEM_NEW(struct endpoint);

    endpoint->ip = listener->ip;
    endpoint->port = listener->port;
    list_push_back(&endpoints->list, &endpoint->link);
    return endpoint;
}

static void endpoint_free(struct endpoint *endpoint)
{
    list_remove(&endpoint->link);
    mem_give(endpoint->arn);
    mem_give(endpoint);
}

static struct text trouble_text(enum rc rc)
{
    switch (rc) {
    case RC_CONFLICT:
        return TEXT("address in use");
    case RC_DENIED:
        return TEXT("no right to listen on this port");
    case RC_ABSENT:
        return TEXT("not an address of this machine");
    case RC_OK:
    case RC_AGAIN:
    case RC_END:
    case RC_BAD:
    case RC_LIMIT:
    case RC_LATE:
    case RC_IO:
        break;
    }
    return TEXT("cannot listen");
}

static void log_trouble(const struct endpoints *endpoints, const struct endpoint *endpoint,
                        enum rc rc)
{
    const struct net_addr addr = net_addr_ip4(endpoint->ip, endpoint->port);
    char words[NET_ADDR_SIZE];

    log_event(endpoints->config->log, LOG_ERROR, "cannot listen",
              {"address", net_addr_text(&addr, words)}, {"listener", text_of(endpoint->arn)},
              {"why", trouble_text(rc)});
}

/* Before anybody accepts, so that no connection slips in. */
static void allow(const struct endpoints *endpoints, const struct plan_listener *listener)
{
    const struct node_sockets *sockets = &endpoints->config->sockets;

    if (sockets->allow && sockets->allow(sockets->arg, listener->ip, listener->port,
                                         listener->sources, listener->source_count) != RC_OK) {
        log_event(endpoints->config->log, LOG_WARN,
                  "no filter for a security group: sources are refused instead",
                  {"balancer", listener->balancer->id});
    }
}

/* One socket a worker, or none at all. */
static enum rc open_sockets(const struct endpoints *endpoints, const struct endpoint *endpoint,
                            int *fds)
{
    const struct node_sockets *sockets = &endpoints->config->sockets;

    for (int i = 0; i < endpoints->config->workers; i++) {
        const enum rc rc = sockets->open(sockets->arg, endpoint->ip, endpoint->port, i, &fds[i]);

        if (rc != RC_OK) {
            while (i-- > 0) {
                (void)close(fds[i]); /* nobody used it */
            }
            sockets->close(sockets->arg, endpoint->ip, endpoint->port);
            return rc;
        }
    }
    return RC_OK;
}

/* ---- what the workers hear ---------------------------------------------------------------- */

/* Told by each worker when it has taken up a plan. */
struct round {
    struct loop_mail mail; /* back to the main thread, by the last worker */
    struct endpoints *endpoints;
    unsigned generation;
    _Atomic int left;
};

/* Every worker has closed what this plan does not name; a newer one may name it again. */
static void on_round(struct loop_mail *mail)
{
    struct round *round = LIST_ITEM(mail, struct round, mail);
    struct endpoints *endpoints = round->endpoints;

    LIST_EACH (&endpoints->list, link) {
        struct endpoint *endpoint = LIST_ITEM(link, struct endpoint, link);

        if (endpoint->generation < round->generation) {
            if (endpoint->is_open) {
                endpoints->config->sockets.close(endpoints->config->sockets.arg, endpoint->ip,
                                                 endpoint->port);
            }
            endpoint_free(endpoint);
        }
    }
    mem_give(round);
}

/* In the worker's thread. */
static void on_taken(void *arg)
{
    struct round *round = arg;

    if (atomic_fetch_sub(&round->left, 1) == 1) {
        loop_post(round->endpoints->loop, &round->mail);
    }
}

static struct round *round_new(struct endpoints *endpoints)
{
    struct round *round = MEM_NEW(struct round);

    round->mail.deliver = on_round;
    round->endpoints = endpoints;
    round->generation = endpoints->generation;
    round->left = endpoints->config->workers;
    return round;
}

/* ---- following the plan ------------------------------------------------------------------- */

/* fds: of one new address, one a worker; `sockets`: what each worker will get. */
static void hand_out(const struct endpoints *endpoints, const struct endpoint *endpoint,
                     const int *fds, struct worker_socket **sockets, size_t count)
{
    for (int i = 0; i < endpoints->config->workers; i++) {
        sockets[i][count] = (struct worker_socket){endpoint->ip, endpoint->port, fds[i]};
    }
}

static void follow_listener(struct endpoints *endpoints, const struct plan_listener *listener,
                            struct worker_socket **sockets, size_t *count)
{
    struct endpoint *endpoint = find(endpoints, listener->ip, listener->port);
    int *fds = mem_take_array((size_t)endpoints->config->workers, sizeof(int));

    if (!endpoint) {
        endpoint = endpoint_new(endpoints, listener);
    }
    mem_give(endpoint->arn);
    endpoint->arn = mem_string(listener->snap->arn);
    /* Closed by the plan before, and not given back yet: the workers have no socket any more. */
    endpoint->is_open = endpoint->is_open && endpoint->generation + 1 == endpoints->generation;
    endpoint->generation = endpoints->generation;
    if (!endpoint->is_open) {
        const enum rc before = endpoint->trouble;

        endpoint->trouble = open_sockets(endpoints, endpoint, fds);
        endpoint->is_open = endpoint->trouble == RC_OK;
        if (endpoint->is_open) {
            allow(endpoints, listener);
            hand_out(endpoints, endpoint, fds, sockets, (*count)++);
        } else if (endpoint->trouble != before) {
            log_trouble(endpoints, endpoint, endpoint->trouble);
        }
    }
    mem_give(fds);
}

/* What was allowed before is not asked for again. */
static void follow_sources(const struct endpoints *endpoints, const struct plan_listener *listener,
                           const struct plan *before)
{
    const struct plan_listener *old =
        before ? plan_find(before, listener->ip, listener->port) : NULL;

    if (old && !plan_has_same_sources(old, listener)) {
        allow(endpoints, listener);
    }
}

void endpoints_follow(struct endpoints *endpoints, struct plan *plan, const struct plan *before,
                      struct worker *const *workers)
{
    const int worker_count = endpoints->config->workers;
    struct worker_socket **sockets = mem_take_array((size_t)worker_count, sizeof(*sockets));
    size_t count = 0;

    endpoints->generation++;
    for (int i = 0; i < worker_count; i++) {
        sockets[i] = mem_take_array(plan->listener_count, sizeof(**sockets));
    }
    for (size_t i = 0; i < plan->listener_count; i++) {
        follow_listener(endpoints, &plan->listeners[i], sockets, &count);
        follow_sources(endpoints, &plan->listeners[i], before);
    }
    struct round *round = round_new(endpoints);
    for (int i = 0; i < worker_count; i++) {
        worker_send_plan(workers[i], plan, sockets[i], count, on_taken, round);
        mem_give(sockets[i]);
    }
    mem_give(sockets);
}

/* ---- life and report ---------------------------------------------------------------------- */

struct endpoints *endpoints_new(struct loop *loop, const struct node_config *config)
{
    struct endpoints *endpoints = MEM_NEW(struct endpoints);

    endpoints->loop = loop;
    endpoints->config = config;
    list_init(&endpoints->list);
    return endpoints;
}

void endpoints_free(struct endpoints *endpoints)
{
    if (!endpoints) {
        return;
    }
    LIST_EACH (&endpoints->list, link) {
        endpoint_free(LIST_ITEM(link, struct endpoint, link));
    }
    mem_give(endpoints);
}

enum rc endpoints_report(const struct endpoints *endpoints, struct arena *arena, struct report *out)
{
    size_t count = 0;

    LIST_EACH (&endpoints->list, link) {
        count += LIST_ITEM(link, struct endpoint, link)->trouble != RC_OK;
    }
    out->listeners = ARENA_ARRAY(arena, struct report_listener, count);
    if (!out->listeners) {
        return RC_LIMIT;
    }
    LIST_EACH (&endpoints->list, link) {
        const struct endpoint *endpoint = LIST_ITEM(link, struct endpoint, link);

        if (endpoint->trouble != RC_OK && endpoint->generation == endpoints->generation) {
            out->listeners[out->listener_count++] =
                (struct report_listener){text_of(endpoint->arn), trouble_text(endpoint->trouble)};
        }
    }
    return RC_OK;
}
