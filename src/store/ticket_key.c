/* SPDX-License-Identifier: Apache-2.0 */
#include "store/ticket_key.h"

#include "store/query.h"

enum rc ticket_key_row_insert(struct store *store, const struct ticket_key_row *row)
{
    struct query q =
        query_start(store, NULL, "INSERT INTO ticket_key (created_ms, hex) VALUES ($1, $2)");

    query_put_int(&q, row->created_ms);
    query_put_text(&q, row->hex);
    return query_run(&q, NULL);
}

enum rc ticket_key_row_delete_before(struct store *store, int64_t created_ms)
{
    struct query q = query_start(store, NULL, "DELETE FROM ticket_key WHERE created_ms < $1");

    query_put_int(&q, created_ms);
    return query_run(&q, NULL);
}

enum rc ticket_key_row_list(struct store *store, struct arena *arena, struct ticket_key_rows *out)
{
    struct query q = query_start(store, arena,
                                 "SELECT created_ms, hex FROM ticket_key ORDER BY created_ms DESC");

    *out = (struct ticket_key_rows){NULL, 0};
    while (query_next(&q)) {
        struct ticket_key_row *row = QUERY_ROW(&q, out);

        if (row) {
            row->created_ms = query_int(&q);
            row->hex = query_text(&q);
        }
    }
    return query_end(&q);
}
