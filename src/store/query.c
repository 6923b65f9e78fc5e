/* SPDX-License-Identifier: Apache-2.0 */
#include "store/query.h"

#include "base/arena.h"
#include "base/mem.h"
#include "store/store_inner.h"

#include <stdio.h>

static struct statement *statement_get(struct store *store, const char *sql);
static void check_placeholders(sqlite3_stmt *handle);
static void fail(struct query *query, int code);

struct query query_start(struct store *store, struct arena *arena, const char *sql)
{
    struct query query = {.store = store, .arena = arena, .next_argument = 1};

    query.statement = statement_get(store, sql);
    if (!query.statement) {
        fail(&query, sqlite3_extended_errcode(store->db));
        return query;
    }
    ASSERT(!query.statement->is_busy);
    query.statement->is_busy = true;
    return query;
}

/* Arguments are bound without a copy: the caller's bytes live until query_end(). */
void query_put_text(struct query *query, struct text value)
{
    if (query->rc == RC_OK) {
        int code =
            sqlite3_bind_text64(query->statement->handle, query->next_argument++,
                                value.at ? value.at : "", value.len, SQLITE_STATIC, SQLITE_UTF8);
        ASSERT(code == SQLITE_OK || code == SQLITE_TOOBIG);
        fail(query, code);
    }
}

void query_put_optional(struct query *query, struct text value)
{
    if (value.at) {
        query_put_text(query, value);
    } else if (query->rc == RC_OK) {
        int code = sqlite3_bind_null(query->statement->handle, query->next_argument++);
        ASSERT(code == SQLITE_OK);
    }
}

void query_put_int(struct query *query, int64_t value)
{
    if (query->rc == RC_OK) {
        int code = sqlite3_bind_int64(query->statement->handle, query->next_argument++, value);
        ASSERT(code == SQLITE_OK);
    }
}

void query_put_bool(struct query *query, bool value)
{
    query_put_int(query, value ? 1 : 0);
}

bool query_next(struct query *query)
{
    int code;

    if (query->rc != RC_OK) {
        return false;
    }
    /* Every placeholder got its argument. */
    ASSERT(sqlite3_bind_parameter_count(query->statement->handle) == query->next_argument - 1);
    code = sqlite3_step(query->statement->handle);
    query->next_column = 0;
    if (code == SQLITE_ROW) {
        return true;
    }
    if (code == SQLITE_DONE) {
        query->rc = RC_END;
        return false;
    }
    fail(query, code);
    return false;
}

struct text query_text(struct query *query)
{
    sqlite3_stmt *handle = query->statement->handle;
    int column = query->next_column++;
    struct text found = {(const char *)sqlite3_column_text(handle, column), 0};

    ASSERT(column < sqlite3_column_count(handle));
    if (!found.at || !query->arena) {
        return (struct text){NULL, 0};
    }
    found.len = (size_t)sqlite3_column_bytes(handle, column);
    found = arena_text(query->arena, found);
    if (!found.at) {
        query->rc = RC_LIMIT;
    }
    return found;
}

int64_t query_int(struct query *query)
{
    int column = query->next_column++;

    ASSERT(column < sqlite3_column_count(query->statement->handle));
    return sqlite3_column_int64(query->statement->handle, column);
}

bool query_bool(struct query *query)
{
    return query_int(query) != 0;
}

enum rc query_end(struct query *query)
{
    if (query->statement) {
        sqlite3_reset(query->statement->handle);
        sqlite3_clear_bindings(query->statement->handle);
        query->statement->is_busy = false;
        query->statement = NULL;
    }
    return query->rc == RC_END ? RC_OK : query->rc;
}

enum rc query_run(struct query *query, int64_t *changed)
{
    while (query_next(query)) {
    }
    if (query->rc == RC_END && changed) {
        *changed = sqlite3_changes64(query->store->db);
    }
    return query_end(query);
}

enum rc query_end_one(struct query *query)
{
    bool is_absent = query->rc == RC_END;

    TRY(query_end(query));
    return is_absent ? RC_ABSENT : RC_OK;
}

void *query_row(struct query *query, void **at, size_t *count, size_t size)
{
    /* Grows when the count reaches a power of two; the outgrown copy stays in the arena. */
    if ((*count & (*count - 1)) == 0) {
        void *grown = arena_take_array(query->arena, *count ? *count * 2 : 1, size);
        if (!grown) {
            query->rc = RC_LIMIT;
            return NULL;
        }
        if (*count) {
            memcpy(grown, *at, *count * size);
        }
        *at = grown;
    }
    return (char *)*at + (*count)++ * size;
}

static struct statement *statement_get(struct store *store, const char *sql)
{
    struct statement *statement = map_get(&store->statements, text_of(sql));
    sqlite3_stmt *handle = NULL;

    if (statement) {
        return statement;
    }
    if (sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &handle, NULL) !=
        SQLITE_OK) {
        return NULL;
    }
    check_placeholders(handle);
    statement = MEM_NEW(struct statement);
    statement->sql = text_of(sqlite3_sql(handle));
    statement->handle = handle;
    (void)map_put(&store->statements, statement->sql, statement); /* it was absent */
    return statement;
}

/* SQLite numbers $1, $2 by first appearance, PostgreSQL by the digit: only in order do both agree.
 */
static void check_placeholders(sqlite3_stmt *handle)
{
    for (int i = 1; i <= sqlite3_bind_parameter_count(handle); i++) {
        char expected[16];

        (void)snprintf(expected, sizeof(expected), "$%d", i);
        ASSERT(strcmp(sqlite3_bind_parameter_name(handle, i), expected) == 0);
    }
}

static void fail(struct query *query, int code)
{
    if (code == SQLITE_OK) {
        return;
    }
    query->rc = (code & 0xff) == SQLITE_CONSTRAINT ? RC_CONFLICT : RC_IO;
    if (query->rc == RC_IO) {
        query->store->has_failed = true;
    }
}

enum rc query_run_for(struct store *store, const char *sql, struct text argument)
{
    struct query q = query_start(store, NULL, sql);

    query_put_text(&q, argument);
    return query_run(&q, NULL);
}

enum rc query_count_for(struct store *store, const char *sql, struct text argument, int64_t *out)
{
    struct query q = query_start(store, NULL, sql);

    query_put_text(&q, argument);
    if (query_next(&q)) {
        *out = query_int(&q);
    }
    return query_end_one(&q);
}
