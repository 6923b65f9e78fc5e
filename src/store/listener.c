/* SPDX-License-Identifier: Apache-2.0 */
#include "store/listener.h"

#include "store/query.h"

#define COLUMNS "arn, balancer, port, protocol, ssl_policy, created_ms"

static void read_row(struct query *q, struct listener_row *row);
static enum rc read_one(struct query *q, struct listener_row *out);

enum rc listener_row_insert(struct store *store, const struct listener_row *row)
{
    struct query q = query_start(
        store, NULL, "INSERT INTO listener (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6)");

    query_put_text(&q, row->arn);
    query_put_text(&q, row->balancer);
    query_put_int(&q, row->port);
    query_put_text(&q, row->protocol);
    query_put_text(&q, row->ssl_policy);
    query_put_int(&q, row->created_ms);
    return query_run(&q, NULL);
}

enum rc listener_row_update(struct store *store, const struct listener_row *row)
{
    struct query q = query_start(store, NULL,
                                 "UPDATE listener SET port = $1, protocol = $2, ssl_policy = $3"
                                 " WHERE arn = $4");

    query_put_int(&q, row->port);
    query_put_text(&q, row->protocol);
    query_put_text(&q, row->ssl_policy);
    query_put_text(&q, row->arn);
    return query_run(&q, NULL);
}

enum rc listener_row_get(struct store *store, struct arena *arena, struct text arn,
                         struct listener_row *out)
{
    struct query q = query_start(store, arena, "SELECT " COLUMNS " FROM listener WHERE arn = $1");

    query_put_text(&q, arn);
    return read_one(&q, out);
}

enum rc listener_row_get_on(struct store *store, struct arena *arena, struct text balancer,
                            int64_t port, struct listener_row *out)
{
    struct query q = query_start(
        store, arena, "SELECT " COLUMNS " FROM listener WHERE balancer = $1 AND port = $2");

    query_put_text(&q, balancer);
    query_put_int(&q, port);
    return read_one(&q, out);
}

enum rc listener_row_list(struct store *store, struct arena *arena, struct text balancer,
                          struct listener_rows *out)
{
    struct query q = query_start(
        store, arena, "SELECT " COLUMNS " FROM listener WHERE balancer = $1 ORDER BY port");

    query_put_text(&q, balancer);
    *out = (struct listener_rows){NULL, 0};
    while (query_next(&q)) {
        struct listener_row *row = QUERY_ROW(&q, out);

        if (row) {
            read_row(&q, row);
        }
    }
    return query_end(&q);
}

enum rc listener_row_count(struct store *store, struct text balancer, int64_t *out)
{
    return query_count_for(store, "SELECT count(*) FROM listener WHERE balancer = $1", balancer,
                           out);
}

enum rc listener_row_remove(struct store *store, struct text arn)
{
    return query_run_for(store, "DELETE FROM listener WHERE arn = $1", arn);
}

enum rc listener_certificate_row_put(struct store *store,
                                     const struct listener_certificate_row *row)
{
    struct query q =
        query_start(store, NULL,
                    "INSERT INTO listener_certificate (listener, certificate, is_default)"
                    " VALUES ($1, $2, $3) ON CONFLICT (listener, certificate, is_default)"
                    " DO NOTHING");

    query_put_text(&q, row->listener);
    query_put_text(&q, row->certificate);
    query_put_bool(&q, row->is_default);
    return query_run(&q, NULL);
}

enum rc listener_certificate_row_remove(struct store *store, struct text listener,
                                        struct text certificate, bool is_default)
{
    struct query q = query_start(store, NULL,
                                 "DELETE FROM listener_certificate WHERE listener = $1"
                                 " AND certificate = $2 AND is_default = $3");

    query_put_text(&q, listener);
    query_put_text(&q, certificate);
    query_put_bool(&q, is_default);
    return query_run(&q, NULL);
}

enum rc listener_certificate_row_remove_default(struct store *store, struct text listener)
{
    return query_run_for(
        store, "DELETE FROM listener_certificate WHERE listener = $1 AND is_default = 1", listener);
}

enum rc listener_certificate_row_remove_all(struct store *store, struct text listener)
{
    return query_run_for(store, "DELETE FROM listener_certificate WHERE listener = $1", listener);
}

enum rc listener_certificate_row_list(struct store *store, struct arena *arena,
                                      struct text listener, struct listener_certificate_rows *out)
{
    struct query q = query_start(store, arena,
                                 "SELECT listener, certificate, is_default"
                                 " FROM listener_certificate WHERE listener = $1"
                                 " ORDER BY is_default DESC, certificate");

    query_put_text(&q, listener);
    *out = (struct listener_certificate_rows){NULL, 0};
    while (query_next(&q)) {
        struct listener_certificate_row *row = QUERY_ROW(&q, out);

        if (row) {
            row->listener = query_text(&q);
            row->certificate = query_text(&q);
            row->is_default = query_bool(&q);
        }
    }
    return query_end(&q);
}

enum rc listener_certificate_row_count(struct store *store, struct text balancer, int64_t *out)
{
    return query_count_for(store,
                           "SELECT count(DISTINCT c.certificate) FROM listener_certificate c"
                           " JOIN listener l ON l.arn = c.listener"
                           " WHERE l.balancer = $1 AND c.is_default = 0",
                           balancer, out);
}

enum rc listener_certificate_row_uses(struct store *store, struct text certificate, int64_t *out)
{
    return query_count_for(store,
                           "SELECT count(DISTINCT listener) FROM listener_certificate"
                           " WHERE certificate = $1",
                           certificate, out);
}

static void read_row(struct query *q, struct listener_row *row)
{
    row->arn = query_text(q);
    row->balancer = query_text(q);
    row->port = query_int(q);
    row->protocol = query_text(q);
    row->ssl_policy = query_text(q);
    row->created_ms = query_int(q);
}

static enum rc read_one(struct query *q, struct listener_row *out)
{
    if (query_next(q)) {
        read_row(q, out);
    }
    return query_end_one(q);
}
