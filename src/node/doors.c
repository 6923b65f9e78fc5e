/* SPDX-License-Identifier: Apache-2.0 */
#include "node/doors.h"

#include "base/mem.h"

#include <stdio.h>
#include <unistd.h>

struct door {
    struct list link;
    uint32_t ip;
    uint16_t port;
    unsigned generation; /* of the last plan that named it */
    bool is_open;        /* the workers have its sockets */
    enum rc trouble;     /* why not, else */
    char *arn;           /* own: the listener that wants it */
};

struct doors {
    struct loop *loop;
    const struct node_config *config;
    struct list list;
    unsigned generation; /* of the newest plan */
};

/* ---- one door ----------------------------------------------------------------------------- */

static struct door *find(const struct doors *doors, uint32_t ip, uint16_t port)
{
    LIST_EACH (&doors->list, link) {
        struct door *door = LIST_ITEM(link, struct door, link);

        if (door->ip == ip && door->port == port) {
            return door;
        }
    }
    return NULL;
}

static struct door *door_new(struct doors *doors, const struct plan_listener *listener)
{
    struct door *door = MEM_NEW(struct door);

    door->ip = listener->ip;
    door->port = listener->port;
    list_push_back(&doors->list, &door->link);
    return door;
}

static void door_free(struct door *door)
{
    list_remove(&door->link);
    mem_give(door->arn);
    mem_give(door);
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

static void log_trouble(const struct doors *doors, const struct door *door, enum rc rc)
{
    const struct net_addr addr = net_addr_ip4(door->ip, door->port);
    char words[NET_ADDR_SIZE];

    log_event(doors->config->log, LOG_ERROR, "cannot listen",
              {"address", net_addr_text(&addr, words)}, {"listener", text_of(door->arn)},
              {"why", trouble_text(rc)});
}

/* Before anybody accepts, so that no connection slips in. */
static void allow(const struct doors *doors, const struct plan_listener *listener)
{
    const struct node_sockets *sockets = &doors->config->sockets;

    if (sockets->allow && sockets->allow(sockets->arg, listener->ip, listener->port,
                                         listener->sources, listener->source_count) != RC_OK) {
        log_event(doors->config->log, LOG_WARN,
                  "no filter for a security group: sources are refused instead",
                  {"balancer", listener->balancer->id});
    }
}

/* One socket a worker, or none at all. */
static enum rc open_sockets(const struct doors *doors, const struct door *door, int *fds)
{
    const struct node_sockets *sockets = &doors->config->sockets;

    for (int i = 0; i < doors->config->workers; i++) {
        const enum rc rc = sockets->open(sockets->arg, door->ip, door->port, i, &fds[i]);

        if (rc != RC_OK) {
            while (i-- > 0) {
                (void)close(fds[i]); /* nobody used it */
            }
            sockets->close(sockets->arg, door->ip, door->port);
            return rc;
        }
    }
    return RC_OK;
}

/* ---- what the workers hear ---------------------------------------------------------------- */

/* Told by each worker when it has taken up a plan. */
struct round {
    struct loop_mail mail; /* back to the main thread, by the last worker */
    struct doors *doors;
    unsigned generation;
    _Atomic int left;
};

/* Every worker has closed what this plan does not name; a newer one may name it again. */
static void on_round(struct loop_mail *mail)
{
    struct round *round = LIST_ITEM(mail, struct round, mail);
    struct doors *doors = round->doors;

    LIST_EACH (&doors->list, link) {
        struct door *door = LIST_ITEM(link, struct door, link);

        if (door->generation < round->generation) {
            if (door->is_open) {
                doors->config->sockets.close(doors->config->sockets.arg, door->ip, door->port);
            }
            door_free(door);
        }
    }
    mem_give(round);
}

/* In the worker's thread. */
static void on_taken(void *arg)
{
    struct round *round = arg;

    if (atomic_fetch_sub(&round->left, 1) == 1) {
        loop_post(round->doors->loop, &round->mail);
    }
}

static struct round *round_new(struct doors *doors)
{
    struct round *round = MEM_NEW(struct round);

    round->mail.deliver = on_round;
    round->doors = doors;
    round->generation = doors->generation;
    round->left = doors->config->workers;
    return round;
}

/* ---- following the plan ------------------------------------------------------------------- */

/* fds: of one new address, one a worker; `sockets`: what each worker will get. */
static void hand_out(const struct doors *doors, const struct door *door, const int *fds,
                     struct worker_socket **sockets, size_t count)
{
    for (int i = 0; i < doors->config->workers; i++) {
        sockets[i][count] = (struct worker_socket){door->ip, door->port, fds[i]};
    }
}

static void follow_listener(struct doors *doors, const struct plan_listener *listener,
                            struct worker_socket **sockets, size_t *count)
{
    struct door *door = find(doors, listener->ip, listener->port);
    int *fds = mem_take_array((size_t)doors->config->workers, sizeof(int));

    if (!door) {
        door = door_new(doors, listener);
    }
    mem_give(door->arn);
    door->arn = mem_string(listener->snap->arn);
    /* Closed by the plan before, and not given back yet: the workers have no socket any more. */
    door->is_open = door->is_open && door->generation + 1 == doors->generation;
    door->generation = doors->generation;
    if (!door->is_open) {
        const enum rc before = door->trouble;

        door->trouble = open_sockets(doors, door, fds);
        door->is_open = door->trouble == RC_OK;
        if (door->is_open) {
            allow(doors, listener);
            hand_out(doors, door, fds, sockets, (*count)++);
        } else if (door->trouble != before) {
            log_trouble(doors, door, door->trouble);
        }
    }
    mem_give(fds);
}

/* What was allowed before is not asked for again. */
static void follow_sources(const struct doors *doors, const struct plan_listener *listener,
                           const struct plan *before)
{
    const struct plan_listener *old =
        before ? plan_find(before, listener->ip, listener->port) : NULL;

    if (old && !plan_has_same_sources(old, listener)) {
        allow(doors, listener);
    }
}

void doors_follow(struct doors *doors, struct plan *plan, const struct plan *before,
                  struct worker *const *workers)
{
    const int worker_count = doors->config->workers;
    struct worker_socket **sockets = mem_take_array((size_t)worker_count, sizeof(*sockets));
    size_t count = 0;

    doors->generation++;
    for (int i = 0; i < worker_count; i++) {
        sockets[i] = mem_take_array(plan->listener_count, sizeof(**sockets));
    }
    for (size_t i = 0; i < plan->listener_count; i++) {
        follow_listener(doors, &plan->listeners[i], sockets, &count);
        follow_sources(doors, &plan->listeners[i], before);
    }
    struct round *round = round_new(doors);
    for (int i = 0; i < worker_count; i++) {
        worker_send_plan(workers[i], plan, sockets[i], count, on_taken, round);
        mem_give(sockets[i]);
    }
    mem_give(sockets);
}

/* ---- life and report ---------------------------------------------------------------------- */

struct doors *doors_new(struct loop *loop, const struct node_config *config)
{
    struct doors *doors = MEM_NEW(struct doors);

    doors->loop = loop;
    doors->config = config;
    list_init(&doors->list);
    return doors;
}

void doors_free(struct doors *doors)
{
    if (!doors) {
        return;
    }
    LIST_EACH (&doors->list, link) {
        door_free(LIST_ITEM(link, struct door, link));
    }
    mem_give(doors);
}

enum rc doors_report(const struct doors *doors, struct arena *arena, struct report *out)
{
    size_t count = 0;

    LIST_EACH (&doors->list, link) {
        count += LIST_ITEM(link, struct door, link)->trouble != RC_OK;
    }
    out->listeners = ARENA_ARRAY(arena, struct report_listener, count);
    if (!out->listeners) {
        return RC_LIMIT;
    }
    LIST_EACH (&doors->list, link) {
        const struct door *door = LIST_ITEM(link, struct door, link);

        if (door->trouble != RC_OK && door->generation == doors->generation) {
            out->listeners[out->listener_count++] =
                (struct report_listener){text_of(door->arn), trouble_text(door->trouble)};
        }
    }
    return RC_OK;
}
