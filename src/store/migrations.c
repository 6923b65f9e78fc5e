/* SPDX-License-Identifier: Apache-2.0 */
/* The schema as the list of its changes. A migration that was ever released is never edited: append
 * the next one. STRICT is SQLite's word for what PostgreSQL does anyway. */
#include "store/query.h"
#include "store/store_inner.h"

#include <stdio.h>

static enum rc read_version(struct store *store, int64_t *out);
static enum rc apply(struct store *store, size_t from);
static enum rc is_foreign(struct store *store, bool *out);

/* meta      'schema': how many of these were applied; 'revision': transactions that changed rows.
 * tag       of anything that can have tags, by EC2 id or ARN; its owner removes them. */
static const char core[] =
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;"
    "INSERT INTO meta (key, value) VALUES ('schema', 0), ('revision', 0);"
    "CREATE TABLE tag (resource TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
    " PRIMARY KEY (resource, key)) STRICT;";

/* security_group_rule  ports are -1 where the protocol has none or all; exactly one of cidr4, cidr6
 *                      and peer_group_id is set, the others are '' or NULL.
 * network_interface    balancer: the ARN of the load balancer it belongs to. */
static const char network[] =
    "CREATE TABLE vpc (id TEXT PRIMARY KEY, cidr TEXT NOT NULL, is_default INTEGER NOT NULL,"
    " association_id TEXT NOT NULL, dhcp_options_id TEXT NOT NULL, tenancy TEXT NOT NULL,"
    " dns_support INTEGER NOT NULL, dns_hostnames INTEGER NOT NULL,"
    " usage_metrics INTEGER NOT NULL) STRICT;"
    "CREATE UNIQUE INDEX vpc_default ON vpc (is_default) WHERE is_default = 1;"

    "CREATE TABLE subnet (id TEXT PRIMARY KEY, vpc_id TEXT NOT NULL REFERENCES vpc (id),"
    " cidr TEXT NOT NULL, zone TEXT NOT NULL, is_default INTEGER NOT NULL,"
    " maps_public_ip INTEGER NOT NULL) STRICT;"
    "CREATE INDEX subnet_vpc ON subnet (vpc_id);"

    "CREATE TABLE internet_gateway (id TEXT PRIMARY KEY,"
    " vpc_id TEXT UNIQUE REFERENCES vpc (id)) STRICT;"

    "CREATE TABLE security_group (id TEXT PRIMARY KEY, vpc_id TEXT NOT NULL REFERENCES vpc (id),"
    " name TEXT NOT NULL, description TEXT NOT NULL, UNIQUE (vpc_id, name)) STRICT;"

    "CREATE TABLE security_group_rule (id TEXT PRIMARY KEY,"
    " group_id TEXT NOT NULL REFERENCES security_group (id) ON DELETE CASCADE,"
    " is_egress INTEGER NOT NULL, protocol TEXT NOT NULL,"
    " from_port INTEGER NOT NULL, to_port INTEGER NOT NULL,"
    " cidr4 TEXT NOT NULL, cidr6 TEXT NOT NULL,"
    " peer_group_id TEXT REFERENCES security_group (id),"
    " description TEXT, position INTEGER NOT NULL) STRICT;"
    "CREATE UNIQUE INDEX security_group_rule_once ON security_group_rule (group_id, is_egress,"
    " protocol, from_port, to_port, cidr4, cidr6, coalesce(peer_group_id, ''));"
    "CREATE INDEX security_group_rule_group ON security_group_rule (group_id, position);"
    "CREATE INDEX security_group_rule_peer ON security_group_rule (peer_group_id);"

    "CREATE TABLE network_interface (id TEXT PRIMARY KEY,"
    " subnet_id TEXT NOT NULL REFERENCES subnet (id), balancer TEXT NOT NULL,"
    " description TEXT NOT NULL, private_ip TEXT NOT NULL, public_ip TEXT, mac TEXT NOT NULL,"
    " attachment_id TEXT NOT NULL, requester TEXT NOT NULL, created_ms INTEGER NOT NULL) STRICT;"
    "CREATE INDEX network_interface_balancer ON network_interface (balancer);"
    "CREATE INDEX network_interface_subnet ON network_interface (subnet_id);"
    "CREATE TABLE network_interface_group ("
    " interface_id TEXT NOT NULL REFERENCES network_interface (id) ON DELETE CASCADE,"
    " group_id TEXT NOT NULL REFERENCES security_group (id),"
    " PRIMARY KEY (interface_id, group_id)) STRICT;"
    "CREATE INDEX network_interface_group_group ON network_interface_group (group_id);";

/* balancer       the load balancer; zones and security groups (balancer_member) go with it.
 * rule           priority 0 is the listener's default rule; the documents are JSON
 * (control/action.h). forward        which target groups a rule refers to: they cannot be deleted
 * meanwhile. target         drain_until_ms: 0 while registered, else when its deregistration delay
 * is over. attribute      of load balancers, target groups and listeners, by ARN: what is not the
 * default. */
static const char elbv2[] =
    "CREATE TABLE balancer (arn TEXT PRIMARY KEY, id TEXT NOT NULL, name TEXT NOT NULL UNIQUE,"
    " dns_name TEXT NOT NULL, scheme TEXT NOT NULL, vpc_id TEXT NOT NULL REFERENCES vpc (id),"
    " ip_address_type TEXT NOT NULL, created_ms INTEGER NOT NULL) STRICT;"
    "CREATE TABLE balancer_zone ("
    " balancer TEXT NOT NULL REFERENCES balancer (arn) ON DELETE CASCADE, zone TEXT NOT NULL,"
    " subnet_id TEXT NOT NULL REFERENCES subnet (id), address TEXT NOT NULL,"
    " PRIMARY KEY (balancer, zone)) STRICT;"
    "CREATE INDEX balancer_zone_subnet ON balancer_zone (subnet_id);"
    "CREATE TABLE balancer_member ("
    " balancer TEXT NOT NULL REFERENCES balancer (arn) ON DELETE CASCADE,"
    " security_group_id TEXT NOT NULL REFERENCES security_group (id),"
    " position INTEGER NOT NULL, PRIMARY KEY (balancer, security_group_id)) STRICT;"
    "CREATE INDEX balancer_member_group ON balancer_member (security_group_id);"

    "CREATE TABLE target_group (arn TEXT PRIMARY KEY, id TEXT NOT NULL,"
    " name TEXT NOT NULL UNIQUE, target_type TEXT NOT NULL, protocol TEXT NOT NULL,"
    " protocol_version TEXT NOT NULL, ip_address_type TEXT NOT NULL,"
    " vpc_id TEXT NOT NULL REFERENCES vpc (id), port INTEGER NOT NULL,"
    " health_protocol TEXT NOT NULL, health_port TEXT NOT NULL, health_path TEXT NOT NULL,"
    " health_matcher TEXT NOT NULL, health_interval_s INTEGER NOT NULL,"
    " health_timeout_s INTEGER NOT NULL, healthy_threshold INTEGER NOT NULL,"
    " unhealthy_threshold INTEGER NOT NULL, created_ms INTEGER NOT NULL) STRICT;"
    "CREATE INDEX target_group_vpc ON target_group (vpc_id);"
    "CREATE TABLE target ("
    " group_arn TEXT NOT NULL REFERENCES target_group (arn) ON DELETE CASCADE,"
    " id TEXT NOT NULL, port INTEGER NOT NULL, zone TEXT NOT NULL,"
    " names_zone INTEGER NOT NULL, drain_until_ms INTEGER NOT NULL,"
    " PRIMARY KEY (group_arn, id, port)) STRICT;"
    "CREATE INDEX target_draining ON target (drain_until_ms) WHERE drain_until_ms > 0;"

    "CREATE TABLE listener (arn TEXT PRIMARY KEY,"
    " balancer TEXT NOT NULL REFERENCES balancer (arn) ON DELETE CASCADE,"
    " port INTEGER NOT NULL, protocol TEXT NOT NULL, ssl_policy TEXT NOT NULL,"
    " created_ms INTEGER NOT NULL, UNIQUE (balancer, port)) STRICT;"
    "CREATE TABLE listener_certificate ("
    " listener TEXT NOT NULL REFERENCES listener (arn) ON DELETE CASCADE,"
    " certificate TEXT NOT NULL, is_default INTEGER NOT NULL,"
    " PRIMARY KEY (listener, certificate, is_default)) STRICT;"
    "CREATE INDEX listener_certificate_arn ON listener_certificate (certificate);"
    "CREATE TABLE rule (arn TEXT PRIMARY KEY,"
    " listener TEXT NOT NULL REFERENCES listener (arn) ON DELETE CASCADE,"
    " priority INTEGER NOT NULL, conditions TEXT NOT NULL, actions TEXT NOT NULL,"
    " transforms TEXT NOT NULL, UNIQUE (listener, priority)) STRICT;"
    "CREATE TABLE forward (rule TEXT NOT NULL REFERENCES rule (arn) ON DELETE CASCADE,"
    " target_group TEXT NOT NULL REFERENCES target_group (arn),"
    " PRIMARY KEY (rule, target_group)) STRICT;"
    "CREATE INDEX forward_group ON forward (target_group);"

    "CREATE TABLE attribute (resource TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
    " PRIMARY KEY (resource, key)) STRICT;";

/* certificate    name is unique among IAM's and NULL for ACM's; key_pem is why the file is 0600.
 * ticket_key     what resumes TLS sessions, newest first; shared by all nodes, rotated. */
static const char certificates[] =
    "CREATE TABLE certificate (arn TEXT PRIMARY KEY, source TEXT NOT NULL, body_pem TEXT NOT NULL,"
    " chain_pem TEXT NOT NULL, key_pem TEXT NOT NULL, created_ms INTEGER NOT NULL,"
    " imported_ms INTEGER NOT NULL, name TEXT UNIQUE, path TEXT NOT NULL, id TEXT NOT NULL) STRICT;"
    "CREATE TABLE ticket_key (created_ms INTEGER PRIMARY KEY, hex TEXT NOT NULL) STRICT;";

/* route_table  main_association_id is '' for all but the one that a VPC began with.
 * route        what is not the local route; a gateway that is gone leaves a black hole.
 * network_acl  a VPC's default one, the only one there is.
 * VPCs that are there already get what new ones have, by names made of their own. */
static const char routes[] =
    "CREATE TABLE route_table (id TEXT PRIMARY KEY, vpc_id TEXT NOT NULL REFERENCES vpc (id),"
    " main_association_id TEXT NOT NULL) STRICT;"
    "CREATE UNIQUE INDEX route_table_main ON route_table (vpc_id) WHERE main_association_id <> '';"
    "CREATE INDEX route_table_vpc ON route_table (vpc_id);"
    "CREATE TABLE route ("
    " table_id TEXT NOT NULL REFERENCES route_table (id) ON DELETE CASCADE,"
    " destination TEXT NOT NULL, gateway_id TEXT NOT NULL, PRIMARY KEY (table_id, destination))"
    " STRICT;"
    "CREATE TABLE route_table_association (id TEXT PRIMARY KEY,"
    " table_id TEXT NOT NULL REFERENCES route_table (id),"
    " subnet_id TEXT NOT NULL UNIQUE REFERENCES subnet (id) ON DELETE CASCADE) STRICT;"
    "CREATE INDEX route_table_association_table ON route_table_association (table_id);"
    "CREATE TABLE network_acl (id TEXT PRIMARY KEY,"
    " vpc_id TEXT NOT NULL UNIQUE REFERENCES vpc (id)) STRICT;"
    "INSERT INTO route_table (id, vpc_id, main_association_id)"
    " SELECT 'rtb-' || substr(id, 5), id, 'rtbassoc-' || substr(id, 5) FROM vpc;"
    "INSERT INTO route (table_id, destination, gateway_id)"
    " SELECT 'rtb-' || substr(vpc_id, 5), '0.0.0.0/0', id FROM internet_gateway"
    " WHERE vpc_id IS NOT NULL;"
    "INSERT INTO network_acl (id, vpc_id) SELECT 'acl-' || substr(id, 5), id FROM vpc;";

/* trust_store    the CA bundle of mutual TLS; next_revocation only grows, so no id comes twice.
 * revocation     its revocation lists, as they came.
 * listener_auth  listeners that ask for client certificates; trust_store is NULL unless they
 * verify. */
static const char trust[] =
    "CREATE TABLE trust_store (arn TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
    " bundle_pem TEXT NOT NULL, certificate_count INTEGER NOT NULL,"
    " next_revocation INTEGER NOT NULL, created_ms INTEGER NOT NULL) STRICT;"
    "CREATE TABLE revocation ("
    " trust_store TEXT NOT NULL REFERENCES trust_store (arn) ON DELETE CASCADE,"
    " id INTEGER NOT NULL, entry_count INTEGER NOT NULL, pem TEXT NOT NULL,"
    " PRIMARY KEY (trust_store, id)) STRICT;"
    "CREATE TABLE listener_auth ("
    " listener TEXT PRIMARY KEY REFERENCES listener (arn) ON DELETE CASCADE,"
    " mode TEXT NOT NULL, trust_store TEXT REFERENCES trust_store (arn),"
    " ignores_expiry INTEGER NOT NULL, advertises_ca_names INTEGER NOT NULL) STRICT;"
    "CREATE INDEX listener_auth_trust_store ON listener_auth (trust_store);";

const struct migration migrations[] = {
    {"core", core},     {"network", network}, {"elbv2", elbv2}, {"certificates", certificates},
    {"routes", routes}, {"trust", trust},
};
const size_t migration_count = ARRAY_LEN(migrations);

enum rc migrate(struct store *store, char *why, size_t why_size)
{
    int64_t version = 0;
    bool is_alien = false;
    enum rc rc = is_foreign(store, &is_alien);

    if (rc == RC_OK && is_alien) {
        (void)snprintf(why, why_size,
                       "the store is a database of something else: it has tables "
                       "but no meta of openalb");
        return RC_BAD;
    }
    if (rc == RC_OK) {
        rc = read_version(store, &version);
    }
    if (rc == RC_OK && (version < 0 || (uint64_t)version > migration_count)) {
        (void)snprintf(why, why_size,
                       "the store was written by a newer openalb: its schema is %lld, "
                       "this openalb knows up to %zu",
                       (long long)version, migration_count);
        return RC_BAD;
    }
    if (rc == RC_OK && (size_t)version < migration_count) {
        rc = apply(store, (size_t)version);
    }
    if (rc != RC_OK) {
        (void)snprintf(why, why_size, "the store's schema cannot be brought up to date: %s",
                       store_fault(store));
        return RC_IO;
    }
    return RC_OK;
}

static enum rc has_table(struct store *store, const char *sql, bool *out)
{
    struct query q = query_start(store, NULL, sql);

    *out = query_next(&q) && query_int(&q) > 0;
    q.rc = q.rc == RC_OK ? RC_END : q.rc;
    return query_end(&q);
}

static enum rc is_foreign(struct store *store, bool *out)
{
    bool has_any;
    bool has_meta;

    TRY(has_table(store, "SELECT count(*) FROM sqlite_schema", &has_any));
    TRY(has_table(store, "SELECT count(*) FROM sqlite_schema WHERE name = 'meta'", &has_meta));
    *out = has_any && !has_meta;
    return RC_OK;
}

/* 0 for an empty file. */
static enum rc read_version(struct store *store, int64_t *out)
{
    bool has_meta;

    TRY(has_table(store, "SELECT count(*) FROM sqlite_schema WHERE name = 'meta'", &has_meta));
    if (has_meta) {
        struct query q = query_start(store, NULL, "SELECT value FROM meta WHERE key = 'schema'");

        *out = query_next(&q) ? query_int(&q) : -1;
        return query_end(&q);
    }
    *out = 0;
    return RC_OK;
}

/* All or nothing: DDL is transactional in both databases. */
static enum rc apply(struct store *store, size_t from)
{
    enum rc rc;

    TRY(store_begin(store, STORE_WRITE));
    for (size_t i = from; i < migration_count; i++) {
        if (sqlite3_exec(store->db, migrations[i].sql, NULL, NULL, NULL) != SQLITE_OK) {
            store_rollback(store);
            return RC_IO;
        }
    }
    struct query q = query_start(store, NULL, "UPDATE meta SET value = $1 WHERE key = 'schema'");
    query_put_int(&q, (int64_t)migration_count);
    rc = query_run(&q, NULL);
    if (rc != RC_OK) {
        store_rollback(store);
        return rc;
    }
    return store_commit(store);
}
