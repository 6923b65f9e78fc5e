/* SPDX-License-Identifier: Apache-2.0 */
#include "store/target_group.h"

#include "store/query.h"

#define COLUMNS                                                                     \
    "arn, id, name, target_type, protocol, protocol_version, ip_address_type, "     \
    "vpc_id, port, health_protocol, health_port, health_path, health_matcher, "     \
    "health_interval_s, health_timeout_s, healthy_threshold, unhealthy_threshold, " \
    "created_ms"

static void read_row(struct query *q, struct target_group_row *row);
static enum rc read_one(struct query *q, struct target_group_row *out);
static enum rc read_rows(struct query *q, struct target_group_rows *out);

enum rc target_group_row_insert(struct store *store, const struct target_group_row *row)
{
    struct query q = query_start(store, NULL,
                                 "INSERT INTO target_group (" COLUMNS ") VALUES ($1, $2, $3, $4,"
                                 " $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,"
                                 " $18)");

    query_put_text(&q, row->arn);
    query_put_text(&q, row->id);
    query_put_text(&q, row->name);
    query_put_text(&q, row->target_type);
    query_put_text(&q, row->protocol);
    query_put_text(&q, row->protocol_version);
    query_put_text(&q, row->ip_address_type);
    query_put_text(&q, row->vpc_id);
    query_put_int(&q, row->port);
    query_put_text(&q, row->health_protocol);
    query_put_text(&q, row->health_port);
    query_put_text(&q, row->health_path);
    query_put_text(&q, row->health_matcher);
    query_put_int(&q, row->health_interval_s);
    query_put_int(&q, row->health_timeout_s);
    query_put_int(&q, row->healthy_threshold);
    query_put_int(&q, row->unhealthy_threshold);
    query_put_int(&q, row->created_ms);
    return query_run(&q, NULL);
}

enum rc target_group_row_update(struct store *store, const struct target_group_row *row)
{
    struct query q =
        query_start(store, NULL,
                    "UPDATE target_group SET health_protocol = $1, health_port = $2,"
                    " health_path = $3, health_matcher = $4, health_interval_s = $5,"
                    " health_timeout_s = $6, healthy_threshold = $7, unhealthy_threshold = $8"
                    " WHERE arn = $9");

    query_put_text(&q, row->health_protocol);
    query_put_text(&q, row->health_port);
    query_put_text(&q, row->health_path);
    query_put_text(&q, row->health_matcher);
    query_put_int(&q, row->health_interval_s);
    query_put_int(&q, row->health_timeout_s);
    query_put_int(&q, row->healthy_threshold);
    query_put_int(&q, row->unhealthy_threshold);
    query_put_text(&q, row->arn);
    return query_run(&q, NULL);
}

enum rc target_group_row_get(struct store *store, struct arena *arena, struct text arn,
                             struct target_group_row *out)
{
    struct query q =
        query_start(store, arena, "SELECT " COLUMNS " FROM target_group WHERE arn = $1");

    query_put_text(&q, arn);
    return read_one(&q, out);
}

enum rc target_group_row_get_named(struct store *store, struct arena *arena, struct text name,
                                   struct target_group_row *out)
{
    struct query q =
        query_start(store, arena, "SELECT " COLUMNS " FROM target_group WHERE name = $1");

    query_put_text(&q, name);
    return read_one(&q, out);
}

enum rc target_group_row_list(struct store *store, struct arena *arena,
                              struct target_group_rows *out)
{
    struct query q =
        query_start(store, arena, "SELECT " COLUMNS " FROM target_group ORDER BY name");

    return read_rows(&q, out);
}

enum rc target_group_row_list_of_balancer(struct store *store, struct arena *arena,
                                          struct text balancer, struct target_group_rows *out)
{
    struct query q = query_start(
        store, arena,
        "SELECT " COLUMNS " FROM target_group WHERE arn IN (SELECT f.target_group"
        " FROM forward f JOIN rule r ON r.arn = f.rule JOIN listener l ON l.arn = r.listener"
        " WHERE l.balancer = $1) ORDER BY name");

    query_put_text(&q, balancer);
    return read_rows(&q, out);
}

enum rc target_group_row_count(struct store *store, int64_t *out)
{
    struct query q = query_start(store, NULL, "SELECT count(*) FROM target_group");

    if (query_next(&q)) {
        *out = query_int(&q);
    }
    return query_end_one(&q);
}

enum rc target_group_row_remove(struct store *store, struct text arn)
{
    return query_run_for(store, "DELETE FROM target_group WHERE arn = $1", arn);
}

enum rc target_group_row_balancer(struct store *store, struct arena *arena, struct text arn,
                                  struct text *out)
{
    struct query q =
        query_start(store, arena,
                    "SELECT l.balancer FROM forward f JOIN rule r ON r.arn = f.rule"
                    " JOIN listener l ON l.arn = r.listener WHERE f.target_group = $1 LIMIT 1");

    query_put_text(&q, arn);
    if (query_next(&q)) {
        *out = query_text(&q);
    }
    return query_end_one(&q);
}

static void read_row(struct query *q, struct target_group_row *row)
{
    row->arn = query_text(q);
    row->id = query_text(q);
    row->name = query_text(q);
    row->target_type = query_text(q);
    row->protocol = query_text(q);
    row->protocol_version = query_text(q);
    row->ip_address_type = query_text(q);
    row->vpc_id = query_text(q);
    row->port = query_int(q);
    row->health_protocol = query_text(q);
    row->health_port = query_text(q);
    row->health_path = query_text(q);
    row->health_matcher = query_text(q);
    row->health_interval_s = query_int(q);
    row->health_timeout_s = query_int(q);
    row->healthy_threshold = query_int(q);
    row->unhealthy_threshold = query_int(q);
    row->created_ms = query_int(q);
}

static enum rc read_one(struct query *q, struct target_group_row *out)
{
    if (query_next(q)) {
        read_row(q, out);
    }
    return query_end_one(q);
}

static enum rc read_rows(struct query *q, struct target_group_rows *out)
{
    *out = (struct target_group_rows){NULL, 0};
    while (query_next(q)) {
        struct target_group_row *row = QUERY_ROW(q, out);

        if (row) {
            read_row(q, row);
        }
    }
    return query_end(q);
}
