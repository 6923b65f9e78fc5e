/* SPDX-License-Identifier: Apache-2.0 */
#include "node/inlet.h"

#include "base/limits.h"
#include "base/mem.h"
#include "node/journal.h"
#include "node/secure.h"
#include "tls/stream.h"

#include <stdio.h>
#include <unistd.h>

/* ---- settings ----------------------------------------------------------------------------- */

static void config_unuse(struct inlet_config *config)
{
    if (config && --config->uses == 0) {
        mem_give(config);
    }
}

static bool is_same_config(const struct server_config *a, const struct server_config *b)
{
    return a->idle_timeout_ms == b->idle_timeout_ms && a->head_timeout_ms == b->head_timeout_ms &&
           a->keep_alive_ms == b->keep_alive_ms && a->is_http2_offered == b->is_http2_offered &&
           a->allows_pipelining == b->allows_pipelining;
}

static void follow_config(struct inlet *inlet)
{
    if (inlet->config && is_same_config(&inlet->config->config, &inlet->listener->config)) {
        return;
    }
    config_unuse(inlet->config);
    inlet->config = MEM_NEW(struct inlet_config);
    inlet->config->config = inlet->listener->config;
    inlet->config->uses = 1;
}

/* ---- connections -------------------------------------------------------------------------- */

static void inlet_free_if_done(struct inlet *inlet)
{
    if (inlet->is_open || inlet->connections > 0) {
        return;
    }
    list_remove(&inlet->link);
    config_unuse(inlet->config);
    tls_server_free(inlet->tls);
    worker_plan_unuse(inlet->plan);
    mem_give(inlet);
}

static void count_connections(struct worker *worker, int change)
{
    const size_t count = atomic_load_explicit(&worker->connections, memory_order_relaxed);

    atomic_store_explicit(&worker->connections, count + (size_t)change, memory_order_relaxed);
}

static void forget(struct inbound *inbound)
{
    struct inlet *inlet = inbound->inlet;
    struct worker *worker = inlet->worker;

    sources_remove(&worker->sources, inbound->source);
    count_connections(worker, -1);
    worker->refused -= inbound->is_over_limit;
    config_unuse(inbound->config);
    pool_give(&worker->inbounds, inbound);
    inlet->connections--;
    inlet_free_if_done(inlet);
}

void inlet_on_closed(void *arg)
{
    forget(arg);
}

enum verdict { TAKE, TAKE_AND_REFUSE, CLOSE };

/* New connections wait in the backlog, and once they are accepted in the loop's queue. */
static bool is_late(const struct inlet *inlet)
{
    return listen_lag_ms(&inlet->listen) > LIMIT_LAG_MS ||
           (inlet->tls && loop_lag_ms(inlet->worker->loop) > LIMIT_LAG_MS);
}

/* In words, while there are descriptors and time to do so; never with a handshake, which costs more
 * than a request. */
static enum verdict refuse(const struct inlet *inlet)
{
    const struct worker *worker = inlet->worker;

    return worker->refused < worker->shares.refused && !inlet->tls &&
                   loop_lag_ms(worker->loop) <= LIMIT_LAG_MS
               ? TAKE_AND_REFUSE
               : CLOSE;
}

static enum verdict judge(const struct inbound *inbound)
{
    const struct inlet *inlet = inbound->inlet;
    const struct worker *worker = inlet->worker;
    const size_t all = atomic_load_explicit(&worker->connections, memory_order_relaxed);
    const size_t max = worker->shares.connections;

    if (!is_late(inlet) && all - worker->refused <= max &&
        inbound->inlet->connections <= shares_of_listener(max) &&
        inbound->source->connections <= shares_of_source(max)) {
        return TAKE;
    }
    return refuse(inlet);
}

static void log_connection(struct inbound *inbound, const struct stream *stream, bool is_fine)
{
    if (inbound->inlet->listener->logs & LOG_SET(CONNECTION)) {
        journal_connection(inbound, stream, is_fine);
    }
}

static void serve(struct inbound *inbound, int fd)
{
    struct worker *worker = inbound->inlet->worker;
    struct stream *stream = stream_open_unwatched(worker->loop, fd, inbound->peer);

    if (inbound->inlet->tls) {
        if (stream_watch(stream) != RC_OK) {
            stream_close(stream);
            forget(inbound);
            return;
        }
        stream = tls_stream_server(inbound->inlet->tls, stream);
    } else {
        log_connection(inbound, stream, true);
    }
    if (server_accept(worker->server, stream, &inbound->config->config, inbound) != RC_OK) {
        forget(inbound);
    }
}

static void on_accept(void *arg, int fd, struct net_addr peer)
{
    struct inlet *inlet = arg;
    struct worker *worker = inlet->worker;
    struct counters *counters = &inlet->listener->state->counters[worker->index];

    if (!plan_admits(inlet->listener, peer.ip4)) {
        (void)close(fd); /* it came before the filter, or where none can be set */
        counters_add(counters, METRIC_REJECTED_CONNECTION, 1);
        return;
    }
    struct inbound *inbound = pool_take(&worker->inbounds);
    *inbound = (struct inbound){
        .inlet = inlet,
        .config = inlet->config,
        .peer = peer,
        .born_us = loop_now_us(worker->loop),
        .source = sources_add(&worker->sources, peer.ip4),
    };
    inlet->config->uses++;
    inlet->connections++;
    count_connections(worker, 1);

    const enum verdict verdict = judge(inbound);
    counters_add(counters, verdict == TAKE ? METRIC_NEW_CONNECTION : METRIC_REJECTED_CONNECTION, 1);
    inbound->is_over_limit = verdict != TAKE;
    worker->refused += inbound->is_over_limit;
    if (verdict == CLOSE || (inlet->listener->snap->protocol == SNAP_HTTPS && !inlet->tls)) {
        (void)close(fd); /* nothing was sent or promised */
        log_connection(inbound, NULL, false);
        forget(inbound);
        return;
    }
    serve(inbound, fd);
}

/* ---- who may connect ---------------------------------------------------------------------- */

/* The kernel drops what no rule allows, where we have the right to ask for that; what it lets
 * through is refused after all. Connections that are established go on. */
static void allow(struct inlet *inlet)
{
    struct worker *worker = inlet->worker;

    if (worker->sets_filters && listen_allow(&inlet->listen, inlet->listener->sources,
                                             inlet->listener->source_count) != RC_OK) {
        log_event(worker->log, LOG_WARN,
                  "no filter for a security group: sources are refused instead",
                  {"balancer", inlet->listener->balancer->id});
    }
}

/* ---- following the plan ------------------------------------------------------------------- */

static void inlet_close(struct inlet *inlet)
{
    if (inlet->is_open) {
        inlet->is_open = false;
        listen_stop(&inlet->listen);
    }
    inlet_free_if_done(inlet);
}

/* Connections that are made keep the context that they shook hands with. */
static void follow_tls(struct inlet *inlet)
{
    tls_server_free(inlet->tls);
    inlet->tls = inlet->listener->snap->protocol == SNAP_HTTPS
                     ? secure_listener(inlet->plan->plan, inlet->listener, inlet->worker->log)
                     : NULL;
}

static void follow(struct inlet *inlet, const struct plan_listener *listener)
{
    struct worker_plan *old = inlet->plan;
    const bool is_allowed = old && plan_has_same_sources(inlet->listener, listener);
    const bool is_secured =
        old && secure_is_same(old->plan, inlet->listener, inlet->worker->plan->plan, listener);

    inlet->plan = worker_plan_use(inlet->worker->plan);
    inlet->listener = listener;
    follow_config(inlet);
    if (!is_allowed) {
        allow(inlet);
    }
    if (!is_secured) {
        follow_tls(inlet);
    }
    worker_plan_unuse(old);
}

static void inlet_open(struct worker *worker, const struct worker_socket *socket)
{
    struct inlet *inlet = MEM_NEW(struct inlet);

    inlet->worker = worker;
    inlet->ip = socket->ip;
    inlet->port = socket->port;
    const struct plan_listener *listener = plan_find(worker->plan->plan, inlet->ip, inlet->port);
    ASSERT(listener != NULL);
    if (listen_start(&inlet->listen, worker->loop, socket->fd, on_accept, inlet) != RC_OK) {
        log_event(worker->log, LOG_ERROR, "cannot listen", {"listener", listener->snap->arn});
        mem_give(inlet);
        return;
    }
    inlet->is_open = true;
    list_push_back(&worker->inlets, &inlet->link);
    follow(inlet, listener);
}

static bool is_of_closed(void *arg)
{
    return !((struct inbound *)arg)->inlet->is_open;
}

void inlets_follow(struct worker *worker, const struct worker_socket *sockets, size_t count)
{
    bool has_closed = false;

    LIST_EACH (&worker->inlets, link) {
        struct inlet *inlet = LIST_ITEM(link, struct inlet, link);
        const struct plan_listener *listener =
            inlet->is_open ? plan_find(worker->plan->plan, inlet->ip, inlet->port) : NULL;

        if (listener) {
            follow(inlet, listener);
        } else {
            has_closed |= inlet->is_open;
            inlet_close(inlet);
        }
    }
    if (has_closed) {
        server_drain_some(worker->server, is_of_closed);
    }
    for (size_t i = 0; i < count; i++) {
        if (worker->is_draining) {
            (void)close(sockets[i].fd); /* too late for new addresses */
        } else {
            inlet_open(worker, &sockets[i]);
        }
    }
}

void inlets_close(struct worker *worker)
{
    LIST_EACH (&worker->inlets, link) {
        inlet_close(LIST_ITEM(link, struct inlet, link));
    }
}

void inlet_on_secured(void *arg, const struct stream *stream)
{
    log_connection(arg, stream, true);
}

void inlet_on_not_secured(void *arg, const struct stream *stream)
{
    struct inbound *inbound = arg;
    const struct inlet *inlet = inbound->inlet;

    log_connection(inbound, stream, false);
    counters_add(&inlet->listener->state->counters[inlet->worker->index],
                 METRIC_CLIENT_TLS_NEGOTIATION_ERROR, 1);
}
