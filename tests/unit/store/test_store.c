/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/arena.h"
#include "store/query.h"
#include "store/route_table.h"
#include "store/tag.h"
#include "store/vpc.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* A directory that is emptied and removed with the test. */
struct place {
    char folder[64];
    char path[96];
};

static struct place place_new(void)
{
    struct place place = {.folder = "/tmp/openalb-store-XXXXXX"};

    assert_non_null(mkdtemp(place.folder));
    (void)snprintf(place.path, sizeof(place.path), "%s/store.db", place.folder);
    return place;
}

static void place_done(const struct place *place)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", ".lock"};

    for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
        char path[128];

        (void)snprintf(path, sizeof(path), "%s%s", place->path, suffixes[i]);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(place->folder), 0);
}

static struct store *open_store(const char *path)
{
    struct store *store = NULL;
    char why[256] = "";

    if (store_open(path, &store, why, sizeof(why)) != RC_OK) {
        fail_msg("%s", why);
    }
    return store;
}

static size_t count_tags(struct store *store)
{
    struct arena *arena = arena_new(4096, 1 << 20);
    struct tag_rows rows;

    assert_int_equal(tag_row_list_all(store, arena, TEXT(""), &rows), RC_OK);
    arena_free(arena);
    return rows.count;
}

/* Runs `act` in a process of its own, which kills itself with SIGKILL where `act` ends. */
static void run_and_kill(const char *path, void (*act)(struct store *store))
{
    int status = 0;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        struct store *store = NULL;
        char why[256];

        if (store_open(path, &store, why, sizeof(why)) != RC_OK) {
            _exit(1);
        }
        act(store);
        (void)kill(getpid(), SIGKILL);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void commit_a_tag(struct store *store)
{
    if (store_begin(store, STORE_WRITE) != RC_OK ||
        tag_row_put(store, TEXT("sg-1"), TEXT("k"), TEXT("v")) != RC_OK ||
        store_commit(store) != RC_OK) {
        _exit(1);
    }
}

static void leave_a_tag_uncommitted(struct store *store)
{
    if (store_begin(store, STORE_WRITE) != RC_OK ||
        tag_row_put(store, TEXT("sg-2"), TEXT("k"), TEXT("v")) != RC_OK) {
        _exit(1);
    }
}

TEST(store, keeps_what_was_committed_when_the_process_is_killed)
{
    struct place place = place_new();
    struct store *store;

    run_and_kill(place.path, commit_a_tag);
    run_and_kill(place.path, leave_a_tag_uncommitted);
    store = open_store(place.path);
    assert_int_equal(count_tags(store), 1);
    assert_int_equal(store_revision(store), 2); /* the schema, and the tag */
    store_free(store);
    place_done(&place);
}

static void count_change(void *arg)
{
    ++*(int *)arg;
}

TEST(store, tells_of_changes_that_were_committed_only)
{
    struct store *store = open_store(":memory:");
    int changes = 0;

    store_on_change(store, count_change, &changes);
    assert_int_equal(store_begin(store, STORE_WRITE), RC_OK);
    assert_int_equal(tag_row_put(store, TEXT("sg-1"), TEXT("k"), TEXT("v")), RC_OK);
    assert_int_equal(changes, 0);
    assert_int_equal(store_commit(store), RC_OK);
    assert_int_equal(changes, 1);
    assert_int_equal(store_begin(store, STORE_WRITE), RC_OK);
    assert_int_equal(tag_row_put(store, TEXT("sg-1"), TEXT("k"), TEXT("w")), RC_OK);
    store_rollback(store);
    assert_int_equal(store_begin(store, STORE_READ), RC_OK);
    assert_int_equal(store_commit(store), RC_OK);
    assert_int_equal(changes, 1);
    store_free(store);
}

TEST(store, bumps_the_revision_only_for_changes)
{
    struct store *store = open_store(":memory:");
    uint64_t before = store_revision(store);

    assert_int_equal(store_begin(store, STORE_WRITE), RC_OK);
    assert_int_equal(tag_row_put(store, TEXT("r"), TEXT("k"), TEXT("v")), RC_OK);
    assert_int_equal(store_commit(store), RC_OK);
    assert_int_equal(store_revision(store), before + 1);

    assert_int_equal(store_begin(store, STORE_WRITE), RC_OK);
    assert_int_equal(tag_row_put(store, TEXT("r"), TEXT("k"), TEXT("v")), RC_OK); /* as it was */
    assert_int_equal(store_commit(store), RC_OK);
    assert_int_equal(store_begin(store, STORE_READ), RC_OK);
    assert_int_equal(store_commit(store), RC_OK);
    assert_int_equal(store_begin(store, STORE_WRITE), RC_OK);
    assert_int_equal(tag_row_put(store, TEXT("r"), TEXT("k"), TEXT("other")), RC_OK);
    store_rollback(store);
    assert_int_equal(store_revision(store), before + 1);
    store_free(store);
}

TEST(store, rolls_back_when_it_is_closed_in_between)
{
    struct place place = place_new();
    struct store *store = open_store(place.path);

    assert_int_equal(store_begin(store, STORE_WRITE), RC_OK);
    assert_int_equal(tag_row_put(store, TEXT("r"), TEXT("k"), TEXT("v")), RC_OK);
    store_free(store);
    store = open_store(place.path);
    assert_int_equal(count_tags(store), 0);
    store_free(store);
    place_done(&place);
}

TEST(store, refuses_to_commit_after_a_statement_failed)
{
    struct store *store = open_store(":memory:");
    uint64_t before = store_revision(store);

    assert_int_equal(store_begin(store, STORE_WRITE), RC_OK);
    assert_int_equal(tag_row_put(store, TEXT("r"), TEXT("k"), TEXT("v")), RC_OK);
    struct query q = query_start(store, NULL, "DELETE FROM no_such_table");
    assert_int_equal(query_run(&q, NULL), RC_IO);
    assert_int_equal(store_commit(store), RC_IO);
    assert_false(store_is_open(store));
    assert_int_equal(count_tags(store), 0);
    assert_int_equal(store_revision(store), before);
    store_free(store);
}

TEST(store, lets_only_one_process_have_it)
{
    struct place place = place_new();
    struct store *first = open_store(place.path);
    struct store *second = NULL;
    char why[256] = "";

    assert_int_equal(store_open(place.path, &second, why, sizeof(why)), RC_CONFLICT);
    assert_null(second);
    assert_non_null(strstr(why, "in use by another openalb"));
    store_free(first);
    store_free(open_store(place.path));
    place_done(&place);
}

TEST(store, refuses_a_file_that_is_no_database)
{
    struct place place = place_new();
    struct store *store = NULL;
    char why[256] = "";
    char bytes[8192];
    char after[8192] = "";
    int fd = open(place.path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);

    memset(bytes, 'x', sizeof(bytes));
    assert_int_equal(write(fd, bytes, sizeof(bytes)), sizeof(bytes));
    assert_int_equal(store_open(place.path, &store, why, sizeof(why)), RC_BAD);
    assert_non_null(strstr(why, "damaged or not a store"));
    assert_int_equal(pread(fd, after, sizeof(after), 0), sizeof(after));
    assert_memory_equal(bytes, after, sizeof(bytes));
    close(fd);
    place_done(&place);
}

TEST(store, refuses_a_damaged_page)
{
    struct place place = place_new();
    struct store *store = open_store(place.path);
    char why[256] = "";
    char junk[2048];
    int fd;

    store_free(store); /* checkpoints: everything is in the main file */
    fd = open(place.path, O_RDWR | O_CLOEXEC);
    memset(junk, 0xee, sizeof(junk));
    assert_int_equal(pwrite(fd, junk, sizeof(junk), 4096), sizeof(junk));
    close(fd);
    store = NULL;
    assert_int_equal(store_open(place.path, &store, why, sizeof(why)), RC_BAD);
    assert_non_null(strstr(why, "damaged"));
    place_done(&place);
}

TEST(store, refuses_a_newer_schema_and_leaves_it_alone)
{
    struct place place = place_new();
    struct store *store = open_store(place.path);
    char why[256] = "";

    assert_int_equal(store_begin(store, STORE_WRITE), RC_OK);
    struct query q = query_start(store, NULL, "UPDATE meta SET value = 999 WHERE key = 'schema'");
    assert_int_equal(query_run(&q, NULL), RC_OK);
    assert_int_equal(store_commit(store), RC_OK);
    store_free(store);
    store = NULL;
    assert_int_equal(store_open(place.path, &store, why, sizeof(why)), RC_BAD);
    assert_non_null(strstr(why, "written by a newer openalb: its schema is 999"));
    place_done(&place);
}

TEST(store, refuses_a_database_of_something_else)
{
    struct place place = place_new();
    struct store *store = NULL;
    char why[256] = "";
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(place.path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "CREATE TABLE song (title TEXT)", NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    assert_int_equal(store_open(place.path, &store, why, sizeof(why)), RC_BAD);
    assert_non_null(strstr(why, "database of something else"));
    place_done(&place);
}

/* Takes the schema back to what it was before `version`, by hand. */
static void make_older(const char *path, const char *sql)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

TEST(store, brings_an_older_schema_up_to_date)
{
    struct place place = place_new();
    struct vpc_row vpc = {.id = TEXT("vpc-0123456789abcdef0"), .is_default = true};
    struct arena *arena = arena_new(4096, 1 << 16);
    struct store *store = open_store(place.path);
    struct route_table_rows tables;

    assert_int_equal(store_begin(store, STORE_WRITE), RC_OK);
    assert_int_equal(vpc_row_insert(store, &vpc), RC_OK);
    assert_int_equal(store_commit(store), RC_OK);
    store_free(store);
    make_older(place.path,
               "DROP TABLE listener_auth; DROP TABLE revocation; DROP TABLE trust_store;"
               "DROP TABLE route; DROP TABLE route_table_association;"
               "DROP TABLE route_table; DROP TABLE network_acl;"
               "UPDATE meta SET value = 4 WHERE key = 'schema';");
    store = open_store(place.path);
    assert_int_equal(route_table_row_list(store, arena, &tables), RC_OK);
    assert_int_equal(tables.count, 1);
    assert_text_equal(tables.at[0].id, TEXT("rtb-0123456789abcdef0"));
    assert_text_equal(tables.at[0].vpc_id, vpc.id);
    store_free(store);
    arena_free(arena);
    place_done(&place);
}

static void limit_file_size(rlim_t bytes)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* Writes tags until one does not fit any more; gives how many did. */
static size_t fill(struct store *store)
{
    static char value[8192];
    size_t count = 0;

    memset(value, 'x', sizeof(value));
    for (;;) {
        char key[24];
        enum rc rc;

        (void)snprintf(key, sizeof(key), "%zu", count);
        assert_int_equal(store_begin(store, STORE_WRITE), RC_OK);
        rc = tag_row_put(store, TEXT("r"), text_of(key), (struct text){value, sizeof(value)});
        if (rc != RC_OK) {
            store_rollback(store);
            return count;
        }
        if (store_commit(store) != RC_OK) {
            assert_false(store_is_open(store));
            return count;
        }
        count++;
        assert_true(count < 1000);
    }
}

TEST(store, survives_a_disk_that_is_full)
{
    struct place place = place_new();
    struct store *store = open_store(place.path);
    void (*before)(int) = signal(SIGXFSZ, SIG_IGN); /* write() fails with EFBIG instead */
    size_t count;

    limit_file_size(1024 * 1024);
    count = fill(store);
    limit_file_size(RLIM_INFINITY);
    (void)signal(SIGXFSZ, before);
    assert_true(count > 0);
    assert_int_equal(count_tags(store), count);
    assert_int_equal(store_begin(store, STORE_WRITE), RC_OK);
    assert_int_equal(tag_row_put(store, TEXT("r"), TEXT("after"), TEXT("")), RC_OK);
    assert_int_equal(store_commit(store), RC_OK);
    store_free(store);
    store = open_store(place.path);
    assert_int_equal(count_tags(store), count + 1);
    store_free(store);
    place_done(&place);
}

TEST(query, tells_a_constraint_from_a_failure_and_goes_on)
{
    static const char insert[] = "INSERT INTO meta (key, value) VALUES ($1, $2)";
    struct store *store = open_store(":memory:");
    struct query q;

    assert_int_equal(store_begin(store, STORE_WRITE), RC_OK);
    q = query_start(store, NULL, insert);
    query_put_text(&q, TEXT("revision"));
    query_put_int(&q, 1);
    assert_int_equal(query_run(&q, NULL), RC_CONFLICT);
    q = query_start(store, NULL, insert);
    query_put_text(&q, TEXT("mine"));
    query_put_int(&q, 1);
    assert_int_equal(query_run(&q, NULL), RC_OK);
    assert_int_equal(store_commit(store), RC_OK);
    store_free(store);
}

TEST(query, reports_an_arena_that_is_full)
{
    struct store *store = open_store(":memory:");
    struct arena *arena = arena_new(256, 256);
    struct tag_rows rows;

    for (char c = 'a'; c <= 'z'; c++) {
        assert_int_equal(
            tag_row_put(store, TEXT("r"), (struct text){&c, 1}, TEXT("0123456789abcdef")), RC_OK);
    }
    assert_int_equal(tag_row_list(store, arena, TEXT("r"), &rows), RC_LIMIT);
    arena_free(arena);
    store_free(store);
}

TEST(tag, is_replaced_listed_by_key_and_removed)
{
    struct store *store = open_store(":memory:");
    struct arena *arena = arena_new(4096, 1 << 16);
    struct tag_rows rows;

    assert_int_equal(tag_row_put(store, TEXT("sg-1"), TEXT("b"), TEXT("1")), RC_OK);
    assert_int_equal(tag_row_put(store, TEXT("sg-1"), TEXT("a"), TEXT("")), RC_OK);
    assert_int_equal(tag_row_put(store, TEXT("sg-1"), TEXT("b"), TEXT("2")), RC_OK);
    assert_int_equal(tag_row_put(store, TEXT("vpc-1"), TEXT("a"), TEXT("x")), RC_OK);
    assert_int_equal(tag_row_list(store, arena, TEXT("sg-1"), &rows), RC_OK);
    assert_int_equal(rows.count, 2);
    assert_text_equal(rows.at[0].key, TEXT("a"));
    assert_text_equal(rows.at[0].value, TEXT(""));
    assert_text_equal(rows.at[1].value, TEXT("2"));
    assert_int_equal(tag_row_list_all(store, arena, TEXT("vpc-"), &rows), RC_OK);
    assert_int_equal(rows.count, 1);
    assert_text_equal(rows.at[0].resource, TEXT("vpc-1"));
    assert_int_equal(tag_row_delete(store, TEXT("sg-1"), TEXT("a")), RC_OK);
    assert_int_equal(tag_row_delete_all(store, TEXT("vpc-1")), RC_OK);
    assert_int_equal(count_tags(store), 1);
    arena_free(arena);
    store_free(store);
}

TESTS({
    CASE(store__keeps_what_was_committed_when_the_process_is_killed),
    CASE(store__tells_of_changes_that_were_committed_only),
    CASE(store__bumps_the_revision_only_for_changes),
    CASE(store__rolls_back_when_it_is_closed_in_between),
    CASE(store__refuses_to_commit_after_a_statement_failed),
    CASE(store__lets_only_one_process_have_it),
    CASE(store__refuses_a_file_that_is_no_database),
    CASE(store__refuses_a_damaged_page),
    CASE(store__refuses_a_newer_schema_and_leaves_it_alone),
    CASE(store__refuses_a_database_of_something_else),
    CASE(store__brings_an_older_schema_up_to_date),
    CASE(store__survives_a_disk_that_is_full),
    CASE(query__tells_a_constraint_from_a_failure_and_goes_on),
    CASE(query__reports_an_arena_that_is_full),
    CASE(tag__is_replaced_listed_by_key_and_removed),
})
