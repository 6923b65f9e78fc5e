/* SPDX-License-Identifier: Apache-2.0 */
/* store: where the desired state lives. One SQLite file, written ahead (WAL) and synced at every
 * COMMIT (synchronous FULL), so that a change that was answered survives kill -9 and power loss.
 *
 * SQL stands only in this room, a noun a file (store/vpc.c, store/security_group.c, ...), in the
 * subset that PostgreSQL speaks too: $1 placeholders in order, TEXT and INTEGER, booleans as 0 and
 * 1, ON CONFLICT, no rowid, no AUTOINCREMENT. The schema is a list of migrations (migrations.c).
 *
 * Owner    whoever opened it. One process at a time: a lock file beside it is held while it is
 * open.
 * Thread   one.
 * Revision the count of transactions that changed rows; publish compares it.
 * Sources  sqlite.org/wal.html, sqlite.org/stricttables.html, pragma.html#pragma_synchronous. */
#pragma once
#include "base/text.h"

struct store;

enum store_mode {
    STORE_READ,  /* a consistent view */
    STORE_WRITE, /* the only writer; COMMIT bumps the revision if rows changed */
};

/* Opens or creates the file `path` (":memory:" for tests) and brings its schema up to date, all
 * migrations in one transaction. On failure `why` (at least 256 bytes) says in a sentence what a
 * person should know:
 *
 * RC_CONFLICT  another process has it open.
 * RC_BAD       it is no store of ours, is damaged, or was written by a newer openalb. Untouched.
 * RC_IO        the operating system refused. */
MUST_USE enum rc store_open(const char *path, struct store **out, char *why, size_t why_size);
void store_free(struct store *store); /* closes; rolls back what is open; NULL is fine */
AUTO_DEFINE(store)

/* One transaction at a time, no nesting. */
MUST_USE enum rc store_begin(struct store *store, enum store_mode mode);
/* RC_OK: it is on the disk. RC_IO: nothing of it is, and the transaction is over. Refuses (RC_IO)
 * when a statement in between failed by anything but a constraint, so that half a change cannot be
 * committed by a caller that overlooked a result. */
MUST_USE enum rc store_commit(struct store *store);
void store_rollback(struct store *store);      /* nothing happens when none is open */
bool store_is_open(const struct store *store); /* a transaction is */

/* `changed` is called after each commit that bumped the revision, from inside store_commit(): it
 * only takes note. One at a time; NULL: nobody. */
typedef void store_changed_fn(void *arg);
void store_on_change(struct store *store, store_changed_fn *changed, void *arg);

/* Of the last commit; creating the schema is the first. */
uint64_t store_revision(const struct store *store);

/* What SQLite said last, for logs. */
const char *store_fault(const struct store *store);
