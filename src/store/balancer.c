/* SPDX-License-Identifier: Apache-2.0 */
#include "store/balancer.h"

#include "store/query.h"

#define COLUMNS "arn, id, name, dns_name, scheme, vpc_id, ip_address_type, created_ms"

static void read_row(struct query *q, struct balancer_row *row);
static enum rc read_one(struct query *q, struct balancer_row *out);
static enum rc read_zones(struct query *q, struct balancer_zone_rows *out);

enum rc balancer_row_insert(struct store *store, const struct balancer_row *row)
{
    struct query q = query_start(
        store, NULL, "INSERT INTO balancer (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");

    query_put_text(&q, row->arn);
    query_put_text(&q, row->id);
    query_put_text(&q, row->name);
    query_put_text(&q, row->dns_name);
    query_put_text(&q, row->scheme);
    query_put_text(&q, row->vpc_id);
    query_put_text(&q, row->ip_address_type);
    query_put_int(&q, row->created_ms);
    return query_run(&q, NULL);
}

enum rc balancer_row_get(struct store *store, struct arena *arena, struct text arn,
                         struct balancer_row *out)
{
    struct query q = query_start(store, arena, "SELECT " COLUMNS " FROM balancer WHERE arn = $1");

    query_put_text(&q, arn);
    return read_one(&q, out);
}

enum rc balancer_row_get_named(struct store *store, struct arena *arena, struct text name,
                               struct balancer_row *out)
{
    struct query q = query_start(store, arena, "SELECT " COLUMNS " FROM balancer WHERE name = $1");

    query_put_text(&q, name);
    return read_one(&q, out);
}

enum rc balancer_row_list(struct store *store, struct arena *arena, struct balancer_rows *out)
{
    struct query q = query_start(store, arena, "SELECT " COLUMNS " FROM balancer ORDER BY name");

    *out = (struct balancer_rows){NULL, 0};
    while (query_next(&q)) {
        struct balancer_row *row = QUERY_ROW(&q, out);

        if (row) {
            read_row(&q, row);
        }
    }
    return query_end(&q);
}

enum rc balancer_row_count(struct store *store, int64_t *out)
{
    struct query q = query_start(store, NULL, "SELECT count(*) FROM balancer");

    if (query_next(&q)) {
        *out = query_int(&q);
    }
    return query_end_one(&q);
}

enum rc balancer_row_remove(struct store *store, struct text arn)
{
    return query_run_for(store, "DELETE FROM balancer WHERE arn = $1", arn);
}

enum rc balancer_zone_row_insert(struct store *store, const struct balancer_zone_row *row)
{
    struct query q = query_start(store, NULL,
                                 "INSERT INTO balancer_zone (balancer, zone, subnet_id, address)"
                                 " VALUES ($1, $2, $3, $4)");

    query_put_text(&q, row->balancer);
    query_put_text(&q, row->zone);
    query_put_text(&q, row->subnet_id);
    query_put_text(&q, row->address);
    return query_run(&q, NULL);
}

enum rc balancer_zone_row_remove(struct store *store, struct text arn, struct text zone)
{
    struct query q =
        query_start(store, NULL, "DELETE FROM balancer_zone WHERE balancer = $1 AND zone = $2");

    query_put_text(&q, arn);
    query_put_text(&q, zone);
    return query_run(&q, NULL);
}

enum rc balancer_zone_row_list(struct store *store, struct arena *arena, struct text arn,
                               struct balancer_zone_rows *out)
{
    struct query q = query_start(store, arena,
                                 "SELECT balancer, zone, subnet_id, address FROM balancer_zone"
                                 " WHERE balancer = $1 ORDER BY zone");

    query_put_text(&q, arn);
    return read_zones(&q, out);
}

enum rc balancer_zone_row_list_all(struct store *store, struct arena *arena,
                                   struct balancer_zone_rows *out)
{
    struct query q = query_start(store, arena,
                                 "SELECT balancer, zone, subnet_id, address FROM balancer_zone"
                                 " ORDER BY address, balancer");

    return read_zones(&q, out);
}

enum rc balancer_member_row_insert(struct store *store, struct text arn,
                                   struct text security_group_id, int64_t position)
{
    struct query q = query_start(store, NULL,
                                 "INSERT INTO balancer_member (balancer, security_group_id,"
                                 " position) VALUES ($1, $2, $3)");

    query_put_text(&q, arn);
    query_put_text(&q, security_group_id);
    query_put_int(&q, position);
    return query_run(&q, NULL);
}

enum rc balancer_member_row_remove_all(struct store *store, struct text arn)
{
    return query_run_for(store, "DELETE FROM balancer_member WHERE balancer = $1", arn);
}

enum rc balancer_member_row_list(struct store *store, struct arena *arena, struct text arn,
                                 struct balancer_member_rows *out)
{
    struct query q = query_start(store, arena,
                                 "SELECT balancer, security_group_id FROM balancer_member"
                                 " WHERE balancer = $1 ORDER BY position");

    query_put_text(&q, arn);
    *out = (struct balancer_member_rows){NULL, 0};
    while (query_next(&q)) {
        struct balancer_member_row *row = QUERY_ROW(&q, out);

        if (row) {
            row->balancer = query_text(&q);
            row->security_group_id = query_text(&q);
        }
    }
    return query_end(&q);
}

static void read_row(struct query *q, struct balancer_row *row)
{
    row->arn = query_text(q);
    row->id = query_text(q);
    row->name = query_text(q);
    row->dns_name = query_text(q);
    row->scheme = query_text(q);
    row->vpc_id = query_text(q);
    row->ip_address_type = query_text(q);
    row->created_ms = query_int(q);
}

static enum rc read_one(struct query *q, struct balancer_row *out)
{
    if (query_next(q)) {
        read_row(q, out);
    }
    return query_end_one(q);
}

static enum rc read_zones(struct query *q, struct balancer_zone_rows *out)
{
    *out = (struct balancer_zone_rows){NULL, 0};
    while (query_next(q)) {
        struct balancer_zone_row *row = QUERY_ROW(q, out);

        if (row) {
            row->balancer = query_text(q);
            row->zone = query_text(q);
            row->subnet_id = query_text(q);
            row->address = query_text(q);
        }
    }
    return query_end(q);
}
