/* SPDX-License-Identifier: Apache-2.0 */
#include "store/trust_store.h"

#include "store/query.h"

#define SELECT                                                          \
    "SELECT arn, name, certificate_count, next_revocation, created_ms," \
    " (SELECT coalesce(sum(r.entry_count), 0) FROM revocation r"        \
    " WHERE r.trust_store = trust_store.arn) FROM trust_store "

static void read_row(struct query *q, struct trust_store_row *row)
{
    row->arn = query_text(q);
    row->name = query_text(q);
    row->certificate_count = query_int(q);
    row->next_revocation = query_int(q);
    row->created_ms = query_int(q);
    row->revoked_count = query_int(q);
}

static enum rc get_one(struct store *store, struct arena *arena, const char *sql,
                       struct text argument, struct trust_store_row *out)
{
    struct query q = query_start(store, arena, sql);

    query_put_text(&q, argument);
    if (query_next(&q)) {
        read_row(&q, out);
    }
    return query_end_one(&q);
}

static enum rc get_number(struct store *store, const char *sql, int64_t *out)
{
    struct query q = query_start(store, NULL, sql);

    if (query_next(&q)) {
        *out = query_int(&q);
    }
    return query_end_one(&q);
}

enum rc trust_store_row_insert(struct store *store, const struct trust_store_row *row,
                               struct text bundle_pem)
{
    struct query q = query_start(
        store, NULL,
        "INSERT INTO trust_store (arn, name, bundle_pem, certificate_count, next_revocation,"
        " created_ms) VALUES ($1, $2, $3, $4, $5, $6)");

    query_put_text(&q, row->arn);
    query_put_text(&q, row->name);
    query_put_text(&q, bundle_pem);
    query_put_int(&q, row->certificate_count);
    query_put_int(&q, row->next_revocation);
    query_put_int(&q, row->created_ms);
    return query_run(&q, NULL);
}

enum rc trust_store_row_set_bundle(struct store *store, struct text arn, struct text bundle_pem,
                                   int64_t certificate_count)
{
    struct query q = query_start(
        store, NULL,
        "UPDATE trust_store SET bundle_pem = $1, certificate_count = $2 WHERE arn = $3");

    query_put_text(&q, bundle_pem);
    query_put_int(&q, certificate_count);
    query_put_text(&q, arn);
    return query_run(&q, NULL);
}

enum rc trust_store_row_set_next_revocation(struct store *store, struct text arn, int64_t next)
{
    struct query q =
        query_start(store, NULL, "UPDATE trust_store SET next_revocation = $1 WHERE arn = $2");

    query_put_int(&q, next);
    query_put_text(&q, arn);
    return query_run(&q, NULL);
}

enum rc trust_store_row_remove(struct store *store, struct text arn)
{
    return query_run_for(store, "DELETE FROM trust_store WHERE arn = $1", arn);
}

enum rc trust_store_row_get(struct store *store, struct arena *arena, struct text arn,
                            struct trust_store_row *out)
{
    return get_one(store, arena, SELECT "WHERE arn = $1", arn, out);
}

enum rc trust_store_row_get_named(struct store *store, struct arena *arena, struct text name,
                                  struct trust_store_row *out)
{
    return get_one(store, arena, SELECT "WHERE name = $1", name, out);
}

enum rc trust_store_row_get_bundle(struct store *store, struct arena *arena, struct text arn,
                                   struct text *out)
{
    struct query q = query_start(store, arena, "SELECT bundle_pem FROM trust_store WHERE arn = $1");

    query_put_text(&q, arn);
    if (query_next(&q)) {
        *out = query_text(&q);
    }
    return query_end_one(&q);
}

enum rc trust_store_row_list(struct store *store, struct arena *arena, struct trust_store_rows *out)
{
    struct query q = query_start(store, arena, SELECT "ORDER BY name");

    *out = (struct trust_store_rows){NULL, 0};
    while (query_next(&q)) {
        struct trust_store_row *row = QUERY_ROW(&q, out);

        if (row) {
            read_row(&q, row);
        }
    }
    return query_end(&q);
}

enum rc trust_store_row_count(struct store *store, int64_t *out)
{
    return get_number(store, "SELECT count(*) FROM trust_store", out);
}

/* ---- revocation lists --------------------------------------------------------------------- */

enum rc revocation_row_insert(struct store *store, const struct revocation_row *row,
                              struct text pem)
{
    struct query q = query_start(store, NULL,
                                 "INSERT INTO revocation (trust_store, id, entry_count, pem)"
                                 " VALUES ($1, $2, $3, $4)");

    query_put_text(&q, row->trust_store);
    query_put_int(&q, row->id);
    query_put_int(&q, row->entry_count);
    query_put_text(&q, pem);
    return query_run(&q, NULL);
}

enum rc revocation_row_remove(struct store *store, struct text trust_store, int64_t id)
{
    int64_t changed = 0;
    struct query q =
        query_start(store, NULL, "DELETE FROM revocation WHERE trust_store = $1 AND id = $2");

    query_put_text(&q, trust_store);
    query_put_int(&q, id);
    TRY(query_run(&q, &changed));
    return changed == 1 ? RC_OK : RC_ABSENT;
}

static void read_revocation(struct query *q, struct revocation_row *row)
{
    row->trust_store = query_text(q);
    row->id = query_int(q);
    row->entry_count = query_int(q);
}

enum rc revocation_row_get(struct store *store, struct arena *arena, struct text trust_store,
                           int64_t id, struct revocation_row *out)
{
    struct query q = query_start(store, arena,
                                 "SELECT trust_store, id, entry_count FROM revocation"
                                 " WHERE trust_store = $1 AND id = $2");

    query_put_text(&q, trust_store);
    query_put_int(&q, id);
    if (query_next(&q)) {
        read_revocation(&q, out);
    }
    return query_end_one(&q);
}

enum rc revocation_row_get_pem(struct store *store, struct arena *arena, struct text trust_store,
                               int64_t id, struct text *out)
{
    struct query q =
        query_start(store, arena, "SELECT pem FROM revocation WHERE trust_store = $1 AND id = $2");

    query_put_text(&q, trust_store);
    query_put_int(&q, id);
    if (query_next(&q)) {
        *out = query_text(&q);
    }
    return query_end_one(&q);
}

enum rc revocation_row_list(struct store *store, struct arena *arena, struct text trust_store,
                            struct revocation_rows *out)
{
    struct query q = query_start(store, arena,
                                 "SELECT trust_store, id, entry_count FROM revocation"
                                 " WHERE trust_store = $1 ORDER BY id");

    query_put_text(&q, trust_store);
    *out = (struct revocation_rows){NULL, 0};
    while (query_next(&q)) {
        struct revocation_row *row = QUERY_ROW(&q, out);

        if (row) {
            read_revocation(&q, row);
        }
    }
    return query_end(&q);
}

enum rc revocation_row_bytes(struct store *store, int64_t *out)
{
    return get_number(store, "SELECT coalesce(sum(length(pem)), 0) FROM revocation", out);
}
