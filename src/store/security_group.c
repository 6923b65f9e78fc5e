/* SPDX-License-Identifier: Apache-2.0 */
#include "store/security_group.h"

#include "store/query.h"

#define SELECT "SELECT id, vpc_id, name, description FROM security_group "

static void read_row(struct query *q, struct security_group_row *row);
static enum rc delete_own_references(struct store *store, struct text id);

enum rc security_group_row_insert(struct store *store, const struct security_group_row *row)
{
    struct query q = query_start(store, NULL,
                                 "INSERT INTO security_group (id, vpc_id, name, description)"
                                 " VALUES ($1, $2, $3, $4)");

    query_put_text(&q, row->id);
    query_put_text(&q, row->vpc_id);
    query_put_text(&q, row->name);
    query_put_text(&q, row->description);
    return query_run(&q, NULL);
}

enum rc security_group_row_delete(struct store *store, struct text id)
{
    TRY(delete_own_references(store, id));
    return query_run_for(store, "DELETE FROM security_group WHERE id = $1", id);
}

enum rc security_group_row_get(struct store *store, struct arena *arena, struct text id,
                               struct security_group_row *out)
{
    struct query q = query_start(store, arena, SELECT "WHERE id = $1");

    query_put_text(&q, id);
    if (query_next(&q)) {
        read_row(&q, out);
    }
    return query_end_one(&q);
}

enum rc security_group_row_get_named(struct store *store, struct arena *arena, struct text vpc_id,
                                     struct text name, struct security_group_row *out)
{
    struct query q = query_start(store, arena, SELECT "WHERE vpc_id = $1 AND name = $2");

    query_put_text(&q, vpc_id);
    query_put_text(&q, name);
    if (query_next(&q)) {
        read_row(&q, out);
    }
    return query_end_one(&q);
}

enum rc security_group_row_list(struct store *store, struct arena *arena,
                                struct security_group_rows *out)
{
    struct query q = query_start(store, arena, SELECT "ORDER BY id");

    *out = (struct security_group_rows){NULL, 0};
    while (query_next(&q)) {
        struct security_group_row *row = QUERY_ROW(&q, out);

        if (row) {
            read_row(&q, row);
        }
    }
    return query_end(&q);
}

enum rc security_group_row_count(struct store *store, int64_t *out)
{
    struct query q = query_start(store, NULL, "SELECT count(*) FROM security_group");

    if (query_next(&q)) {
        *out = query_int(&q);
    }
    return query_end_one(&q);
}

static void read_row(struct query *q, struct security_group_row *row)
{
    row->id = query_text(q);
    row->vpc_id = query_text(q);
    row->name = query_text(q);
    row->description = query_text(q);
}

/* A rule that allows the group itself is no reason to keep it. */
static enum rc delete_own_references(struct store *store, struct text id)
{
    struct query q = query_start(
        store, NULL, "DELETE FROM security_group_rule WHERE group_id = $1 AND peer_group_id = $2");

    query_put_text(&q, id);
    query_put_text(&q, id);
    return query_run(&q, NULL);
}
