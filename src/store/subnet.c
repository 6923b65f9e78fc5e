/* SPDX-License-Identifier: Apache-2.0 */
#include "store/subnet.h"

#include "store/query.h"

#define SELECT                                                                   \
    "SELECT id, vpc_id, cidr, zone, is_default, maps_public_ip,"                 \
    " (SELECT count(*) FROM network_interface n WHERE n.subnet_id = subnet.id) " \
    "FROM subnet "

static void read_row(struct query *q, struct subnet_row *row);

enum rc subnet_row_insert(struct store *store, const struct subnet_row *row)
{
    struct query q =
        query_start(store, NULL,
                    "INSERT INTO subnet (id, vpc_id, cidr, zone, is_default, maps_public_ip)"
                    " VALUES ($1, $2, $3, $4, $5, $6)");

    query_put_text(&q, row->id);
    query_put_text(&q, row->vpc_id);
    query_put_text(&q, row->cidr);
    query_put_text(&q, row->zone);
    query_put_bool(&q, row->is_default);
    query_put_bool(&q, row->maps_public_ip);
    return query_run(&q, NULL);
}

enum rc subnet_row_get(struct store *store, struct arena *arena, struct text id,
                       struct subnet_row *out)
{
    struct query q = query_start(store, arena, SELECT "WHERE id = $1");

    query_put_text(&q, id);
    if (query_next(&q)) {
        read_row(&q, out);
    }
    return query_end_one(&q);
}

enum rc subnet_row_set_maps_public_ip(struct store *store, struct text id, bool value)
{
    struct query q =
        query_start(store, NULL, "UPDATE subnet SET maps_public_ip = $1 WHERE id = $2");

    query_put_bool(&q, value);
    query_put_text(&q, id);
    return query_run(&q, NULL);
}

enum rc subnet_row_delete(struct store *store, struct text id)
{
    return query_run_for(store, "DELETE FROM subnet WHERE id = $1", id);
}

enum rc subnet_row_list(struct store *store, struct arena *arena, struct subnet_rows *out)
{
    struct query q = query_start(store, arena, SELECT "ORDER BY zone, id");

    *out = (struct subnet_rows){NULL, 0};
    while (query_next(&q)) {
        struct subnet_row *row = QUERY_ROW(&q, out);

        if (row) {
            read_row(&q, row);
        }
    }
    return query_end(&q);
}

static void read_row(struct query *q, struct subnet_row *row)
{
    row->id = query_text(q);
    row->vpc_id = query_text(q);
    row->cidr = query_text(q);
    row->zone = query_text(q);
    row->is_default = query_bool(q);
    row->maps_public_ip = query_bool(q);
    row->interface_count = query_int(q);
}
