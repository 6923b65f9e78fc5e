/* SPDX-License-Identifier: Apache-2.0 */
#include "store/tag.h"

#include "store/query.h"

static enum rc read_rows(struct query *q, struct tag_rows *out);

enum rc tag_row_put(struct store *store, struct text resource, struct text key, struct text value)
{
    struct query q = query_start(store, NULL,
                                 "INSERT INTO tag (resource, key, value) VALUES ($1, $2, $3)"
                                 " ON CONFLICT (resource, key) DO UPDATE SET value = excluded.value"
                                 " WHERE tag.value <> excluded.value");

    query_put_text(&q, resource);
    query_put_text(&q, key);
    query_put_text(&q, value);
    return query_run(&q, NULL);
}

enum rc tag_row_delete(struct store *store, struct text resource, struct text key)
{
    struct query q = query_start(store, NULL, "DELETE FROM tag WHERE resource = $1 AND key = $2");

    query_put_text(&q, resource);
    query_put_text(&q, key);
    return query_run(&q, NULL);
}

enum rc tag_row_delete_all(struct store *store, struct text resource)
{
    return query_run_for(store, "DELETE FROM tag WHERE resource = $1", resource);
}

enum rc tag_row_list(struct store *store, struct arena *arena, struct text resource,
                     struct tag_rows *out)
{
    struct query q = query_start(
        store, arena, "SELECT resource, key, value FROM tag WHERE resource = $1 ORDER BY key");

    query_put_text(&q, resource);
    return read_rows(&q, out);
}

enum rc tag_row_list_all(struct store *store, struct arena *arena, struct text prefix,
                         struct tag_rows *out)
{
    struct query q = query_start(store, arena,
                                 "SELECT resource, key, value FROM tag"
                                 " WHERE substr(resource, 1, $1) = $2 ORDER BY resource, key");

    query_put_int(&q, (int64_t)prefix.len);
    query_put_text(&q, prefix);
    return read_rows(&q, out);
}

static enum rc read_rows(struct query *q, struct tag_rows *out)
{
    *out = (struct tag_rows){NULL, 0};
    while (query_next(q)) {
        struct tag_row *row = QUERY_ROW(q, out);

        if (row) {
            row->resource = query_text(q);
            row->key = query_text(q);
            row->value = query_text(q);
        }
    }
    return query_end(q);
}
