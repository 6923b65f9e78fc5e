/* SPDX-License-Identifier: Apache-2.0 */
#include "store/listener_auth.h"

#include "store/query.h"

enum rc listener_auth_row_put(struct store *store, const struct listener_auth_row *row)
{
    struct query q = query_start(
        store, NULL,
        "INSERT INTO listener_auth (listener, mode, trust_store, ignores_expiry,"
        " advertises_ca_names) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (listener) DO UPDATE SET"
        " mode = excluded.mode, trust_store = excluded.trust_store,"
        " ignores_expiry = excluded.ignores_expiry,"
        " advertises_ca_names = excluded.advertises_ca_names");

    query_put_text(&q, row->listener);
    query_put_text(&q, row->mode);
    query_put_optional(&q, row->trust_store.len ? row->trust_store : (struct text){NULL, 0});
    query_put_bool(&q, row->ignores_expiry);
    query_put_bool(&q, row->advertises_ca_names);
    return query_run(&q, NULL);
}

enum rc listener_auth_row_remove(struct store *store, struct text listener)
{
    return query_run_for(store, "DELETE FROM listener_auth WHERE listener = $1", listener);
}

enum rc listener_auth_row_get(struct store *store, struct arena *arena, struct text listener,
                              struct listener_auth_row *out)
{
    struct query q =
        query_start(store, arena,
                    "SELECT listener, mode, trust_store, ignores_expiry, advertises_ca_names"
                    " FROM listener_auth WHERE listener = $1");

    query_put_text(&q, listener);
    if (query_next(&q)) {
        out->listener = query_text(&q);
        out->mode = query_text(&q);
        out->trust_store = query_text(&q);
        out->ignores_expiry = query_bool(&q);
        out->advertises_ca_names = query_bool(&q);
    }
    return query_end_one(&q);
}

enum rc listener_auth_row_count_verify(struct store *store, struct text balancer,
                                       struct text besides, int64_t *out)
{
    struct query q =
        query_start(store, NULL,
                    "SELECT count(*) FROM listener_auth a JOIN listener l ON l.arn = a.listener"
                    " WHERE l.balancer = $1 AND a.mode = 'verify' AND l.arn <> $2");

    query_put_text(&q, balancer);
    query_put_text(&q, besides);
    if (query_next(&q)) {
        *out = query_int(&q);
    }
    return query_end_one(&q);
}

enum rc listener_auth_row_balancers(struct store *store, struct arena *arena,
                                    struct text trust_store, struct text_list *out)
{
    struct {
        struct text *at;
        size_t count;
    } balancers = {NULL, 0};
    struct query q = query_start(store, arena,
                                 "SELECT DISTINCT l.balancer FROM listener_auth a"
                                 " JOIN listener l ON l.arn = a.listener"
                                 " WHERE a.trust_store = $1 ORDER BY l.balancer");

    query_put_text(&q, trust_store);
    while (query_next(&q)) {
        struct text *balancer = QUERY_ROW(&q, &balancers);

        if (balancer) {
            *balancer = query_text(&q);
        }
    }
    *out = (struct text_list){balancers.count, balancers.at};
    return query_end(&q);
}
