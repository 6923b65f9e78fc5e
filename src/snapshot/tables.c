/* SPDX-License-Identifier: Apache-2.0 */
/* The order of members is the order of reading: names before what uses them. Defaults are AWS's:
 * ALB guide, "Load balancer attributes", "Target group attributes", "Health check settings". Ranges
 * are what a node can bear; AWS's narrower ones are control's to enforce, and tests like to be
 * quick. */
#include "snapshot/tables.h"
#include "codec/hex.h"
#include "snapshot/address.h"

enum {
    BALANCERS_MAX = 10000,
    LISTENERS_MAX = 1000,
    RULES_MAX = 10000,
    GROUPS_MAX = 30000,
    TARGETS_MAX = 10000,
    CERTIFICATES_MAX = 10000,
    TRUST_STORES_MAX = 1000,
    FIELDS_MAX = 100,
    TICKET_KEYS_MAX = 16,
    ADDRESSES_MAX = 64,
    INGRESS_MAX = 10000,
    VALUES_MAX = 1000,
    DAY_MS = 24 * 3600 * 1000,
};

static const char *const scheme_words[] = {"internet-facing", "internal", NULL};
static const char *const protocol_words[] = {"HTTP", "HTTPS", NULL};
static const char *const version_words[] = {"HTTP1", "HTTP2", "GRPC", NULL};
static const char *const desync_words[] = {"defensive", "monitor", "strictest", NULL};
static const char *const xff_words[] = {"append", "preserve", "remove", NULL};
static const char *const client_auth_words[] = {"off", "passthrough", "verify", NULL};
static const char *const algorithm_words[] = {"round_robin", "least_outstanding_requests",
                                              "weighted_random", NULL};
static const char *const action_words[] = {"forward", "redirect", "fixed-response", NULL};
static const char *const condition_words[] = {
    "host-header",  "path-pattern", "http-header", "http-request-method",
    "query-string", "source-ip",    NULL};

static const struct record_member text_element = {
    .kind = RECORD_TEXT, .width = sizeof(struct text), .is_required = true};
static enum rc parse_ip(struct text text, void *out)
{
    return address_parse(text, out);
}

static void print_ip(const void *ip, struct buf *out)
{
    char text[ADDRESS_TEXT_BYTES];

    address_print(*(const uint32_t *)ip, text, sizeof(text));
    buf_add(out, text_of(text));
}

static enum rc parse_cidr(struct text text, void *out)
{
    return cidr_parse(text, out);
}

static void print_cidr(const void *cidr, struct buf *out)
{
    char text[CIDR_TEXT_BYTES];

    cidr_print(cidr, text, sizeof(text));
    buf_add(out, text_of(text));
}

static enum rc parse_ticket_key(struct text text, void *out)
{
    struct snap_ticket_key *key = out;
    size_t len;

    TRY(hex_decode(text, (char *)key->bytes, sizeof(key->bytes), &len));
    return len == sizeof(key->bytes) ? RC_OK : RC_BAD;
}

static void print_ticket_key(const void *item, struct buf *out)
{
    const struct snap_ticket_key *key = item;
    char hex[2 * sizeof(key->bytes) + 1];

    hex_encode((struct text){(const char *)key->bytes, sizeof(key->bytes)}, hex);
    buf_add(out, text_of(hex));
}

#define IP_TEXT .parse = parse_ip, .print = print_ip, .rule = "must be an IPv4 address"
#define CIDR_TEXT                             \
    .parse = parse_cidr, .print = print_cidr, \
    .rule = "must be a CIDR block without host bits, as 10.0.0.0/8"

static const struct record_member cidr_element = {
    .kind = RECORD_PRINTED, .width = sizeof(struct snap_cidr), CIDR_TEXT};

/* ---- certificates ------------------------------------------------------------------------- */

static const struct record_member certificate_members[] = {
    {"arn", RECORD_TEXT, AT(struct snap_certificate, arn), .is_required = true},
    {"chain_pem", RECORD_TEXT, AT(struct snap_certificate, chain_pem), .is_required = true},
    {"key_pem", RECORD_TEXT, AT(struct snap_certificate, key_pem), .is_required = true},
    {"names", RECORD_LIST,
     LIST_AT(struct snap_certificate, names, name_count, &text_element, VALUES_MAX)},
};
static const struct record certificate_record =
    RECORD(struct snap_certificate, certificate_members, snap_certificate_finish);
static const struct record_member certificate_element = {.kind = RECORD_STRUCT,
                                                         .record = &certificate_record};

static const struct record_member trust_store_members[] = {
    {"arn", RECORD_TEXT, AT(struct snap_trust_store, arn), .is_required = true},
    {"bundle_pem", RECORD_TEXT, AT(struct snap_trust_store, bundle_pem), .is_required = true},
    {"crl_pem", RECORD_TEXT, AT(struct snap_trust_store, crl_pem)},
};
static const struct record trust_store_record =
    RECORD(struct snap_trust_store, trust_store_members, snap_trust_store_finish);
static const struct record_member trust_store_element = {.kind = RECORD_STRUCT,
                                                         .record = &trust_store_record};

static const struct record_member ticket_key_element = {.kind = RECORD_PRINTED,
                                                        .width = sizeof(struct snap_ticket_key),
                                                        .parse = parse_ticket_key,
                                                        .print = print_ticket_key,
                                                        .rule = "must be 80 bytes as hex digits"};

/* ---- target groups ------------------------------------------------------------------------ */

static const struct record_member target_members[] = {
    {"id", RECORD_TEXT, AT(struct snap_target, id), .is_required = true},
    {"ip", RECORD_PRINTED, AT(struct snap_target, ip), IP_TEXT},
    {"port", RECORD_NUMBER, AT(struct snap_target, port), .min = 1, .max = 65535,
     .is_required = true},
    {"zone", RECORD_TEXT, AT(struct snap_target, zone), .preset_text = "all"},
    {"draining", RECORD_BOOL, AT(struct snap_target, is_draining)},
    {"drain_until_unix_ms", RECORD_NUMBER, AT(struct snap_target, drain_until_unix_ms), .min = 0,
     .max = INT64_MAX},
};
static const struct record target_record =
    RECORD(struct snap_target, target_members, snap_target_finish);
static const struct record_member target_element = {.kind = RECORD_STRUCT,
                                                    .record = &target_record};

static const struct record_member health_members[] = {
    {"protocol", RECORD_WORD, AT(struct snap_health, protocol), .words = protocol_words},
    {"port", RECORD_NUMBER, AT(struct snap_health, port), .min = 0, .max = 65535},
    {"path", RECORD_TEXT, AT(struct snap_health, path)},
    {"matcher", RECORD_TEXT, AT(struct snap_health, matcher)},
    {"interval_ms", RECORD_NUMBER, AT(struct snap_health, interval_ms), .min = 20, .max = DAY_MS,
     .preset = 30000},
    {"timeout_ms", RECORD_NUMBER, AT(struct snap_health, timeout_ms), .min = 10, .max = DAY_MS,
     .preset = 5000},
    {"healthy_threshold", RECORD_NUMBER, AT(struct snap_health, healthy_threshold), .min = 1,
     .max = 10, .preset = 5},
    {"unhealthy_threshold", RECORD_NUMBER, AT(struct snap_health, unhealthy_threshold), .min = 1,
     .max = 10, .preset = 2},
    {"initial_healthy_checks", RECORD_NUMBER, AT(struct snap_health, initial_healthy_checks),
     .min = 0, .max = 10},
};
static const struct record health_record =
    RECORD(struct snap_health, health_members, snap_health_finish);

static const struct record_member group_members[] = {
    {"name", RECORD_TEXT, AT(struct snap_group, name), .is_required = true},
    {"arn", RECORD_TEXT, AT(struct snap_group, arn)},
    {"id", RECORD_TEXT, AT(struct snap_group, id)},
    {"protocol", RECORD_WORD, AT(struct snap_group, protocol), .words = protocol_words},
    {"version", RECORD_WORD, AT(struct snap_group, version), .words = version_words},
    {"algorithm", RECORD_WORD, AT(struct snap_group, algorithm), .words = algorithm_words},
    {"health", RECORD_STRUCT, AT(struct snap_group, health), .record = &health_record},
    {"slow_start_ms", RECORD_NUMBER, AT(struct snap_group, slow_start_ms), .min = 0,
     .max = 900 * 1000},
    {"drain_ms", RECORD_NUMBER, AT(struct snap_group, drain_ms), .min = 0, .max = 3600 * 1000,
     .preset = 300 * 1000},
    {"cross_zone", RECORD_BOOL, AT(struct snap_group, is_cross_zone), .preset = true},
    {"reset_forwarding", RECORD_BOOL, AT(struct snap_group, forwards_resets)},
    {"unhealthy_routing_count", RECORD_NUMBER, AT(struct snap_group, unhealthy_routing_count),
     .min = 1, .max = TARGETS_MAX, .preset = 1},
    {"unhealthy_routing_percent", RECORD_NUMBER, AT(struct snap_group, unhealthy_routing_percent),
     .min = 0, .max = 100},
    {"targets", RECORD_LIST,
     LIST_AT(struct snap_group, targets, target_count, &target_element, TARGETS_MAX)},
};
const struct record snap_group_record = RECORD(struct snap_group, group_members, snap_group_finish);
static const struct record_member group_element = {.kind = RECORD_STRUCT,
                                                   .record = &snap_group_record};

/* ---- what stands above, by its name ------------------------------------------------------- */

static struct text group_name(const void *group)
{
    return ((const struct snap_group *)group)->arn;
}

static struct text certificate_name(const void *certificate)
{
    return ((const struct snap_certificate *)certificate)->arn;
}

static struct text trust_store_name(const void *trust_store)
{
    return ((const struct snap_trust_store *)trust_store)->arn;
}

/* ---- actions ------------------------------------------------------------------------------ */

static const struct record_member weighted_members[] = {
    {"group", RECORD_NAMED, POINTER_AT(struct snap_weighted, group), .find = snap_find_group,
     .name_of = group_name, .is_required = true},
    {"weight", RECORD_NUMBER, AT(struct snap_weighted, weight), .min = 0, .max = 999, .preset = 1},
};
static const struct record weighted_record = RECORD(struct snap_weighted, weighted_members, NULL);
static const struct record_member weighted_element = {.kind = RECORD_STRUCT,
                                                      .record = &weighted_record};

/* AWS elbv2 API, CreateRule: 5 target groups per forward action. */
static const struct record_member forward_members[] = {
    {"groups", RECORD_LIST,
     LIST_AT(struct snap_action, forward.groups, forward.count, &weighted_element, 5)},
    {"sticky", RECORD_BOOL, AT(struct snap_action, forward.is_sticky)},
    {"sticky_seconds", RECORD_NUMBER, AT(struct snap_action, forward.sticky_seconds), .min = 0,
     .max = 604800},
};
static const struct record forward_record = RECORD(struct snap_action, forward_members, NULL);

static const struct record_member redirect_members[] = {
    {"protocol", RECORD_TEXT, AT(struct snap_action, redirect.protocol),
     .preset_text = "#{protocol}"},
    {"host", RECORD_TEXT, AT(struct snap_action, redirect.host), .preset_text = "#{host}"},
    {"port", RECORD_TEXT, AT(struct snap_action, redirect.port), .preset_text = "#{port}"},
    {"path", RECORD_TEXT, AT(struct snap_action, redirect.path), .preset_text = "/#{path}"},
    {"query", RECORD_TEXT, AT(struct snap_action, redirect.query), .preset_text = "#{query}"},
    {"status", RECORD_NUMBER, AT(struct snap_action, redirect.status), .min = 0, .max = 302},
};
static const struct record redirect_record = RECORD(struct snap_action, redirect_members, NULL);

static const struct record_member fixed_members[] = {
    {"status", RECORD_NUMBER, AT(struct snap_action, fixed.status), .min = 0, .max = 599},
    {"content_type", RECORD_TEXT, AT(struct snap_action, fixed.content_type),
     .preset_text = "text/plain"},
    {"body", RECORD_TEXT, AT(struct snap_action, fixed.body)},
};
static const struct record fixed_record = RECORD(struct snap_action, fixed_members, NULL);

/* The three are views of the whole action, so they stand at offset 0. */
static const struct record_member action_members[] = {
    {"type", RECORD_WORD, AT(struct snap_action, type), .words = action_words, .is_required = true},
    {"forward", RECORD_STRUCT, .record = &forward_record},
    {"redirect", RECORD_STRUCT, .record = &redirect_record},
    {"fixed", RECORD_STRUCT, .record = &fixed_record},
};
const struct record snap_action_record =
    RECORD(struct snap_action, action_members, snap_action_finish);
static const struct record_member action_element = {.kind = RECORD_STRUCT,
                                                    .record = &snap_action_record};

/* ---- rules -------------------------------------------------------------------------------- */

static const struct record_member pair_members[] = {
    {"key", RECORD_TEXT, AT(struct snap_pair, key)},
    {"value", RECORD_TEXT, AT(struct snap_pair, value), .is_required = true},
};
static const struct record pair_record = RECORD(struct snap_pair, pair_members, NULL);
static const struct record_member pair_element = {.kind = RECORD_STRUCT, .record = &pair_record};

static const struct record_member condition_members[] = {
    {"type", RECORD_WORD, AT(struct snap_condition, type), .words = condition_words,
     .is_required = true},
    {"field", RECORD_TEXT, AT(struct snap_condition, field)},
    {"values", RECORD_LIST,
     LIST_AT(struct snap_condition, values, value_count, &text_element, VALUES_MAX)},
    {"regexes", RECORD_LIST,
     LIST_AT(struct snap_condition, regexes, regex_count, &text_element, VALUES_MAX)},
    {"pairs", RECORD_LIST,
     LIST_AT(struct snap_condition, pairs, pair_count, &pair_element, VALUES_MAX)},
    {"cidrs", RECORD_LIST,
     LIST_AT(struct snap_condition, cidrs, cidr_count, &cidr_element, VALUES_MAX)},
};
static const struct record condition_record =
    RECORD(struct snap_condition, condition_members, snap_condition_finish);
static const struct record_member condition_element = {.kind = RECORD_STRUCT,
                                                       .record = &condition_record};

static const struct record_member rule_members[] = {
    {"arn", RECORD_TEXT, AT(struct snap_rule, arn)},
    {"priority", RECORD_NUMBER, AT(struct snap_rule, priority), .min = 0, .max = 50000},
    {"conditions", RECORD_LIST,
     LIST_AT(struct snap_rule, conditions, condition_count, &condition_element, VALUES_MAX)},
    {"actions", RECORD_LIST,
     LIST_AT(struct snap_rule, actions, action_count, &action_element, VALUES_MAX)},
};
static const struct record rule_record = RECORD(struct snap_rule, rule_members, snap_rule_finish);
static const struct record_member rule_element = {.kind = RECORD_STRUCT, .record = &rule_record};

/* ---- listeners ---------------------------------------------------------------------------- */

static const struct record_member certificate_name_element = {
    .kind = RECORD_NAMED, .find = snap_find_certificate, .name_of = certificate_name};

static const struct record_member field_members[] = {
    {"name", RECORD_TEXT, AT(struct snap_field, name), .is_required = true},
    {"value", RECORD_TEXT, AT(struct snap_field, value), .is_required = true},
};
static const struct record field_record =
    RECORD(struct snap_field, field_members, snap_field_finish);
static const struct record_member field_element = {.kind = RECORD_STRUCT, .record = &field_record};

static const struct record_member listener_members[] = {
    {"arn", RECORD_TEXT, AT(struct snap_listener, arn)},
    {"port", RECORD_NUMBER, AT(struct snap_listener, port), .min = 1, .max = 65535,
     .is_required = true},
    {"protocol", RECORD_WORD, AT(struct snap_listener, protocol), .words = protocol_words},
    {"rules", RECORD_LIST,
     LIST_AT(struct snap_listener, rules, rule_count, &rule_element, RULES_MAX)},
    {"ssl_policy", RECORD_TEXT, AT(struct snap_listener, ssl_policy)},
    {"certificates", RECORD_LIST, POINTER_AT(struct snap_listener, certificates),
     .count_offset = offsetof(struct snap_listener, certificate_count),
     .element = &certificate_name_element, .element_size = sizeof(void *),
     .count_max = CERTIFICATES_MAX},
    {"server_header", RECORD_BOOL, AT(struct snap_listener, is_server_header_enabled),
     .preset = true},
    {"response_fields", RECORD_LIST,
     LIST_AT(struct snap_listener, response_fields, response_field_count, &field_element,
             FIELDS_MAX)},
    {"renamed_fields", RECORD_LIST,
     LIST_AT(struct snap_listener, renamed_fields, renamed_field_count, &field_element,
             FIELDS_MAX)},
    {"client_auth", RECORD_WORD, AT(struct snap_listener, client_auth), .words = client_auth_words},
    {"trust_store", RECORD_NAMED, POINTER_AT(struct snap_listener, trust_store),
     .find = snap_find_trust_store, .name_of = trust_store_name},
    {"ignore_client_expiry", RECORD_BOOL, AT(struct snap_listener, ignores_client_expiry)},
    {"advertise_ca_names", RECORD_BOOL, AT(struct snap_listener, advertises_ca_names)},
};
const struct record snap_listener_record =
    RECORD(struct snap_listener, listener_members, snap_listener_finish);
static const struct record_member listener_element = {.kind = RECORD_STRUCT,
                                                      .record = &snap_listener_record};

/* ---- load balancers ----------------------------------------------------------------------- */

static const struct record_member address_members[] = {
    {"zone", RECORD_TEXT, AT(struct snap_address, zone), .is_required = true},
    {"ip", RECORD_PRINTED, AT(struct snap_address, ip), IP_TEXT, .is_required = true},
};
static const struct record address_record = RECORD(struct snap_address, address_members, NULL);
static const struct record_member address_element = {.kind = RECORD_STRUCT,
                                                     .record = &address_record};

static const struct record_member ingress_members[] = {
    {"source", RECORD_PRINTED, AT(struct snap_ingress, source), CIDR_TEXT, .is_required = true},
    {"from_port", RECORD_NUMBER, AT(struct snap_ingress, from_port), .min = 0, .max = 65535},
    {"to_port", RECORD_NUMBER, AT(struct snap_ingress, to_port), .min = 0, .max = 65535,
     .preset = 65535},
};
static const struct record ingress_record =
    RECORD(struct snap_ingress, ingress_members, snap_ingress_finish);
static const struct record_member ingress_element = {.kind = RECORD_STRUCT,
                                                     .record = &ingress_record};

static const struct record_member balancer_members[] = {
    {"name", RECORD_TEXT, AT(struct snap_balancer, name), .is_required = true},
    {"arn", RECORD_TEXT, AT(struct snap_balancer, arn)},
    {"id", RECORD_TEXT, AT(struct snap_balancer, id)},
    {"dns_name", RECORD_TEXT, AT(struct snap_balancer, dns_name)},
    {"scheme", RECORD_WORD, AT(struct snap_balancer, scheme), .words = scheme_words},
    {"addresses", RECORD_LIST,
     LIST_AT(struct snap_balancer, addresses, address_count, &address_element, ADDRESSES_MAX)},
    {"ingress", RECORD_LIST,
     LIST_AT(struct snap_balancer, ingress, ingress_count, &ingress_element, INGRESS_MAX),
     .is_always_written = true},
    {"idle_timeout_ms", RECORD_NUMBER, AT(struct snap_balancer, idle_timeout_ms), .min = 10,
     .max = 4000 * 1000, .preset = 60 * 1000},
    {"keep_alive_ms", RECORD_NUMBER, AT(struct snap_balancer, keep_alive_ms), .min = 10,
     .max = 604800LL * 1000, .preset = 3600 * 1000},
    {"desync_mode", RECORD_WORD, AT(struct snap_balancer, desync_mode), .words = desync_words},
    {"xff_mode", RECORD_WORD, AT(struct snap_balancer, xff_mode), .words = xff_words},
    {"xff_client_port", RECORD_BOOL, AT(struct snap_balancer, is_xff_client_port)},
    {"preserve_host", RECORD_BOOL, AT(struct snap_balancer, preserves_host)},
    {"drop_invalid_fields", RECORD_BOOL, AT(struct snap_balancer, drops_invalid_fields)},
    {"http2", RECORD_BOOL, AT(struct snap_balancer, is_http2), .preset = true},
    {"tls_fields", RECORD_BOOL, AT(struct snap_balancer, adds_tls_fields)},
    {"access_log", RECORD_BOOL, AT(struct snap_balancer, logs_requests)},
    {"connection_log", RECORD_BOOL, AT(struct snap_balancer, logs_connections)},
    {"health_check_log", RECORD_BOOL, AT(struct snap_balancer, logs_health_checks)},
    {"listeners", RECORD_LIST,
     LIST_AT(struct snap_balancer, listeners, listener_count, &listener_element, LISTENERS_MAX)},
};
const struct record snap_balancer_record =
    RECORD(struct snap_balancer, balancer_members, snap_balancer_finish);
static const struct record_member balancer_element = {.kind = RECORD_STRUCT,
                                                      .record = &snap_balancer_record};

/* ---- the document ------------------------------------------------------------------------- */

static const struct record_member document_members[] = {
    {"revision", RECORD_NUMBER, AT(struct snap_document, revision), .min = 1, .max = INT64_MAX,
     .preset = 1},
    {"region", RECORD_TEXT, AT(struct snap_document, region), .preset_text = "us-east-1"},
    {"ticket_keys", RECORD_LIST,
     LIST_AT(struct snap_document, ticket_keys, ticket_key_count, &ticket_key_element,
             TICKET_KEYS_MAX)},
    {"certificates", RECORD_LIST,
     LIST_AT(struct snap_document, certificates, certificate_count, &certificate_element,
             CERTIFICATES_MAX)},
    {"trust_stores", RECORD_LIST,
     LIST_AT(struct snap_document, trust_stores, trust_store_count, &trust_store_element,
             TRUST_STORES_MAX)},
    {"groups", RECORD_LIST,
     LIST_AT(struct snap_document, groups, group_count, &group_element, GROUPS_MAX)},
    {"balancers", RECORD_LIST,
     LIST_AT(struct snap_document, balancers, balancer_count, &balancer_element, BALANCERS_MAX)},
};
const struct record snap_document_record = RECORD(struct snap_document, document_members, NULL);
