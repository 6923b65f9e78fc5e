/* SPDX-License-Identifier: Apache-2.0 */
#include "main/pages.h"

#include "base/limits.h"
#include "codec/json.h"
#include "control/board.h"
#include "control/publish.h"
#include "control/target.h"
#include "snapshot/address.h"
#include "snapshot/snapshot.h"

#include <ctype.h>
#include <inttypes.h>

enum { ARENA_BLOCK_BYTES = 64 * 1024, STATUS_OK = 200, STATUS_UNAVAILABLE = 503 };

/* ---- /health, /ready ---------------------------------------------------------------------- */

/* That it answers at all is the answer. */
static int write_health(void *arg, struct buf *out)
{
    buf_printf(out, "ok\n");
    return STATUS_OK;
}

/* Every zone's node has connected and took a snapshot. */
static int write_ready(void *arg, struct buf *out)
{
    const struct pages *pages = arg;
    const struct control_config *config = &pages->control->config;

    for (size_t i = 0; i < config->zone_count; i++) {
        bool is_connected = false;
        const struct report *report =
            board_report(pages->control->board, config->zones[i], &is_connected);
        if (!report || !is_connected || report->revision == 0) {
            buf_printf(out, "waiting for the node of %.*s\n", TEXT_ARG(config->zones[i]));
            return STATUS_UNAVAILABLE;
        }
    }
    buf_printf(out, "ready\n");
    return STATUS_OK;
}

/* ---- /metrics ----------------------------------------------------------------------------- */

/* A word begins at a capital behind a small letter, and at the last capital of several when a small
 * one follows: HTTPCode is http_code. */
void pages_metric_name(const char *aws_name, struct buf *out)
{
    buf_printf(out, "openalb_");
    for (size_t i = 0; aws_name[i]; i++) {
        const unsigned char c = (unsigned char)aws_name[i];
        const unsigned char before = i ? (unsigned char)aws_name[i - 1] : '_';
        const unsigned char after = (unsigned char)aws_name[i + 1];
        if (isupper(c) && before != '_' &&
            (islower(before) || (isupper(before) && islower(after)))) {
            buf_add_byte(out, '_');
        }
        buf_add_byte(out, (char)tolower(c));
    }
    buf_printf(out, "_total");
}

/* Prometheus, "Text format": backslash, quote and newline are escaped in label values. */
static void add_label(struct buf *out, const char *name, struct text value, bool is_first)
{
    buf_printf(out, "%s%s=\"", is_first ? "" : ",", name);
    for (size_t i = 0; i < value.len; i++) {
        if (value.at[i] == '\\' || value.at[i] == '"') {
            buf_add_byte(out, '\\');
        }
        if (value.at[i] == '\n') {
            buf_printf(out, "\\n");
        } else {
            buf_add_byte(out, value.at[i]);
        }
    }
    buf_add_byte(out, '"');
}

static void add_counter(struct buf *out, struct text zone, const struct report_counter *counter)
{
    pages_metric_name(counter->metric, out);
    buf_add_byte(out, '{');
    add_label(out, "zone", zone, true);
    add_label(out, "load_balancer", counter->balancer_id, false);
    if (!text_is_empty(counter->group_id)) {
        add_label(out, "target_group", counter->group_id, false);
    }
    buf_printf(out, "} %" PRIu64 "\n", counter->value);
}

static void add_target(struct buf *out, struct text zone, const struct report_target *target)
{
    char port[8];

    (void)snprintf(port, sizeof(port), "%u", (unsigned)target->port);
    buf_printf(out, "openalb_target_healthy{");
    add_label(out, "zone", zone, true);
    add_label(out, "target_group", target->group_arn, false);
    add_label(out, "target", target->id, false);
    add_label(out, "port", text_of(port), false);
    buf_printf(out, "} %d\n", target->state == TARGET_HEALTHY);
}

typedef void add_zone_fn(const struct pages *pages, struct text zone, const struct report *report,
                         struct buf *out);

static void each_zone(const struct pages *pages, add_zone_fn *add, struct buf *out)
{
    const struct control_config *config = &pages->control->config;

    for (size_t i = 0; i < config->zone_count; i++) {
        const struct report *report = board_report(pages->control->board, config->zones[i], NULL);
        if (report) {
            add(pages, config->zones[i], report, out);
        }
    }
}

/* All samples of a metric must stand together, so the zones are asked metric by metric: the names
 * are taken from the first report that has one. */
static bool is_told_before(const struct pages *pages, const struct report *until, size_t index,
                           const char *metric)
{
    const struct control_config *config = &pages->control->config;

    for (size_t i = 0; i < config->zone_count; i++) {
        const struct report *report = board_report(pages->control->board, config->zones[i], NULL);
        const size_t count = !report ? 0 : report == until ? index : report->counter_count;
        for (size_t j = 0; j < count; j++) {
            if (strcmp(report->counters[j].metric, metric) == 0) {
                return true;
            }
        }
        if (report == until) {
            return false;
        }
    }
    return false;
}

static void add_family(const struct pages *pages, const char *metric, struct buf *out)
{
    const struct control_config *config = &pages->control->config;

    buf_printf(out, "# TYPE ");
    pages_metric_name(metric, out);
    buf_printf(out, " counter\n");
    for (size_t i = 0; i < config->zone_count; i++) {
        const struct report *report = board_report(pages->control->board, config->zones[i], NULL);
        for (size_t j = 0; report && j < report->counter_count; j++) {
            if (strcmp(report->counters[j].metric, metric) == 0) {
                add_counter(out, config->zones[i], &report->counters[j]);
            }
        }
    }
}

static void add_zone_counters(const struct pages *pages, struct text zone,
                              const struct report *report, struct buf *out)
{
    for (size_t i = 0; i < report->counter_count; i++) {
        if (!is_told_before(pages, report, i, report->counters[i].metric)) {
            add_family(pages, report->counters[i].metric, out);
        }
    }
}

static void add_zone_targets(const struct pages *pages, struct text zone,
                             const struct report *report, struct buf *out)
{
    for (size_t i = 0; i < report->target_count; i++) {
        add_target(out, zone, &report->targets[i]);
    }
}

static void add_nodes(const struct pages *pages, struct buf *out)
{
    const struct control_config *config = &pages->control->config;

    buf_printf(out, "# TYPE openalb_node_connected gauge\n");
    for (size_t i = 0; i < config->zone_count; i++) {
        bool is_connected = false;
        (void)board_report(pages->control->board, config->zones[i], &is_connected);
        buf_printf(out, "openalb_node_connected{");
        add_label(out, "zone", config->zones[i], true);
        buf_printf(out, "} %d\n", is_connected);
    }
}

static int write_metrics(void *arg, struct buf *out)
{
    const struct pages *pages = arg;

    buf_printf(out, "# TYPE openalb_revision gauge\nopenalb_revision %" PRIu64 "\n",
               store_revision(pages->control->store));
    add_nodes(pages, out);
    buf_printf(out, "# TYPE openalb_target_healthy gauge\n");
    each_zone(pages, add_zone_targets, out);
    each_zone(pages, add_zone_counters, out);
    return STATUS_OK;
}

/* ---- /status ------------------------------------------------------------------------------ */

static void write_nodes(const struct pages *pages, struct json_writer *writer)
{
    const struct control_config *config = &pages->control->config;

    json_write_key(writer, TEXT("nodes"));
    json_write_list(writer);
    for (size_t i = 0; i < config->zone_count; i++) {
        bool is_connected = false;
        const struct report *report =
            board_report(pages->control->board, config->zones[i], &is_connected);
        json_write_object(writer);
        json_put_text(writer, "zone", config->zones[i]);
        json_put_bool(writer, "connected", is_connected);
        json_put_integer(writer, "revision", report ? (int64_t)report->revision : 0);
        json_put_text(writer, "rejected", report ? report->rejected : TEXT(""));
        json_write_object_end(writer);
    }
    json_write_list_end(writer);
}

/* What the nodes say of this listener's sockets: "address in use", or nothing. */
static struct text listener_trouble(const struct pages *pages, struct text arn)
{
    const struct control_config *config = &pages->control->config;

    for (size_t i = 0; i < config->zone_count; i++) {
        const struct report *report = board_report(pages->control->board, config->zones[i], NULL);
        for (size_t j = 0; report && j < report->listener_count; j++) {
            if (text_eq(report->listeners[j].arn, arn)) {
                return report->listeners[j].trouble;
            }
        }
    }
    return TEXT("");
}

static void write_listeners(const struct pages *pages, const struct snap_balancer *balancer,
                            struct json_writer *writer)
{
    json_write_key(writer, TEXT("listeners"));
    json_write_list(writer);
    for (size_t i = 0; i < balancer->listener_count; i++) {
        const struct snap_listener *listener = &balancer->listeners[i];
        json_write_object(writer);
        json_put_text(writer, "protocol",
                      listener->protocol == SNAP_HTTPS ? TEXT("HTTPS") : TEXT("HTTP"));
        json_put_integer(writer, "port", listener->port);
        json_put_text(writer, "trouble", listener_trouble(pages, listener->arn));
        json_write_object_end(writer);
    }
    json_write_list_end(writer);
}

static void write_addresses(const struct snap_balancer *balancer, struct json_writer *writer)
{
    json_write_key(writer, TEXT("addresses"));
    json_write_list(writer);
    for (size_t i = 0; i < balancer->address_count; i++) {
        char ip[ADDRESS_TEXT_BYTES];
        address_print(balancer->addresses[i].ip, ip, sizeof(ip));
        json_write_text(writer, text_of(ip));
    }
    json_write_list_end(writer);
}

static void write_balancers(const struct pages *pages, const struct snapshot *snapshot,
                            struct json_writer *writer)
{
    size_t count;
    const struct snap_balancer *balancers = snapshot_balancers(snapshot, &count);

    json_write_key(writer, TEXT("balancers"));
    json_write_list(writer);
    for (size_t i = 0; i < count; i++) {
        json_write_object(writer);
        json_put_text(writer, "name", balancers[i].name);
        json_put_text(writer, "dns_name", balancers[i].dns_name);
        write_addresses(&balancers[i], writer);
        write_listeners(pages, &balancers[i], writer);
        json_write_object_end(writer);
    }
    json_write_list_end(writer);
}

static void write_targets(const struct pages *pages, const struct snap_group *group,
                          struct json_writer *writer)
{
    const struct control_config *config = &pages->control->config;

    json_write_key(writer, TEXT("targets"));
    json_write_list(writer);
    for (size_t i = 0; i < group->target_count; i++) {
        const struct snap_target *target = &group->targets[i];
        const struct board_health health =
            board_target(pages->control->board, group->arn, target->id, target->port, config->zones,
                         config->zone_count);
        json_write_object(writer);
        json_put_text(writer, "id", target->id);
        json_put_integer(writer, "port", target->port);
        json_put_text(
            writer, "state",
            text_of(target_state_word(target->is_draining ? TARGET_DRAINING : health.state)));
        json_write_object_end(writer);
    }
    json_write_list_end(writer);
}

static void write_groups(const struct pages *pages, const struct snapshot *snapshot,
                         struct json_writer *writer)
{
    size_t count;
    const struct snap_group *groups = snapshot_groups(snapshot, &count);

    json_write_key(writer, TEXT("groups"));
    json_write_list(writer);
    for (size_t i = 0; i < count; i++) {
        json_write_object(writer);
        json_put_text(writer, "name", groups[i].name);
        write_targets(pages, &groups[i], writer);
        json_write_object_end(writer);
    }
    json_write_list_end(writer);
}

static enum rc build_snapshot(const struct pages *pages, struct snapshot **out)
{
    AUTO(arena) struct arena *arena = arena_new(ARENA_BLOCK_BYTES, LIMIT_SNAPSHOT_ARENA_BYTES);
    struct turn turn;
    struct buf document;
    char why[256];

    TRY(turn_begin(&turn, pages->control, arena, loop_unix_ms(pages->loop), STORE_READ));
    buf_init(&document, LIMIT_SNAPSHOT_BYTES);
    enum rc rc = turn_end(&turn, publish_build(&turn, &document, NULL));
    if (rc == RC_OK) {
        rc = snapshot_decode(buf_text(&document), out, why, sizeof(why));
    }
    buf_done(&document);
    return rc;
}

static int write_status(void *arg, struct buf *out)
{
    const struct pages *pages = arg;
    struct snapshot *snapshot;
    struct json_writer writer;

    if (build_snapshot(pages, &snapshot) != RC_OK) {
        buf_printf(out, "{}\n");
        return STATUS_UNAVAILABLE;
    }
    json_writer_init(&writer, out);
    json_write_object(&writer);
    json_put_text(&writer, "version", TEXT(OPENALB_VERSION));
    json_put_integer(&writer, "revision", (int64_t)snapshot_revision(snapshot));
    write_nodes(pages, &writer);
    write_balancers(pages, snapshot, &writer);
    write_groups(pages, snapshot, &writer);
    json_write_object_end(&writer);
    buf_add_byte(out, '\n');
    snapshot_unref(snapshot);
    return STATUS_OK;
}

const struct front_page pages_table[] = {
    {"/health", "text/plain; charset=utf-8", write_health},
    {"/ready", "text/plain; charset=utf-8", write_ready},
    {"/metrics", "text/plain; version=0.0.4; charset=utf-8", write_metrics},
    {"/status", "application/json", write_status},
};
const size_t pages_count = ARRAY_LEN(pages_table);
