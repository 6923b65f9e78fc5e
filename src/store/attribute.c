/* SPDX-License-Identifier: Apache-2.0 */
#include "store/attribute.h"

#include "store/query.h"

enum rc attribute_row_put(struct store *store, struct text resource, struct text key,
                          struct text value)
{
    struct query q = query_start(store, NULL,
                                 "INSERT INTO attribute (resource, key, value) VALUES ($1, $2, $3)"
                                 " ON CONFLICT (resource, key) DO UPDATE SET value = excluded.value"
                                 " WHERE attribute.value <> excluded.value");

    query_put_text(&q, resource);
    query_put_text(&q, key);
    query_put_text(&q, value);
    return query_run(&q, NULL);
}

enum rc attribute_row_remove(struct store *store, struct text resource, struct text key)
{
    struct query q =
        query_start(store, NULL, "DELETE FROM attribute WHERE resource = $1 AND key = $2");

    query_put_text(&q, resource);
    query_put_text(&q, key);
    return query_run(&q, NULL);
}

enum rc attribute_row_remove_all(struct store *store, struct text resource)
{
    return query_run_for(store, "DELETE FROM attribute WHERE resource = $1", resource);
}

enum rc attribute_row_list(struct store *store, struct arena *arena, struct text resource,
                           struct attribute_rows *out)
{
    struct query q = query_start(store, arena,
                                 "SELECT resource, key, value FROM attribute WHERE resource = $1"
                                 " ORDER BY key");

    query_put_text(&q, resource);
    *out = (struct attribute_rows){NULL, 0};
    while (query_next(&q)) {
        struct attribute_row *row = QUERY_ROW(&q, out);

        if (row) {
            row->resource = query_text(&q);
            row->key = query_text(&q);
            row->value = query_text(&q);
        }
    }
    return query_end(&q);
}
