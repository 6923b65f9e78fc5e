/* SPDX-License-Identifier: Apache-2.0 */
#include "store/certificate.h"

#include "store/query.h"

#define COLUMNS "arn, source, body_pem, chain_pem, key_pem, created_ms, imported_ms, name, path, id"
#define SELECT  "SELECT " COLUMNS " FROM certificate "

static void put_row(struct query *q, const struct certificate_row *row)
{
    query_put_text(q, row->arn);
    query_put_text(q, row->source);
    query_put_text(q, row->body_pem);
    query_put_text(q, row->chain_pem);
    query_put_text(q, row->key_pem);
    query_put_int(q, row->created_ms);
    query_put_int(q, row->imported_ms);
    query_put_optional(q, row->name.len ? row->name : (struct text){NULL, 0});
    query_put_text(q, row->path);
    query_put_text(q, row->id);
}

static void read_row(struct query *q, struct certificate_row *row)
{
    row->arn = query_text(q);
    row->source = query_text(q);
    row->body_pem = query_text(q);
    row->chain_pem = query_text(q);
    row->key_pem = query_text(q);
    row->created_ms = query_int(q);
    row->imported_ms = query_int(q);
    row->name = query_text(q);
    row->path = query_text(q);
    row->id = query_text(q);
}

enum rc certificate_row_insert(struct store *store, const struct certificate_row *row)
{
    struct query q = query_start(store, NULL,
                                 "INSERT INTO certificate (" COLUMNS
                                 ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");

    put_row(&q, row);
    return query_run(&q, NULL);
}

enum rc certificate_row_update(struct store *store, struct text arn,
                               const struct certificate_row *row)
{
    int64_t changed = 0;
    struct query q = query_start(store, NULL,
                                 "UPDATE certificate SET arn = $1, source = $2, body_pem = $3,"
                                 " chain_pem = $4, key_pem = $5, created_ms = $6, imported_ms = $7,"
                                 " name = $8, path = $9, id = $10 WHERE arn = $11");

    put_row(&q, row);
    query_put_text(&q, arn);
    TRY(query_run(&q, &changed));
    return changed == 1 ? RC_OK : RC_ABSENT;
}

enum rc certificate_row_delete(struct store *store, struct text arn)
{
    int64_t changed = 0;
    struct query q = query_start(store, NULL, "DELETE FROM certificate WHERE arn = $1");

    query_put_text(&q, arn);
    TRY(query_run(&q, &changed));
    return changed == 1 ? RC_OK : RC_ABSENT;
}

enum rc certificate_row_get(struct store *store, struct arena *arena, struct text arn,
                            struct certificate_row *out)
{
    struct query q = query_start(store, arena, SELECT "WHERE arn = $1");

    query_put_text(&q, arn);
    if (query_next(&q)) {
        read_row(&q, out);
    }
    return query_end_one(&q);
}

enum rc certificate_row_get_named(struct store *store, struct arena *arena, struct text name,
                                  struct certificate_row *out)
{
    struct query q = query_start(store, arena, SELECT "WHERE name = $1");

    query_put_text(&q, name);
    if (query_next(&q)) {
        read_row(&q, out);
    }
    return query_end_one(&q);
}

enum rc certificate_row_list(struct store *store, struct arena *arena, struct text source,
                             struct certificate_rows *out)
{
    struct query q = query_start(store, arena, SELECT "WHERE $1 = '' OR source = $2 ORDER BY arn");

    *out = (struct certificate_rows){NULL, 0};
    query_put_text(&q, source);
    query_put_text(&q, source);
    while (query_next(&q)) {
        struct certificate_row *row = QUERY_ROW(&q, out);

        if (row) {
            read_row(&q, row);
        }
    }
    return query_end(&q);
}

enum rc certificate_row_users(struct store *store, struct arena *arena, struct text arn,
                              struct text **out, size_t *count)
{
    struct {
        struct text *at;
        size_t count;
    } users = {NULL, 0};
    struct query q =
        query_start(store, arena,
                    "SELECT DISTINCT listener.balancer FROM listener_certificate"
                    " JOIN listener ON listener.arn = listener_certificate.listener"
                    " WHERE listener_certificate.certificate = $1 ORDER BY listener.balancer");

    query_put_text(&q, arn);
    while (query_next(&q)) {
        struct text *user = QUERY_ROW(&q, &users);

        if (user) {
            *user = query_text(&q);
        }
    }
    *out = users.at;
    *count = users.count;
    return query_end(&q);
}
