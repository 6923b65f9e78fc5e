/* SPDX-License-Identifier: Apache-2.0 */
/* snapshot: the treaty between control and the others: the desired state of the world at one
 * revision, as nodes and dns need it. Validated whole on entry, immutable after.
 *
 * Form     a JSON document (docs/snapshot.md), the same on the feed and in a file written by hand.
 *          Members left out have the defaults of AWS.
 * Owner    one arena; snapshot_unref() of the last reference frees all. References may be taken and
 *          dropped by any thread.
 * Sources  AWS ELBv2 resources and attributes by their own words. */
#pragma once
#include "base/text.h"

struct snapshot;

enum snap_scheme { SNAP_INTERNET_FACING, SNAP_INTERNAL };
enum snap_protocol { SNAP_HTTP, SNAP_HTTPS };
enum snap_version { SNAP_HTTP1, SNAP_HTTP2, SNAP_GRPC };
enum snap_desync_mode { SNAP_DEFENSIVE, SNAP_MONITOR, SNAP_STRICTEST };
enum snap_xff_mode { SNAP_XFF_APPEND, SNAP_XFF_PRESERVE, SNAP_XFF_REMOVE };
enum snap_client_auth { SNAP_AUTH_OFF, SNAP_AUTH_PASSTHROUGH, SNAP_AUTH_VERIFY };
enum snap_algorithm { SNAP_ROUND_ROBIN, SNAP_LEAST_OUTSTANDING, SNAP_WEIGHTED_RANDOM };

/* IPv4 in host order; IPv6 comes as a second kind later. */
struct snap_cidr {
    uint32_t network;
    uint8_t prefix_len; /* 0..32 */
};

/* One allowance of a security group, source groups resolved to addresses. */
struct snap_ingress {
    struct snap_cidr source;
    uint16_t from_port;
    uint16_t to_port; /* inclusive */
};

struct snap_address {
    struct text zone; /* "us-east-1a" */
    uint32_t ip;      /* host order: what this zone's node listens on and dns answers */
};

struct snap_weighted {
    const struct snap_group *group;
    uint16_t weight; /* 0..999 */
};

enum snap_action_type { SNAP_FORWARD, SNAP_REDIRECT, SNAP_FIXED_RESPONSE };

struct snap_action {
    enum snap_action_type type;
    struct {
        const struct snap_weighted *groups;
        size_t count;
        bool is_sticky;
        int64_t sticky_seconds;
    } forward;
    struct {
        struct text protocol, host, port, path, query; /* with tokens: "#{host}" */
        int status;                                    /* 301 or 302 */
    } redirect;
    struct {
        int status;
        struct text content_type, body;
    } fixed;
};

enum snap_condition_type {
    SNAP_HOST,
    SNAP_PATH,
    SNAP_FIELD,
    SNAP_METHOD,
    SNAP_QUERY,
    SNAP_SOURCE_IP
};

struct snap_pair {
    struct text key; /* empty: any */
    struct text value;
};

struct snap_condition {
    enum snap_condition_type type;
    struct text field;         /* SNAP_FIELD: its name */
    const struct text *values; /* wildcard patterns; methods exact */
    const struct text *regexes;
    const struct snap_pair *pairs; /* SNAP_QUERY */
    const struct snap_cidr *cidrs; /* SNAP_SOURCE_IP */
    size_t value_count, regex_count, pair_count, cidr_count;
};

struct snap_rule {
    struct text arn;
    int priority; /* 1..50000; 0: the default rule, last in the list, without conditions */
    const struct snap_condition *conditions;
    size_t condition_count;
    const struct snap_action *actions;
    size_t action_count;
};

struct snap_certificate {
    struct text arn;
    struct text chain_pem; /* leaf first */
    struct text key_pem;
    const struct text *names; /* the leaf's DNS names, lower case, "*.x" among them */
    size_t name_count;
};

/* What resumes TLS sessions, on every node alike: tls/context.h says what is in it. */
enum { SNAP_TICKET_KEY_BYTES = 80 };
struct snap_ticket_key {
    unsigned char bytes[SNAP_TICKET_KEY_BYTES];
};

struct snap_field {
    struct text name, value;
};

/* Whose client certificates are taken, and which of those are not. */
struct snap_trust_store {
    struct text arn;
    struct text bundle_pem; /* CAs */
    struct text crl_pem;    /* revocation lists, or empty */
};

struct snap_listener {
    struct text arn;
    uint16_t port;
    enum snap_protocol protocol;
    const struct snap_rule *rules; /* ascending priority, the default rule last; never empty */
    size_t rule_count;
    struct text ssl_policy;                             /* HTTPS only, as the two below */
    const struct snap_certificate *const *certificates; /* the default one first */
    size_t certificate_count;
    bool is_server_header_enabled;
    const struct snap_field *response_fields; /* set on every answer */
    size_t response_field_count;
    const struct snap_field *renamed_fields; /* ours toward targets, and what each is called then */
    size_t renamed_field_count;
    enum snap_client_auth client_auth; /* mutual TLS; the three below only with VERIFY */
    const struct snap_trust_store *trust_store;
    bool ignores_client_expiry, advertises_ca_names;
};

struct snap_balancer {
    struct text arn, id /* app/name/hex */, name, dns_name;
    enum snap_scheme scheme;
    const struct snap_address *addresses; /* one a zone */
    size_t address_count;
    const struct snap_ingress *ingress; /* nothing listed: nobody may connect */
    size_t ingress_count;
    const struct snap_listener *listeners;
    size_t listener_count;
    int64_t idle_timeout_ms, keep_alive_ms;
    enum snap_desync_mode desync_mode;
    enum snap_xff_mode xff_mode;
    bool is_xff_client_port, preserves_host, drops_invalid_fields, is_http2, adds_tls_fields;
    bool logs_requests, logs_connections, logs_health_checks;
};

struct snap_target {
    struct text id; /* as registered: an address, or an instance's name */
    uint32_t ip;    /* host order */
    uint16_t port;
    struct text zone; /* "all", or a zone */
    bool is_draining;
    int64_t drain_until_unix_ms;
};

struct snap_health {
    enum snap_protocol protocol;
    uint16_t port; /* 0: traffic-port */
    struct text path, matcher;
    int64_t interval_ms, timeout_ms;
    int healthy_threshold, unhealthy_threshold;
    int initial_healthy_checks; /* OURS: openalb.initial_healthy_checks; default: the threshold */
};

struct snap_group {
    struct text arn, id /* targetgroup/name/hex */, name;
    enum snap_protocol protocol;
    enum snap_version version;
    enum snap_algorithm algorithm;
    struct snap_health health;
    int64_t slow_start_ms, drain_ms;
    bool is_cross_zone;
    bool forwards_resets; /* RST_STREAM of targets goes on to clients, some codes of it */
    const struct snap_target *targets;
    size_t target_count;
    int unhealthy_routing_count;   /* fewer healthy ones than this: all targets get traffic */
    int unhealthy_routing_percent; /* 0: off */
};

const struct snap_ticket_key *snapshot_ticket_keys(const struct snapshot *snapshot,
                                                   size_t *count); /* newest first */
uint64_t snapshot_revision(const struct snapshot *snapshot);
struct text snapshot_region(const struct snapshot *snapshot);
const struct snap_balancer *snapshot_balancers(const struct snapshot *snapshot, size_t *count);
const struct snap_group *snapshot_groups(const struct snapshot *snapshot, size_t *count);
const struct snap_trust_store *snapshot_trust_stores(const struct snapshot *snapshot,
                                                     size_t *count);

struct snapshot *snapshot_ref(struct snapshot *snapshot);
void snapshot_unref(struct snapshot *snapshot); /* NULL is fine */

/* Reads and validates the whole document. RC_BAD: `why` (at least 256 bytes) names the member and
 * the rule: "balancers[0].listeners[1].port: 70000 is not 1 to 65535". RC_LIMIT: too large. */
MUST_USE enum rc snapshot_decode(struct text json, struct snapshot **out, char *why,
                                 size_t why_size);
