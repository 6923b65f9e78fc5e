/* SPDX-License-Identifier: Apache-2.0 */
#include "store/network_acl.h"

#include "store/query.h"

enum rc network_acl_row_insert(struct store *store, const struct network_acl_row *row)
{
    struct query q =
        query_start(store, NULL, "INSERT INTO network_acl (id, vpc_id) VALUES ($1, $2)");

    query_put_text(&q, row->id);
    query_put_text(&q, row->vpc_id);
    return query_run(&q, NULL);
}

enum rc network_acl_row_delete(struct store *store, struct text id)
{
    return query_run_for(store, "DELETE FROM network_acl WHERE id = $1", id);
}

enum rc network_acl_row_list(struct store *store, struct arena *arena, struct network_acl_rows *out)
{
    struct query q = query_start(store, arena, "SELECT id, vpc_id FROM network_acl ORDER BY id");

    *out = (struct network_acl_rows){NULL, 0};
    while (query_next(&q)) {
        struct network_acl_row *row = QUERY_ROW(&q, out);

        if (row) {
            row->id = query_text(&q);
            row->vpc_id = query_text(&q);
        }
    }
    return query_end(&q);
}
