/* SPDX-License-Identifier: Apache-2.0 */
#include "store/route_table.h"

#include "store/query.h"

static enum rc run_or_absent(struct query *q);

enum rc route_table_row_insert(struct store *store, const struct route_table_row *row)
{
    struct query q = query_start(store, NULL,
                                 "INSERT INTO route_table (id, vpc_id, main_association_id)"
                                 " VALUES ($1, $2, $3)");

    query_put_text(&q, row->id);
    query_put_text(&q, row->vpc_id);
    query_put_text(&q, row->main_association_id);
    return query_run(&q, NULL);
}

enum rc route_table_row_get(struct store *store, struct arena *arena, struct text id,
                            struct route_table_row *out)
{
    struct query q = query_start(
        store, arena, "SELECT id, vpc_id, main_association_id FROM route_table WHERE id = $1");

    query_put_text(&q, id);
    if (query_next(&q)) {
        out->id = query_text(&q);
        out->vpc_id = query_text(&q);
        out->main_association_id = query_text(&q);
    }
    return query_end_one(&q);
}

enum rc route_table_row_delete(struct store *store, struct text id)
{
    return query_run_for(store, "DELETE FROM route_table WHERE id = $1", id);
}

enum rc route_table_row_list(struct store *store, struct arena *arena, struct route_table_rows *out)
{
    struct query q = query_start(
        store, arena, "SELECT id, vpc_id, main_association_id FROM route_table ORDER BY id");

    *out = (struct route_table_rows){NULL, 0};
    while (query_next(&q)) {
        struct route_table_row *row = QUERY_ROW(&q, out);

        if (row) {
            row->id = query_text(&q);
            row->vpc_id = query_text(&q);
            row->main_association_id = query_text(&q);
        }
    }
    return query_end(&q);
}

enum rc route_row_insert(struct store *store, const struct route_row *row)
{
    struct query q = query_start(store, NULL,
                                 "INSERT INTO route (table_id, destination, gateway_id)"
                                 " VALUES ($1, $2, $3)");

    query_put_text(&q, row->table_id);
    query_put_text(&q, row->destination);
    query_put_text(&q, row->gateway_id);
    return query_run(&q, NULL);
}

enum rc route_row_update(struct store *store, const struct route_row *row)
{
    struct query q = query_start(
        store, NULL, "UPDATE route SET gateway_id = $1 WHERE table_id = $2 AND destination = $3");

    query_put_text(&q, row->gateway_id);
    query_put_text(&q, row->table_id);
    query_put_text(&q, row->destination);
    return run_or_absent(&q);
}

enum rc route_row_delete(struct store *store, struct text table_id, struct text destination)
{
    struct query q =
        query_start(store, NULL, "DELETE FROM route WHERE table_id = $1 AND destination = $2");

    query_put_text(&q, table_id);
    query_put_text(&q, destination);
    return run_or_absent(&q);
}

enum rc route_row_list(struct store *store, struct arena *arena, struct route_rows *out)
{
    struct query q = query_start(store, arena,
                                 "SELECT table_id, destination, gateway_id FROM route"
                                 " ORDER BY table_id, destination");

    *out = (struct route_rows){NULL, 0};
    while (query_next(&q)) {
        struct route_row *row = QUERY_ROW(&q, out);

        if (row) {
            row->table_id = query_text(&q);
            row->destination = query_text(&q);
            row->gateway_id = query_text(&q);
        }
    }
    return query_end(&q);
}

enum rc route_association_row_insert(struct store *store, const struct route_association_row *row)
{
    struct query q = query_start(store, NULL,
                                 "INSERT INTO route_table_association (id, table_id, subnet_id)"
                                 " VALUES ($1, $2, $3)");

    query_put_text(&q, row->id);
    query_put_text(&q, row->table_id);
    query_put_text(&q, row->subnet_id);
    return query_run(&q, NULL);
}

enum rc route_association_row_delete(struct store *store, struct text id)
{
    struct query q = query_start(store, NULL, "DELETE FROM route_table_association WHERE id = $1");

    query_put_text(&q, id);
    return run_or_absent(&q);
}

enum rc route_association_row_list(struct store *store, struct arena *arena,
                                   struct route_association_rows *out)
{
    struct query q = query_start(store, arena,
                                 "SELECT id, table_id, subnet_id FROM route_table_association"
                                 " ORDER BY table_id, id");

    *out = (struct route_association_rows){NULL, 0};
    while (query_next(&q)) {
        struct route_association_row *row = QUERY_ROW(&q, out);

        if (row) {
            row->id = query_text(&q);
            row->table_id = query_text(&q);
            row->subnet_id = query_text(&q);
        }
    }
    return query_end(&q);
}

static enum rc run_or_absent(struct query *q)
{
    int64_t changed = 0;

    TRY(query_run(q, &changed));
    return changed > 0 ? RC_OK : RC_ABSENT;
}
