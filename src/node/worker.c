/* SPDX-License-Identifier: Apache-2.0 */
#include "node/worker.h"

#include "base/limits.h"
#include "base/mem.h"
#include "net/listen.h"
#include "node/inlet.h"
#include "tls/memory.h"

/* ---- plans -------------------------------------------------------------------------------- */

struct worker_plan *worker_plan_use(struct worker_plan *plan)
{
    plan->uses++;
    return plan;
}

void worker_plan_unuse(struct worker_plan *plan)
{
    if (!plan || --plan->uses > 0) {
        return;
    }
    for (size_t i = 0; i < plan->plan->group_count; i++) {
        choices_done(&plan->choices[i]);
    }
    mem_give(plan->choices);
    plan_unref(plan->plan);
    mem_give(plan);
}

/* Takes the reference. */
static struct worker_plan *worker_plan_new(struct plan *plan)
{
    struct worker_plan *own = MEM_NEW(struct worker_plan);

    own->plan = plan;
    own->choices = mem_take_array(plan->group_count, sizeof(struct choices));
    own->uses = 1;
    return own;
}

/* Takes the use. What the new plan does not use any more must not keep idle connections: nobody
 * would close them. */
static void retire(struct worker *worker, struct worker_plan *old)
{
    for (size_t i = 0; old && i < old->plan->all_count; i++) {
        if (!worker->is_running || atomic_load(&old->plan->all[i]->is_leaving)) {
            leases_quiet(&worker->leases, old->plan->all[i]);
        }
    }
    worker_plan_unuse(old);
}

/* ---- mail --------------------------------------------------------------------------------- */

struct plan_mail {
    struct loop_mail mail;
    struct worker *worker;
    struct plan *plan; /* own: a reference */
    worker_taken_fn *taken;
    void *arg;
    size_t count;
    struct worker_socket sockets[];
};

static void on_plan(struct loop_mail *loop_mail)
{
    struct plan_mail *mail = LIST_ITEM(loop_mail, struct plan_mail, mail);
    struct worker *worker = mail->worker;
    struct worker_plan *old = worker->plan;

    worker->plan = worker_plan_new(mail->plan);
    inlets_follow(worker, mail->sockets, mail->count);
    retire(worker, old);
    mail->taken(mail->arg);
    mem_give(mail);
}

void worker_send_plan(struct worker *worker, struct plan *plan, const struct worker_socket *sockets,
                      size_t count, worker_taken_fn *taken, void *arg)
{
    struct plan_mail *mail = mem_take(sizeof(*mail) + count * sizeof(*sockets));

    *mail = (struct plan_mail){
        .mail = {.deliver = on_plan},
        .worker = worker,
        .plan = plan_ref(plan),
        .taken = taken,
        .arg = arg,
        .count = count,
    };
    if (count > 0) {
        memcpy(mail->sockets, sockets, count * sizeof(*sockets));
    }
    loop_post(worker->loop, &mail->mail);
}

struct cut_mail {
    struct loop_mail mail;
    struct worker *worker;
    struct target *target; /* own: a reference */
};

static void on_cut(struct loop_mail *loop_mail)
{
    struct cut_mail *mail = LIST_ITEM(loop_mail, struct cut_mail, mail);

    leases_cut(&mail->worker->leases, mail->target);
    target_unref(mail->target);
    mem_give(mail);
}

void worker_send_cut(struct worker *worker, struct target *target)
{
    struct cut_mail *mail = MEM_NEW(struct cut_mail);

    *mail = (struct cut_mail){
        .mail = {.deliver = on_cut},
        .worker = worker,
        .target = target_ref(target),
    };
    loop_post(worker->loop, &mail->mail);
}

struct word_mail {
    struct loop_mail mail;
    struct worker *worker;
};

static void send_word(struct worker *worker, loop_mail_fn *deliver)
{
    struct word_mail *mail = MEM_NEW(struct word_mail);

    *mail = (struct word_mail){.mail = {.deliver = deliver}, .worker = worker};
    loop_post(worker->loop, &mail->mail);
}

static void on_drain(struct loop_mail *loop_mail)
{
    struct word_mail *mail = LIST_ITEM(loop_mail, struct word_mail, mail);

    mail->worker->is_draining = true;
    inlets_close(mail->worker);
    server_drain(mail->worker->server);
    mem_give(mail);
}

void worker_send_drain(struct worker *worker)
{
    send_word(worker, on_drain);
}

static void end_requests(struct worker *worker)
{
    worker->is_ending = true;
    server_wake(worker->server);
}

static void on_end(struct loop_mail *loop_mail)
{
    struct word_mail *mail = LIST_ITEM(loop_mail, struct word_mail, mail);

    end_requests(mail->worker);
    mem_give(mail);
}

void worker_send_end(struct worker *worker)
{
    send_word(worker, on_end);
}

static void on_stop(struct loop_mail *loop_mail)
{
    struct word_mail *mail = LIST_ITEM(loop_mail, struct word_mail, mail);

    loop_stop(mail->worker->loop);
    mem_give(mail);
}

/* ---- life --------------------------------------------------------------------------------- */

struct request *worker_take_request(struct worker *worker)
{
    return pool_take(&worker->requests);
}

void worker_give_request(struct worker *worker, struct request *req)
{
    pool_give(&worker->requests, req);
}

static void on_request(void *arg, struct server_req *in)
{
    struct inbound *inbound = arg;

    request_begin(inbound->inlet->worker, inbound, in);
}

void worker_make_room(struct leases *leases)
{
    struct worker *worker = CONTAINER_OF(leases, struct worker, leases);

    for (size_t i = 0; i < worker->plan->plan->all_count; i++) {
        leases_shed(leases, worker->plan->plan->all[i]);
    }
}

struct worker *worker_new(const struct worker_config *config)
{
    static const struct server_user user = {.request = on_request,
                                            .secured = inlet_on_secured,
                                            .not_secured = inlet_on_not_secured,
                                            .closed = inlet_on_closed};
    struct worker *worker = MEM_NEW(struct worker);

    worker->loop = loop_new();
    worker->server = server_new(worker->loop, &user);
    worker->memory.max = config->shares.memory_bytes;
    server_charge(worker->server, &worker->memory);
    server_limit_conduits(worker->server, config->shares.conduits);
    worker->client = client_new(worker->loop);
    client_charge(worker->client, &worker->memory);
    leases_init(&worker->leases, worker->loop, worker->client, config->index,
                config->shares.requests, &request_lease_user);
    pool_init(&worker->requests, sizeof(struct request), 0);
    pool_init(&worker->inbounds, sizeof(struct inbound), 0);
    list_init(&worker->inlets);
    worker->random =
        (uint64_t)loop_unix_ms(worker->loop) * 0x9e3779b97f4a7c15u + (uint64_t)config->index + 1;
    sources_init(&worker->sources, (uint32_t)choices_random(&worker->random));
    worker->shares = config->shares;
    worker->index = config->index;
    worker->sets_filters = config->sets_filters;
    worker->log = config->log;
    logbook_init(&worker->logbook, worker->loop, config->logs, config->index, config->log);
    return worker;
}

static void *worker_main(void *arg)
{
    struct worker *worker = arg;

    loop_run(worker->loop);
    tls_memory_done();
    return NULL;
}

enum rc worker_start(struct worker *worker)
{
    ASSERT(!worker->is_running);
    if (pthread_create(&worker->thread, NULL, worker_main, worker) != 0) {
        return RC_IO;
    }
    worker->is_running = true;
    return RC_OK;
}

void worker_free(struct worker *worker)
{
    if (!worker) {
        return;
    }
    send_word(worker, on_stop);
    if (worker->is_running) {
        ASSERT(pthread_join(worker->thread, NULL) == 0);
        worker->is_running = false;
    } else {
        loop_run(worker->loop); /* delivers what was posted */
    }
    end_requests(worker);
    inlets_close(worker);
    server_free(worker->server);
    retire(worker, worker->plan);
    client_free(worker->client);
    leases_done(&worker->leases);
    pool_done(&worker->requests);
    pool_done(&worker->inbounds);
    sources_done(&worker->sources);
    logbook_done(&worker->logbook);
    loop_free(worker->loop);
    mem_give(worker);
}
