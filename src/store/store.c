/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include "base/mem.h"
#include "store/query.h"
#include "store/store_inner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static enum rc lock_take(const char *path, int *out, char *why, size_t why_size);
static enum rc open_file(struct store *store, const char *path, char *why, size_t why_size);
static enum rc read_revision(struct store *store);
static enum rc run(struct store *store, const char *sql);

enum rc store_open(const char *path, struct store **out, char *why, size_t why_size)
{
    AUTO(store) struct store *store = MEM_NEW(struct store);

    store->lock_fd = -1;
    map_init(&store->statements);
    if (strcmp(path, ":memory:") != 0) {
        TRY(lock_take(path, &store->lock_fd, why, why_size));
    }
    TRY(open_file(store, path, why, why_size));
    TRY(migrate(store, why, why_size));
    if (read_revision(store) != RC_OK) {
        (void)snprintf(why, why_size, "the store %s holds no revision", path);
        return RC_BAD;
    }

    *out = MOVE(store);
    return RC_OK;
}

void store_free(struct store *store)
{
    struct statement *statement;
    size_t at = 0;

    if (!store) {
        return;
    }
    store_rollback(store);
    while ((statement = map_each(&store->statements, &at))) {
        sqlite3_finalize(statement->handle);
        mem_give(statement);
    }
    map_done(&store->statements);
    sqlite3_close(store->db);
    if (store->lock_fd >= 0) {
        close(store->lock_fd);
    }
    mem_give(store);
}

enum rc store_begin(struct store *store, enum store_mode mode)
{
    ASSERT(!store->is_in_transaction);
    TRY(run(store, mode == STORE_WRITE ? "BEGIN IMMEDIATE" : "BEGIN"));
    store->is_in_transaction = true;
    store->has_failed = false;
    store->mode = mode;
    store->changes_before = sqlite3_total_changes64(store->db);
    return RC_OK;
}

enum rc store_commit(struct store *store)
{
    bool has_changed = sqlite3_total_changes64(store->db) != store->changes_before;
    enum rc rc = store->has_failed ? RC_IO : RC_OK;

    ASSERT(store->is_in_transaction);
    ASSERT(!has_changed || store->mode == STORE_WRITE);
    if (rc == RC_OK && has_changed) {
        rc = run(store, "UPDATE meta SET value = value + 1 WHERE key = 'revision'");
    }
    if (rc == RC_OK) {
        rc = run(store, "COMMIT");
    }
    if (rc != RC_OK) {
        store_rollback(store);
        return RC_IO;
    }
    store->is_in_transaction = false;
    store->revision += has_changed;
    if (has_changed && store->changed) {
        store->changed(store->changed_arg);
    }
    return RC_OK;
}

void store_on_change(struct store *store, store_changed_fn *changed, void *arg)
{
    store->changed = changed;
    store->changed_arg = arg;
}

void store_rollback(struct store *store)
{
    if (!store->is_in_transaction) {
        return;
    }
    store->is_in_transaction = false;
    /* SQLite may have rolled back by itself (disk full): then there is nothing left to undo. */
    if (!sqlite3_get_autocommit(store->db)) {
        enum rc rc = run(store, "ROLLBACK");
        ASSERT(rc == RC_OK);
    }
}

bool store_is_open(const struct store *store)
{
    return store->is_in_transaction;
}

uint64_t store_revision(const struct store *store)
{
    return store->revision;
}

const char *store_fault(const struct store *store)
{
    return sqlite3_errmsg(store->db);
}

/* A file of its own: closing any descriptor of the database would drop SQLite's own locks. */
static enum rc lock_take(const char *path, int *out, char *why, size_t why_size)
{
    char lock_path[4096];
    int fd;

    if ((size_t)snprintf(lock_path, sizeof(lock_path), "%s.lock", path) >= sizeof(lock_path)) {
        (void)snprintf(why, why_size, "the path of the store is too long");
        return RC_BAD;
    }
    fd = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        (void)snprintf(why, why_size, "cannot open %s: %s", lock_path, strerror(errno));
        return RC_IO;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        (void)snprintf(why, why_size, "the store %s is in use by another openalb", path);
        close(fd);
        return RC_CONFLICT;
    }
    *out = fd;
    return RC_OK;
}

/* PRAGMAs are SQLite's own; a store in PostgreSQL has its settings in the server. quick_check
 * reads every page once, so damage is told at start and not in the middle of a change. */
static enum rc open_file(struct store *store, const char *path, char *why, size_t why_size)
{
    static const char settings[] = "PRAGMA journal_mode = WAL;"
                                   "PRAGMA synchronous = FULL;"
                                   "PRAGMA foreign_keys = ON;"
                                   "PRAGMA trusted_schema = OFF;"
                                   "PRAGMA cell_size_check = ON;";
    sqlite3_stmt *check = NULL;
    const char *verdict = "unreadable";
    bool is_sound = false;
    mode_t mask = umask(0077); /* it holds private keys */
    int code = sqlite3_open_v2(path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);

    if (code == SQLITE_OK) {
        sqlite3_extended_result_codes(store->db, 1);
        sqlite3_busy_timeout(store->db, 2000); /* somebody's sqlite3 shell; never another openalb */
        code = sqlite3_exec(store->db, settings, NULL, NULL, NULL);
    }
    umask(mask);
    if (code == SQLITE_OK &&
        sqlite3_prepare_v2(store->db, "PRAGMA quick_check(1)", -1, &check, NULL) == SQLITE_OK &&
        sqlite3_step(check) == SQLITE_ROW) {
        verdict = (const char *)sqlite3_column_text(check, 0);
        is_sound = verdict && strcmp(verdict, "ok") == 0;
    } else {
        verdict = store->db ? sqlite3_errmsg(store->db) : "out of memory";
        code = sqlite3_errcode(store->db) & 0xff;
    }
    if (!is_sound) {
        bool is_damage = code == SQLITE_OK || code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
        (void)snprintf(why, why_size, "the store %s %s: %s", path,
                       is_damage ? "is damaged or not a store" : "cannot be opened",
                       verdict ? verdict : "no answer");
        sqlite3_finalize(check);
        return is_damage ? RC_BAD : RC_IO;
    }
    sqlite3_finalize(check);
    return RC_OK;
}

static enum rc read_revision(struct store *store)
{
    struct query q = query_start(store, NULL, "SELECT value FROM meta WHERE key = 'revision'");

    if (query_next(&q)) {
        store->revision = (uint64_t)query_int(&q);
    }
    return query_end_one(&q);
}

static enum rc run(struct store *store, const char *sql)
{
    struct query q = query_start(store, NULL, sql);

    return query_run(&q, NULL);
}
