/* SPDX-License-Identifier: Apache-2.0 */
#include "store/target.h"

#include "store/query.h"

#define COLUMNS "group_arn, id, port, zone, names_zone, drain_until_ms"

static void read_row(struct query *q, struct target_row *row);
static enum rc read_rows(struct query *q, struct target_rows *out);
static enum rc read_count(struct query *q, int64_t *out);

enum rc target_row_put(struct store *store, const struct target_row *row)
{
    struct query q =
        query_start(store, NULL,
                    "INSERT INTO target (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6)"
                    " ON CONFLICT (group_arn, id, port) DO UPDATE SET zone = excluded.zone,"
                    " names_zone = excluded.names_zone, drain_until_ms = excluded.drain_until_ms");

    query_put_text(&q, row->group);
    query_put_text(&q, row->id);
    query_put_int(&q, row->port);
    query_put_text(&q, row->zone);
    query_put_bool(&q, row->names_zone);
    query_put_int(&q, row->drain_until_ms);
    return query_run(&q, NULL);
}

enum rc target_row_get(struct store *store, struct arena *arena, struct text group, struct text id,
                       int64_t port, struct target_row *out)
{
    struct query q = query_start(store, arena,
                                 "SELECT " COLUMNS " FROM target WHERE group_arn = $1"
                                 " AND id = $2 AND port = $3");

    query_put_text(&q, group);
    query_put_text(&q, id);
    query_put_int(&q, port);
    if (query_next(&q)) {
        read_row(&q, out);
    }
    return query_end_one(&q);
}

enum rc target_row_drain(struct store *store, struct text group, struct text id, int64_t port,
                         int64_t until_ms)
{
    struct query q = query_start(store, NULL,
                                 "UPDATE target SET drain_until_ms = $1 WHERE group_arn = $2"
                                 " AND id = $3 AND port = $4");

    query_put_int(&q, until_ms);
    query_put_text(&q, group);
    query_put_text(&q, id);
    query_put_int(&q, port);
    return query_run(&q, NULL);
}

enum rc target_row_remove(struct store *store, struct text group, struct text id, int64_t port)
{
    struct query q = query_start(
        store, NULL, "DELETE FROM target WHERE group_arn = $1 AND id = $2 AND port = $3");

    query_put_text(&q, group);
    query_put_text(&q, id);
    query_put_int(&q, port);
    return query_run(&q, NULL);
}

enum rc target_row_list(struct store *store, struct arena *arena, struct text group,
                        struct target_rows *out)
{
    struct query q = query_start(
        store, arena, "SELECT " COLUMNS " FROM target WHERE group_arn = $1 ORDER BY id, port");

    query_put_text(&q, group);
    return read_rows(&q, out);
}

enum rc target_row_list_all(struct store *store, struct arena *arena, struct target_rows *out)
{
    struct query q =
        query_start(store, arena, "SELECT " COLUMNS " FROM target ORDER BY group_arn, id, port");

    return read_rows(&q, out);
}

enum rc target_row_count(struct store *store, struct text group, int64_t *out)
{
    struct query q = query_start(store, NULL,
                                 "SELECT count(*) FROM target WHERE group_arn = $1"
                                 " AND drain_until_ms = 0");

    query_put_text(&q, group);
    return read_count(&q, out);
}

enum rc target_row_count_of_balancer(struct store *store, struct text balancer, int64_t *out)
{
    struct query q =
        query_start(store, NULL,
                    "SELECT count(*) FROM target WHERE drain_until_ms = 0 AND group_arn IN"
                    " (SELECT f.target_group FROM forward f JOIN rule r ON r.arn = f.rule"
                    " JOIN listener l ON l.arn = r.listener WHERE l.balancer = $1)");

    query_put_text(&q, balancer);
    return read_count(&q, out);
}

enum rc target_row_remove_drained(struct store *store, int64_t now_ms, int64_t *removed,
                                  int64_t *next_ms)
{
    struct query gone = query_start(
        store, NULL, "DELETE FROM target WHERE drain_until_ms > 0 AND drain_until_ms <= $1");

    query_put_int(&gone, now_ms);
    TRY(query_run(&gone, removed));
    return target_row_next_drained(store, next_ms);
}

enum rc target_row_next_drained(struct store *store, int64_t *next_ms)
{
    struct query q =
        query_start(store, NULL,
                    "SELECT coalesce(min(drain_until_ms), 0) FROM target WHERE drain_until_ms > 0");

    return read_count(&q, next_ms);
}

static void read_row(struct query *q, struct target_row *row)
{
    row->group = query_text(q);
    row->id = query_text(q);
    row->port = query_int(q);
    row->zone = query_text(q);
    row->names_zone = query_bool(q);
    row->drain_until_ms = query_int(q);
}

static enum rc read_rows(struct query *q, struct target_rows *out)
{
    *out = (struct target_rows){NULL, 0};
    while (query_next(q)) {
        struct target_row *row = QUERY_ROW(q, out);

        if (row) {
            read_row(q, row);
        }
    }
    return query_end(q);
}

static enum rc read_count(struct query *q, int64_t *out)
{
    if (query_next(q)) {
        *out = query_int(q);
    }
    return query_end_one(q);
}
