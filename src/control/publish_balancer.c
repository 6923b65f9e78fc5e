/* SPDX-License-Identifier: Apache-2.0 */
/* A load balancer with its addresses, listeners and who may connect, for the snapshot. */
#include "control/balancer.h"
#include "control/balancer_log.h"
#include "control/ingress.h"
#include "control/listener.h"
#include "control/publish_inner.h"
#include "snapshot/address.h"
#include "snapshot/write.h"

static enum rc add_addresses(struct publish *publish, struct snap_balancer *out);
static enum rc add_ingress(struct publish *publish, struct snap_balancer *out);
static enum rc add_listeners(struct publish *publish, struct snap_balancer *out);

static enum snap_desync_mode desync_mode_of(struct text word)
{
    if (text_eq(word, TEXT("monitor"))) {
        return SNAP_MONITOR;
    }
    return text_eq(word, TEXT("strictest")) ? SNAP_STRICTEST : SNAP_DEFENSIVE;
}

static enum snap_xff_mode xff_mode_of(struct text word)
{
    if (text_eq(word, TEXT("preserve"))) {
        return SNAP_XFF_PRESERVE;
    }
    return text_eq(word, TEXT("remove")) ? SNAP_XFF_REMOVE : SNAP_XFF_APPEND;
}

static void apply_attributes(const struct attribute_set *set, struct snap_balancer *out)
{
    out->idle_timeout_ms = 1000 * attribute_number(set, "idle_timeout.timeout_seconds", 60);
    out->keep_alive_ms = 1000 * attribute_number(set, "client_keep_alive.seconds", 3600);
    out->desync_mode = desync_mode_of(attribute_value(set, "routing.http.desync_mitigation_mode"));
    out->xff_mode = xff_mode_of(attribute_value(set, "routing.http.xff_header_processing.mode"));
    out->is_xff_client_port = attribute_is_true(set, "routing.http.xff_client_port.enabled");
    out->preserves_host = attribute_is_true(set, "routing.http.preserve_host_header.enabled");
    out->drops_invalid_fields =
        attribute_is_true(set, "routing.http.drop_invalid_header_fields.enabled");
    out->is_http2 = attribute_is_true(set, "routing.http2.enabled");
    out->adds_tls_fields =
        attribute_is_true(set, "routing.http.x_amzn_tls_version_and_cipher_suite.enabled");
    out->logs_requests = balancer_log_is_on(set, LOG_KIND_ACCESS);
    out->logs_connections = balancer_log_is_on(set, LOG_KIND_CONNECTION);
    out->logs_health_checks = balancer_log_is_on(set, LOG_KIND_HEALTH_CHECK);
}

enum rc publish_balancer(struct publish *publish, const struct balancer_row *row,
                         struct snap_balancer *out)
{
    struct attribute_set attributes;

    snapshot_balancer_defaults(out);
    out->arn = row->arn;
    out->id = row->id;
    out->name = row->name;
    out->dns_name = row->dns_name;
    out->scheme = text_eq(row->scheme, TEXT("internal")) ? SNAP_INTERNAL : SNAP_INTERNET_FACING;
    TRY(balancer_attributes(publish->turn, row->arn, &attributes));
    apply_attributes(&attributes, out);
    TRY(add_addresses(publish, out));
    TRY(add_ingress(publish, out));
    return add_listeners(publish, out);
}

static enum rc add_addresses(struct publish *publish, struct snap_balancer *out)
{
    struct turn *turn = publish->turn;
    struct balancer_zone_rows rows;
    struct snap_address *addresses;

    TRY(balancer_zone_row_list(turn->store, turn->arena, out->arn, &rows));
    addresses = ARENA_ARRAY(turn->arena, struct snap_address, rows.count);
    if (addresses == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < rows.count; i++) {
        addresses[i].zone = rows.at[i].zone;
        TRY(address_parse(rows.at[i].address, &addresses[i].ip));
    }
    out->addresses = addresses;
    out->address_count = rows.count;
    return RC_OK;
}

static enum rc add_ingress(struct publish *publish, struct snap_balancer *out)
{
    struct turn *turn = publish->turn;
    struct balancer_member_rows rows;
    struct ingress_list ingress;
    struct text *ids;

    TRY(balancer_member_row_list(turn->store, turn->arena, out->arn, &rows));
    ids = ARENA_ARRAY(turn->arena, struct text, rows.count);
    if (ids == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < rows.count; i++) {
        ids[i] = rows.at[i].security_group_id;
    }
    TRY(ingress_resolve(turn, ids, rows.count, &ingress));
    out->ingress = ingress.at;
    out->ingress_count = ingress.count;
    return RC_OK;
}

static enum rc add_rules(struct publish *publish, struct snap_listener *out)
{
    struct turn *turn = publish->turn;
    struct snap_rule *rules;
    struct rule_rows rows;

    TRY(rule_row_list(turn->store, turn->arena, out->arn, &rows));
    rules = ARENA_ARRAY(turn->arena, struct snap_rule, rows.count);
    if (rules == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < rows.count; i++) {
        TRY(publish_rule(publish, &rows.at[i], &rules[i]));
    }
    out->rules = rules;
    out->rule_count = rows.count;
    return RC_OK;
}

/* The default one first; one that is in the list too is given once. */
static enum rc add_certificates(struct publish *publish, struct snap_listener *out)
{
    struct turn *turn = publish->turn;
    const struct snap_certificate **certificates;
    struct listener_certificate_rows rows;

    TRY(listener_certificate_row_list(turn->store, turn->arena, out->arn, &rows));
    certificates = ARENA_ARRAY(turn->arena, const struct snap_certificate *, rows.count);
    if (certificates == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < rows.count; i++) {
        if (i > 0 && text_eq(rows.at[i].certificate, rows.at[0].certificate)) {
            continue;
        }
        TRY(publish_certificate(publish, rows.at[i].certificate,
                                &certificates[out->certificate_count]));
        out->certificate_count++;
    }
    out->certificates = certificates;
    return RC_OK;
}

static enum rc add_listener(struct publish *publish, const struct listener_row *row,
                            struct snap_listener *out)
{
    struct attribute_set attributes;

    snapshot_listener_defaults(out);
    out->arn = row->arn;
    out->port = (uint16_t)row->port;
    out->protocol = text_eq(row->protocol, TEXT("HTTPS")) ? SNAP_HTTPS : SNAP_HTTP;
    out->ssl_policy = row->ssl_policy;
    TRY(listener_attributes(publish->turn, row->arn, &attributes));
    out->is_server_header_enabled =
        attribute_is_true(&attributes, "routing.http.response.server.enabled");
    TRY(publish_fields(publish, &attributes, out));
    TRY(add_certificates(publish, out));
    TRY(publish_listener_auth(publish, out));
    return add_rules(publish, out);
}

static enum rc add_listeners(struct publish *publish, struct snap_balancer *out)
{
    struct turn *turn = publish->turn;
    struct snap_listener *listeners;
    struct listener_rows rows;

    TRY(listener_row_list(turn->store, turn->arena, out->arn, &rows));
    listeners = ARENA_ARRAY(turn->arena, struct snap_listener, rows.count);
    if (listeners == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < rows.count; i++) {
        TRY(add_listener(publish, &rows.at[i], &listeners[i]));
    }
    out->listeners = listeners;
    out->listener_count = rows.count;
    return RC_OK;
}
