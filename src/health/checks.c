/* SPDX-License-Identifier: Apache-2.0 */
#include "health/checks.h"

#include "base/mem.h"
#include "health/probe.h"
#include "health/schedule.h"
#include "tls/clients.h"

struct checks {
    struct loop *loop;
    struct client *client; /* own */
    struct tls_clients tls;
    struct schedule schedule;
    struct loop_timer timer; /* until the next check is due */
    check_probed_fn *probed; /* NULL: nobody wants to know */
};

struct check {
    struct schedule_entry entry;
    struct checks *checks;
    struct check_target target;
    struct threshold threshold;
    struct probe probe;
    int64_t began_us; /* of the probe */
    check_changed_fn *changed;
    void *arg;
};

/* ---- one check ---------------------------------------------------------------------------- */

static struct net_addr address_of(const struct check_target *target)
{
    return net_addr_ip4(target->ip, target->settings->port ? target->settings->port : target->port);
}

static void tell(struct check *check, enum health_outcome outcome, int status)
{
    const struct check_result result = {
        .addr = address_of(&check->target),
        .protocol = check->target.settings->protocol,
        .version = check->target.version,
        .outcome = outcome,
        .status = status,
        .took_us = loop_now_us(check->checks->loop) - check->began_us,
    };

    check->checks->probed(check->arg, &result);
}

static void on_probed(void *arg, enum health_outcome outcome, int status)
{
    struct check *check = arg;
    const struct threshold before = check->threshold;

    if (check->checks->probed) {
        tell(check, outcome, status);
    }
    if (threshold_judge(&check->threshold, check->target.settings, outcome, status,
                        loop_unix_ms(check->checks->loop))) {
        check->changed(check->arg, &before, &check->threshold);
    }
}

/* A target that requests cannot shake hands with shall not pass. */
static struct tls_client *tls_of(const struct check *check)
{
    const struct check_target *target = &check->target;

    return target->settings->protocol == SNAP_HTTPS
               ? tls_clients_get(&check->checks->tls, target->tls, target->version != SNAP_HTTP1)
               : NULL;
}

/* The timeout is shorter than the interval, so the last check has ended; a loop that was held up
 * may see it otherwise, and lets it end. */
static void probe(struct check *check)
{
    if (!check->probe.is_under_way) {
        check->began_us = loop_now_us(check->checks->loop);
        probe_start(&check->probe, check->target.settings, check->target.version,
                    address_of(&check->target), tls_of(check));
    }
}

/* ---- the schedule ------------------------------------------------------------------------- */

static void arm(struct checks *checks)
{
    loop_timer_set(checks->loop, &checks->timer, schedule_due_ms(&checks->schedule));
}

static void on_due(struct loop_timer *timer)
{
    struct checks *checks = LIST_ITEM(timer, struct checks, timer);
    const int64_t now_ms = loop_now_ms(checks->loop);

    for (struct schedule_entry *entry; (entry = schedule_next(&checks->schedule, now_ms));) {
        probe(CONTAINER_OF(entry, struct check, entry));
    }
    arm(checks);
}

struct checks *checks_new(struct loop *loop)
{
    struct checks *checks = MEM_NEW(struct checks);

    checks->loop = loop;
    checks->client = client_new(loop);
    tls_clients_init(&checks->tls);
    schedule_init(&checks->schedule);
    loop_timer_init(&checks->timer, on_due);
    return checks;
}

void checks_free(struct checks *checks)
{
    if (checks) {
        loop_timer_cancel(checks->loop, &checks->timer);
        schedule_done(&checks->schedule);
        client_free(checks->client);
        tls_clients_done(&checks->tls);
        mem_give(checks);
    }
}

void checks_on_probed(struct checks *checks, check_probed_fn *probed)
{
    checks->probed = probed;
}

struct check *check_start(struct checks *checks, const struct check_target *target,
                          const struct report_target *known, check_changed_fn *changed, void *arg)
{
    struct check *check = MEM_NEW(struct check);

    check->checks = checks;
    check->target = *target;
    check->changed = changed;
    check->arg = arg;
    if (known) {
        threshold_seed(&check->threshold, known);
    } else {
        threshold_init(&check->threshold, loop_unix_ms(checks->loop));
    }
    probe_init(&check->probe, checks->loop, checks->client, on_probed, check);
    schedule_entry_init(&check->entry);
    schedule_add(&checks->schedule, &check->entry, loop_now_ms(checks->loop),
                 target->settings->interval_ms);
    arm(checks);
    return check;
}

void check_change(struct check *check, const struct check_target *target)
{
    struct checks *checks = check->checks;

    check->target = *target;
    if (check->entry.interval_ms != target->settings->interval_ms) {
        schedule_change(&checks->schedule, &check->entry, loop_now_ms(checks->loop),
                        target->settings->interval_ms);
        arm(checks);
    }
}

void check_stop(struct check *check)
{
    if (check) {
        probe_cancel(&check->probe);
        schedule_remove(&check->checks->schedule, &check->entry);
        arm(check->checks);
        mem_give(check);
    }
}

const struct threshold *check_health(const struct check *check)
{
    return &check->threshold;
}
