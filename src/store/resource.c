/* SPDX-License-Identifier: Apache-2.0 */
#include "store/resource.h"

#include "store/query.h"

enum rc resource_row_exists(struct store *store, const char *prefix, struct text id, bool *out)
{
    static const struct {
        const char *prefix;
        const char *sql;
    } tables[] = {
        {"vpc", "SELECT count(*) FROM vpc WHERE id = $1"},
        {"subnet", "SELECT count(*) FROM subnet WHERE id = $1"},
        {"igw", "SELECT count(*) FROM internet_gateway WHERE id = $1"},
        {"sg", "SELECT count(*) FROM security_group WHERE id = $1"},
        {"sgr", "SELECT count(*) FROM security_group_rule WHERE id = $1"},
        {"rtb", "SELECT count(*) FROM route_table WHERE id = $1"},
        {"acl", "SELECT count(*) FROM network_acl WHERE id = $1"},
        {"eni", "SELECT count(*) FROM network_interface WHERE id = $1"},
    };

    for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
        if (strcmp(tables[i].prefix, prefix) == 0) {
            struct query q = query_start(store, NULL, tables[i].sql);

            query_put_text(&q, id);
            *out = query_next(&q) && query_int(&q) > 0;
            return query_end_one(&q);
        }
    }
    *out = false;
    return RC_OK;
}
