/* SPDX-License-Identifier: Apache-2.0 */
/* query: one statement, its arguments in and its rows out, in the order the SQL names them.
 *
 *   struct query q = query_start(store, arena, "SELECT id, cidr FROM vpc WHERE is_default = $1");
 *   query_put_bool(&q, true);
 *   while (query_next(&q)) {
 *       struct vpc_row *row = QUERY_ROW(&q, rows);
 *       ...
 *       row->id = query_text(&q);
 *       row->cidr = query_text(&q);
 *   }
 *   return query_end(&q);
 *
 * A failure is remembered and reported once, by query_end(); everything after it is harmless.
 * Statements are prepared once per store and kept; `sql` must be a literal (its address is no key,
 * its text is). The same statement is not started again before its query_end().
 *
 * Owner    texts are copied into `arena`; without one (NULL) they are empty.
 * Inside   the store room only; callers see typed functions a noun a file. */
#pragma once
#include "store/store.h"

struct arena;
struct statement;

struct query {
    struct store *store;
    struct arena *arena;
    struct statement *statement;
    int next_argument; /* 1.. */
    int next_column;   /* 0.. */
    enum rc rc;
};

struct query query_start(struct store *store, struct arena *arena, const char *sql);

void query_put_text(struct query *query, struct text value);
void query_put_optional(struct query *query, struct text value); /* NULL when .at is NULL */
void query_put_int(struct query *query, int64_t value);
void query_put_bool(struct query *query, bool value);

/* True: a row is there to be read. */
bool query_next(struct query *query);

/* The next column; .at is NULL for a NULL. Copied and terminated. */
struct text query_text(struct query *query);
int64_t query_int(struct query *query); /* 0 for a NULL */
bool query_bool(struct query *query);

/* RC_OK; RC_CONFLICT: a constraint (unique, foreign key, check) stands in the way;
 * RC_LIMIT: the arena is full; RC_IO: anything else. */
MUST_USE enum rc query_end(struct query *query);

/* For statements without rows: runs and ends. `changed` (NULL is fine): how many rows were. */
MUST_USE enum rc query_run(struct query *query, int64_t *changed);

/* For statements of which one row is wanted: RC_ABSENT when there is none. Usage:
 * if (query_next(&q)) { read...; } return query_end_one(&q); */
MUST_USE enum rc query_end_one(struct query *query);

/* The whole of a statement with one argument: that changes what it names, or that counts. */
MUST_USE enum rc query_run_for(struct store *store, const char *sql, struct text argument);
MUST_USE enum rc query_count_for(struct store *store, const char *sql, struct text argument,
                                 int64_t *out);

/* Appends to a list of rows {at, count} in the query's arena; NULL: no more room (remembered). */
#define QUERY_ROW(query, rows)                                                        \
    ((__typeof__((rows)->at))query_row((query), (void **)&(rows)->at, &(rows)->count, \
                                       sizeof(*(rows)->at)))
void *query_row(struct query *query, void **at, size_t *count, size_t size);
