/* SPDX-License-Identifier: Apache-2.0 */
#include "store/rule.h"

#include "store/query.h"

#define COLUMNS "arn, listener, priority, conditions, actions, transforms"

static void read_row(struct query *q, struct rule_row *row);
static enum rc read_one(struct query *q, struct rule_row *out);

enum rc rule_row_insert(struct store *store, const struct rule_row *row)
{
    struct query q =
        query_start(store, NULL, "INSERT INTO rule (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6)");

    query_put_text(&q, row->arn);
    query_put_text(&q, row->listener);
    query_put_int(&q, row->priority);
    query_put_text(&q, row->conditions);
    query_put_text(&q, row->actions);
    query_put_text(&q, row->transforms);
    return query_run(&q, NULL);
}

enum rc rule_row_update(struct store *store, const struct rule_row *row)
{
    struct query q = query_start(store, NULL,
                                 "UPDATE rule SET conditions = $1, actions = $2, transforms = $3"
                                 " WHERE arn = $4");

    query_put_text(&q, row->conditions);
    query_put_text(&q, row->actions);
    query_put_text(&q, row->transforms);
    query_put_text(&q, row->arn);
    return query_run(&q, NULL);
}

enum rc rule_row_set_priority(struct store *store, struct text arn, int64_t priority)
{
    struct query q = query_start(store, NULL, "UPDATE rule SET priority = $1 WHERE arn = $2");

    query_put_int(&q, priority);
    query_put_text(&q, arn);
    return query_run(&q, NULL);
}

enum rc rule_row_get(struct store *store, struct arena *arena, struct text arn,
                     struct rule_row *out)
{
    struct query q = query_start(store, arena, "SELECT " COLUMNS " FROM rule WHERE arn = $1");

    query_put_text(&q, arn);
    return read_one(&q, out);
}

enum rc rule_row_get_at(struct store *store, struct arena *arena, struct text listener,
                        int64_t priority, struct rule_row *out)
{
    struct query q = query_start(
        store, arena, "SELECT " COLUMNS " FROM rule WHERE listener = $1 AND priority = $2");

    query_put_text(&q, listener);
    query_put_int(&q, priority);
    return read_one(&q, out);
}

enum rc rule_row_list(struct store *store, struct arena *arena, struct text listener,
                      struct rule_rows *out)
{
    struct query q = query_start(store, arena,
                                 "SELECT " COLUMNS " FROM rule WHERE listener = $1"
                                 " ORDER BY priority = 0, priority");

    query_put_text(&q, listener);
    *out = (struct rule_rows){NULL, 0};
    while (query_next(&q)) {
        struct rule_row *row = QUERY_ROW(&q, out);

        if (row) {
            read_row(&q, row);
        }
    }
    return query_end(&q);
}

enum rc rule_row_count(struct store *store, struct text balancer, int64_t *out)
{
    return query_count_for(store,
                           "SELECT count(*) FROM rule r JOIN listener l ON l.arn = r.listener"
                           " WHERE l.balancer = $1 AND r.priority <> 0",
                           balancer, out);
}

enum rc rule_row_remove(struct store *store, struct text arn)
{
    return query_run_for(store, "DELETE FROM rule WHERE arn = $1", arn);
}

enum rc forward_row_remove_all(struct store *store, struct text rule)
{
    return query_run_for(store, "DELETE FROM forward WHERE rule = $1", rule);
}

enum rc forward_row_put(struct store *store, struct text rule, struct text target_group)
{
    struct query q = query_start(store, NULL,
                                 "INSERT INTO forward (rule, target_group) VALUES ($1, $2)"
                                 " ON CONFLICT (rule, target_group) DO NOTHING");

    query_put_text(&q, rule);
    query_put_text(&q, target_group);
    return query_run(&q, NULL);
}

enum rc forward_row_count(struct store *store, struct text balancer, int64_t *out)
{
    return query_count_for(store,
                           "SELECT count(DISTINCT f.target_group) FROM forward f"
                           " JOIN rule r ON r.arn = f.rule JOIN listener l ON l.arn = r.listener"
                           " WHERE l.balancer = $1",
                           balancer, out);
}

static void read_row(struct query *q, struct rule_row *row)
{
    row->arn = query_text(q);
    row->listener = query_text(q);
    row->priority = query_int(q);
    row->conditions = query_text(q);
    row->actions = query_text(q);
    row->transforms = query_text(q);
}

static enum rc read_one(struct query *q, struct rule_row *out)
{
    if (query_next(q)) {
        read_row(q, out);
    }
    return query_end_one(q);
}
