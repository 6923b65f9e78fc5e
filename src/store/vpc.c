/* SPDX-License-Identifier: Apache-2.0 */
#include "store/vpc.h"

#include "store/query.h"

#define COLUMNS                                                                     \
    "id, cidr, is_default, association_id, dhcp_options_id, tenancy, dns_support, " \
    "dns_hostnames, usage_metrics"

static void read_row(struct query *q, struct vpc_row *row);

enum rc vpc_row_insert(struct store *store, const struct vpc_row *row)
{
    struct query q = query_start(store, NULL,
                                 "INSERT INTO vpc (" COLUMNS ")"
                                 " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");

    query_put_text(&q, row->id);
    query_put_text(&q, row->cidr);
    query_put_bool(&q, row->is_default);
    query_put_text(&q, row->association_id);
    query_put_text(&q, row->dhcp_options_id);
    query_put_text(&q, row->tenancy);
    query_put_bool(&q, row->has_dns_support);
    query_put_bool(&q, row->has_dns_hostnames);
    query_put_bool(&q, row->has_usage_metrics);
    return query_run(&q, NULL);
}

enum rc vpc_row_get(struct store *store, struct arena *arena, struct text id, struct vpc_row *out)
{
    struct query q = query_start(store, arena, "SELECT " COLUMNS " FROM vpc WHERE id = $1");

    query_put_text(&q, id);
    if (query_next(&q)) {
        read_row(&q, out);
    }
    return query_end_one(&q);
}

enum rc vpc_row_update(struct store *store, const struct vpc_row *row)
{
    struct query q = query_start(store, NULL,
                                 "UPDATE vpc SET dns_support = $1, dns_hostnames = $2,"
                                 " usage_metrics = $3 WHERE id = $4");

    query_put_bool(&q, row->has_dns_support);
    query_put_bool(&q, row->has_dns_hostnames);
    query_put_bool(&q, row->has_usage_metrics);
    query_put_text(&q, row->id);
    return query_run(&q, NULL);
}

enum rc vpc_row_delete(struct store *store, struct text id)
{
    return query_run_for(store, "DELETE FROM vpc WHERE id = $1", id);
}

enum rc vpc_row_get_default(struct store *store, struct arena *arena, struct vpc_row *out)
{
    struct query q = query_start(store, arena, "SELECT " COLUMNS " FROM vpc WHERE is_default = 1");

    if (query_next(&q)) {
        read_row(&q, out);
    }
    return query_end_one(&q);
}

enum rc vpc_row_list(struct store *store, struct arena *arena, struct vpc_rows *out)
{
    struct query q = query_start(store, arena, "SELECT " COLUMNS " FROM vpc ORDER BY id");

    *out = (struct vpc_rows){NULL, 0};
    while (query_next(&q)) {
        struct vpc_row *row = QUERY_ROW(&q, out);

        if (row) {
            read_row(&q, row);
        }
    }
    return query_end(&q);
}

static void read_row(struct query *q, struct vpc_row *row)
{
    row->id = query_text(q);
    row->cidr = query_text(q);
    row->is_default = query_bool(q);
    row->association_id = query_text(q);
    row->dhcp_options_id = query_text(q);
    row->tenancy = query_text(q);
    row->has_dns_support = query_bool(q);
    row->has_dns_hostnames = query_bool(q);
    row->has_usage_metrics = query_bool(q);
}
