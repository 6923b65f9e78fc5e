/* SPDX-License-Identifier: Apache-2.0 */
/* store_inner: what store.c, query.c and migrations.c share; nobody else includes it. */
#pragma once
#include "base/map.h"
#include "store/store.h"

#include <sqlite3.h>

struct statement {
    struct text sql; /* own; the key in store.statements */
    sqlite3_stmt *handle;
    bool is_busy;
};

struct store {
    sqlite3 *db;
    int lock_fd;            /* -1: none (":memory:") */
    struct map statements;  /* of struct statement, own */
    bool is_in_transaction; /* between begin and commit or rollback */
    bool has_failed;        /* in this transaction: it may only be rolled back */
    enum store_mode mode;
    int64_t changes_before; /* sqlite3_total_changes64 at begin */
    uint64_t revision;
    store_changed_fn *changed; /* NULL: nobody wants to know */
    void *changed_arg;
};

struct migration {
    const char *name;
    const char *sql;
};

/* The schema's version is the count of them. Append only. */
extern const struct migration migrations[];
extern const size_t migration_count;

MUST_USE enum rc migrate(struct store *store, char *why, size_t why_size);
