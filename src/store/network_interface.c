/* SPDX-License-Identifier: Apache-2.0 */
#include "store/network_interface.h"

#include "store/query.h"

#define SELECT                                                                                  \
    "SELECT n.id, n.subnet_id, s.vpc_id, s.zone, n.balancer, n.description, n.private_ip,"      \
    " n.public_ip, n.mac, n.attachment_id, n.requester, n.created_ms FROM network_interface n " \
    "JOIN subnet s ON s.id = n.subnet_id "

static enum rc read_rows(struct query *q, struct network_interface_rows *out);
static enum rc run_with(struct store *store, const char *sql, struct text argument);

enum rc network_interface_row_insert(struct store *store, const struct network_interface_row *row)
{
    struct query q = query_start(
        store, NULL,
        "INSERT INTO network_interface (id, subnet_id, balancer, description, private_ip,"
        " public_ip, mac, attachment_id, requester, created_ms)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");

    query_put_text(&q, row->id);
    query_put_text(&q, row->subnet_id);
    query_put_text(&q, row->balancer);
    query_put_text(&q, row->description);
    query_put_text(&q, row->private_ip);
    query_put_optional(&q, row->public_ip);
    query_put_text(&q, row->mac);
    query_put_text(&q, row->attachment_id);
    query_put_text(&q, row->requester);
    query_put_int(&q, row->created_ms);
    return query_run(&q, NULL);
}

enum rc network_interface_row_add_group(struct store *store, struct text id, struct text group_id)
{
    struct query q = query_start(store, NULL,
                                 "INSERT INTO network_interface_group (interface_id, group_id)"
                                 " VALUES ($1, $2)");

    query_put_text(&q, id);
    query_put_text(&q, group_id);
    return query_run(&q, NULL);
}

enum rc network_interface_row_clear_groups(struct store *store, struct text id)
{
    return run_with(store, "DELETE FROM network_interface_group WHERE interface_id = $1", id);
}

enum rc network_interface_row_delete(struct store *store, struct text id)
{
    return run_with(store, "DELETE FROM network_interface WHERE id = $1", id);
}

enum rc network_interface_row_list(struct store *store, struct arena *arena,
                                   struct network_interface_rows *out)
{
    struct query q = query_start(store, arena, SELECT "ORDER BY n.id");

    return read_rows(&q, out);
}

enum rc network_interface_row_list_of(struct store *store, struct arena *arena,
                                      struct text balancer, struct network_interface_rows *out)
{
    struct query q = query_start(store, arena, SELECT "WHERE n.balancer = $1 ORDER BY n.id");

    query_put_text(&q, balancer);
    return read_rows(&q, out);
}

enum rc network_interface_row_list_in(struct store *store, struct arena *arena,
                                      struct text subnet_id, struct network_interface_rows *out)
{
    struct query q = query_start(store, arena, SELECT "WHERE n.subnet_id = $1 ORDER BY n.id");

    query_put_text(&q, subnet_id);
    return read_rows(&q, out);
}

enum rc network_interface_row_list_with(struct store *store, struct arena *arena,
                                        struct text group_id, struct network_interface_rows *out)
{
    struct query q = query_start(store, arena,
                                 SELECT "JOIN network_interface_group g ON g.interface_id = n.id"
                                        " WHERE g.group_id = $1 ORDER BY n.id");

    query_put_text(&q, group_id);
    return read_rows(&q, out);
}

enum rc network_interface_row_list_groups(struct store *store, struct arena *arena,
                                          struct network_interface_group_rows *out)
{
    struct query q = query_start(store, arena,
                                 "SELECT n.interface_id, n.group_id, g.name"
                                 " FROM network_interface_group n"
                                 " JOIN security_group g ON g.id = n.group_id"
                                 " ORDER BY n.interface_id, g.name");

    *out = (struct network_interface_group_rows){NULL, 0};
    while (query_next(&q)) {
        struct network_interface_group_row *row = QUERY_ROW(&q, out);

        if (row) {
            row->interface_id = query_text(&q);
            row->group_id = query_text(&q);
            row->group_name = query_text(&q);
        }
    }
    return query_end(&q);
}

static enum rc run_with(struct store *store, const char *sql, struct text argument)
{
    return query_run_for(store, sql, argument);
}

static enum rc read_rows(struct query *q, struct network_interface_rows *out)
{
    *out = (struct network_interface_rows){NULL, 0};
    while (query_next(q)) {
        struct network_interface_row *row = QUERY_ROW(q, out);

        if (row) {
            row->id = query_text(q);
            row->subnet_id = query_text(q);
            row->vpc_id = query_text(q);
            row->zone = query_text(q);
            row->balancer = query_text(q);
            row->description = query_text(q);
            row->private_ip = query_text(q);
            row->public_ip = query_text(q);
            row->mac = query_text(q);
            row->attachment_id = query_text(q);
            row->requester = query_text(q);
            row->created_ms = query_int(q);
        }
    }
    return query_end(q);
}
