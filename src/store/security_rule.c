/* SPDX-License-Identifier: Apache-2.0 */
#include "store/security_rule.h"

#include "store/query.h"

#define SELECT                                                                     \
    "SELECT id, group_id, is_egress, protocol, from_port, to_port, cidr4, cidr6, " \
    "coalesce(peer_group_id, ''), description FROM security_group_rule "

static enum rc read_rows(struct query *q, struct security_rule_rows *out);

enum rc security_rule_row_insert(struct store *store, const struct security_rule_row *row)
{
    struct text peer = row->peer_group_id;
    struct query q = query_start(
        store, NULL,
        "INSERT INTO security_group_rule (id, group_id, is_egress, protocol, from_port, to_port,"
        " cidr4, cidr6, peer_group_id, description, position)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,"
        " (SELECT coalesce(max(position), 0) + 1 FROM security_group_rule WHERE group_id = $11))");

    query_put_text(&q, row->id);
    query_put_text(&q, row->group_id);
    query_put_bool(&q, row->is_egress);
    query_put_text(&q, row->protocol);
    query_put_int(&q, row->from_port);
    query_put_int(&q, row->to_port);
    query_put_text(&q, row->cidr4);
    query_put_text(&q, row->cidr6);
    query_put_optional(&q, text_is_empty(peer) ? (struct text){NULL, 0} : peer);
    query_put_optional(&q, row->description);
    query_put_text(&q, row->group_id);
    return query_run(&q, NULL);
}

enum rc security_rule_row_delete(struct store *store, struct text id)
{
    return query_run_for(store, "DELETE FROM security_group_rule WHERE id = $1", id);
}

enum rc security_rule_row_update(struct store *store, const struct security_rule_row *row)
{
    struct text peer = row->peer_group_id;
    struct query q = query_start(
        store, NULL,
        "UPDATE security_group_rule SET protocol = $1, from_port = $2, to_port = $3, cidr4 = $4,"
        " cidr6 = $5, peer_group_id = $6, description = $7 WHERE id = $8");

    query_put_text(&q, row->protocol);
    query_put_int(&q, row->from_port);
    query_put_int(&q, row->to_port);
    query_put_text(&q, row->cidr4);
    query_put_text(&q, row->cidr6);
    query_put_optional(&q, text_is_empty(peer) ? (struct text){NULL, 0} : peer);
    query_put_optional(&q, row->description);
    query_put_text(&q, row->id);
    return query_run(&q, NULL);
}

enum rc security_rule_row_list(struct store *store, struct arena *arena, struct text group_id,
                               struct security_rule_rows *out)
{
    if (text_is_empty(group_id)) {
        struct query all = query_start(store, arena, SELECT "ORDER BY group_id, position");

        return read_rows(&all, out);
    }
    struct query q = query_start(store, arena, SELECT "WHERE group_id = $1 ORDER BY position");

    query_put_text(&q, group_id);
    return read_rows(&q, out);
}

static enum rc read_rows(struct query *q, struct security_rule_rows *out)
{
    *out = (struct security_rule_rows){NULL, 0};
    while (query_next(q)) {
        struct security_rule_row *row = QUERY_ROW(q, out);

        if (row) {
            row->id = query_text(q);
            row->group_id = query_text(q);
            row->is_egress = query_bool(q);
            row->protocol = query_text(q);
            row->from_port = query_int(q);
            row->to_port = query_int(q);
            row->cidr4 = query_text(q);
            row->cidr6 = query_text(q);
            row->peer_group_id = query_text(q);
            row->description = query_text(q);
        }
    }
    return query_end(q);
}
