/* SPDX-License-Identifier: Apache-2.0 */
#include "store/internet_gateway.h"

#include "store/query.h"

enum rc internet_gateway_row_insert(struct store *store, const struct internet_gateway_row *row)
{
    struct query q =
        query_start(store, NULL, "INSERT INTO internet_gateway (id, vpc_id) VALUES ($1, $2)");

    query_put_text(&q, row->id);
    query_put_optional(&q, row->vpc_id);
    return query_run(&q, NULL);
}

enum rc internet_gateway_row_get(struct store *store, struct arena *arena, struct text id,
                                 struct internet_gateway_row *out)
{
    struct query q =
        query_start(store, arena, "SELECT id, vpc_id FROM internet_gateway WHERE id = $1");

    query_put_text(&q, id);
    if (query_next(&q)) {
        out->id = query_text(&q);
        out->vpc_id = query_text(&q);
    }
    return query_end_one(&q);
}

enum rc internet_gateway_row_set_vpc(struct store *store, struct text id, struct text vpc_id)
{
    struct query q =
        query_start(store, NULL, "UPDATE internet_gateway SET vpc_id = $1 WHERE id = $2");

    query_put_optional(&q, vpc_id);
    query_put_text(&q, id);
    return query_run(&q, NULL);
}

enum rc internet_gateway_row_delete(struct store *store, struct text id)
{
    return query_run_for(store, "DELETE FROM internet_gateway WHERE id = $1", id);
}

enum rc internet_gateway_row_list(struct store *store, struct arena *arena,
                                  struct internet_gateway_rows *out)
{
    struct query q =
        query_start(store, arena, "SELECT id, vpc_id FROM internet_gateway ORDER BY id");

    *out = (struct internet_gateway_rows){NULL, 0};
    while (query_next(&q)) {
        struct internet_gateway_row *row = QUERY_ROW(&q, out);

        if (row) {
            row->id = query_text(&q);
            row->vpc_id = query_text(&q);
        }
    }
    return query_end(&q);
}
