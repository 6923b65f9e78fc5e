/* SPDX-License-Identifier: Apache-2.0 */
#include "bucket/bucket.h"

#include "test.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUCKET TEXT("my-bucket")

static char root[64];
static struct buckets *buckets;

static int set_up(void **state_)
{
    (void)snprintf(root, sizeof(root), "/tmp/openalb-bucket-XXXXXX");
    assert_non_null(mkdtemp(root));
    assert_int_equal(buckets_open(root, &buckets), RC_OK);
    assert_int_equal(bucket_make(buckets, BUCKET), RC_OK);
    return 0;
}

static int remove_one(const char *path, const struct stat *found, int kind, struct FTW *at)
{
    return remove(path);
}

static int tear_down(void **state_)
{
    buckets_free(buckets);
    return nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static const char *path_of(const char *below)
{
    static char path[256];

    (void)snprintf(path, sizeof(path), "%s/s3/%s", root, below);
    return path;
}

static void put(const char *below, const char *content)
{
    FILE *file = fopen(path_of(below), "w");

    assert_non_null(file);
    assert_true(fputs(content, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void assert_reads(struct text key, enum rc rc, const char *content)
{
    struct buf got;

    buf_init(&got, 1000);
    assert_int_equal(bucket_read(buckets, BUCKET, key, &got), rc);
    assert_text_equal(buf_text(&got), text_of(content));
    buf_done(&got);
    assert_true(bucket_has(buckets, BUCKET, key) == (rc == RC_OK));
}

static int count_entries(const char *path, const struct stat *found, int kind, struct FTW *at)
{
    return at->level > 0 && strstr(path, ".openalb-") ? 1 : 0;
}

TEST(bucket_name, follows_the_rules_of_s3)
{
    static const char *const good[] = {
        "abc", "my-bucket", "a.b.c",
        "0-9", "1.2.3.4.5", "123456789012345678901234567890123456789012345678901234567890123"};
    static const char *const bad[] = {
        "",
        "ab",
        "My-bucket",
        "a..b",
        ".abc",
        "abc.",
        "-abc",
        "abc-",
        "a_b",
        "a/b",
        "192.168.5.4",
        "xn--abc",
        "sthree-a",
        "a-s3alias",
        "a--ol-s3",
        "abc.mrap",
        "a--x-s3",
        "abc\n",
        "..",
        "\303\244bc",
        "1234567890123456789012345678901234567890123456789012345678901234"};

    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        assert_true(bucket_name_is_valid(text_of(good[i])));
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_false(bucket_name_is_valid(text_of(bad[i])));
    }
}

TEST(bucket_key, is_a_path_that_stays_below)
{
    static const char *const good[] = {"a",         "a/b.pem", "...",
                                       "a/..b/c..", ".hidden", "AWSLogs/1/x y+z"};
    static const char *const bad[] = {
        "",    "/a",  "a/",         "a//b",          "..", "a/../b", "../a",
        "./a", "a/.", ".openalb-0", "a/.openalb-0/b"};
    char longest[1025 + 1];

    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        assert_true(bucket_key_is_valid(text_of(good[i])));
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_false(bucket_key_is_valid(text_of(bad[i])));
    }
    assert_false(bucket_key_is_valid(TEXT("a\0b")));
    for (size_t i = 0; i < sizeof(longest); i++) {
        longest[i] = i % 2 ? '/' : 'a';
    }
    assert_true(bucket_key_is_valid((struct text){longest, 1023}));
    assert_false(bucket_key_is_valid((struct text){longest, 1025}));
    memset(longest, 'a', sizeof(longest));
    assert_true(bucket_key_is_valid((struct text){longest, 255}));
    assert_false(bucket_key_is_valid((struct text){longest, 256}));
}

TEST(bucket, gives_back_what_was_written)
{
    assert_int_equal(bucket_write(buckets, BUCKET, TEXT("a/b/c.pem"), TEXT("one")), RC_OK);
    assert_reads(TEXT("a/b/c.pem"), RC_OK, "one");
    assert_int_equal(bucket_write(buckets, BUCKET, TEXT("a/b/c.pem"), TEXT("")), RC_OK);
    assert_reads(TEXT("a/b/c.pem"), RC_OK, "");
    put("my-bucket/by-hand", "two");
    assert_reads(TEXT("by-hand"), RC_OK, "two");
}

TEST(bucket, is_closed_to_others)
{
    struct stat found;

    assert_int_equal(bucket_write(buckets, BUCKET, TEXT("a/b"), TEXT("x")), RC_OK);
    assert_int_equal(stat(path_of("my-bucket/a/b"), &found), 0);
    assert_int_equal(found.st_mode & 07777, 0600);
    assert_int_equal(stat(path_of("my-bucket/a"), &found), 0);
    assert_int_equal(found.st_mode & 07777, 0700);
    assert_int_equal(stat(path_of("."), &found), 0);
    assert_int_equal(found.st_mode & 07777, 0700);
}

TEST(bucket, tells_what_is_not_there)
{
    struct buf got;

    buf_init(&got, 1000);
    assert_true(bucket_exists(buckets, BUCKET));
    assert_false(bucket_exists(buckets, TEXT("other")));
    assert_false(bucket_exists(buckets, TEXT("..")));
    assert_int_equal(bucket_read(buckets, TEXT("other"), TEXT("a"), &got), RC_ABSENT);
    assert_int_equal(bucket_read(buckets, TEXT(".."), TEXT("a"), &got), RC_BAD);
    assert_int_equal(bucket_write(buckets, TEXT("other"), TEXT("a"), TEXT("x")), RC_ABSENT);
    assert_int_equal(bucket_make(buckets, TEXT("..")), RC_BAD);
    assert_reads(TEXT("a/b"), RC_ABSENT, "");
    assert_reads(TEXT("../my-bucket/a"), RC_BAD, "");
    buf_done(&got);
}

TEST(bucket, does_not_read_more_than_the_ceiling)
{
    struct buf got;

    put("my-bucket/large", "12345678");
    buf_init(&got, 8);
    assert_int_equal(bucket_read(buckets, BUCKET, TEXT("large"), &got), RC_OK);
    buf_done(&got);
    buf_init(&got, 7);
    assert_int_equal(bucket_read(buckets, BUCKET, TEXT("large"), &got), RC_LIMIT);
    buf_done(&got);
}

TEST(bucket, follows_no_link_out)
{
    assert_int_equal(symlink("/etc/passwd", path_of("my-bucket/link")), 0);
    assert_int_equal(symlink("/etc", path_of("my-bucket/folder")), 0);
    assert_int_equal(symlink("/etc", path_of("linked-bucket")), 0);
    assert_reads(TEXT("link"), RC_ABSENT, "");
    assert_reads(TEXT("folder/passwd"), RC_ABSENT, "");
    assert_false(bucket_exists(buckets, TEXT("linked-bucket")));
    assert_int_equal(bucket_make(buckets, TEXT("linked-bucket")), RC_CONFLICT);
    assert_int_equal(bucket_write(buckets, BUCKET, TEXT("folder/new"), TEXT("x")), RC_CONFLICT);
    assert_int_equal(access("/etc/new", F_OK), -1);
    /* The link itself gives way to the object. */
    assert_int_equal(bucket_write(buckets, BUCKET, TEXT("link"), TEXT("mine")), RC_OK);
    assert_reads(TEXT("link"), RC_OK, "mine");
}

TEST(bucket, takes_only_files_for_objects)
{
    assert_int_equal(mkfifo(path_of("my-bucket/pipe"), 0600), 0);
    assert_reads(TEXT("pipe"), RC_ABSENT, "");
    assert_int_equal(bucket_write(buckets, BUCKET, TEXT("folder/a"), TEXT("x")), RC_OK);
    assert_reads(TEXT("folder"), RC_ABSENT, "");
    assert_int_equal(bucket_write(buckets, BUCKET, TEXT("folder"), TEXT("x")), RC_CONFLICT);
    assert_int_equal(bucket_write(buckets, BUCKET, TEXT("folder/a/b"), TEXT("x")), RC_CONFLICT);
    assert_reads(TEXT("folder/a"), RC_OK, "x");
    /* Nothing half-written stays behind. */
    assert_int_equal(nftw(root, count_entries, 8, FTW_PHYS), 0);
}

#define IN_A_FOLDER(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TESTS({
    CASE(bucket_name__follows_the_rules_of_s3),
    CASE(bucket_key__is_a_path_that_stays_below),
    IN_A_FOLDER(bucket__gives_back_what_was_written),
    IN_A_FOLDER(bucket__is_closed_to_others),
    IN_A_FOLDER(bucket__tells_what_is_not_there),
    IN_A_FOLDER(bucket__does_not_read_more_than_the_ceiling),
    IN_A_FOLDER(bucket__follows_no_link_out),
    IN_A_FOLDER(bucket__takes_only_files_for_objects),
})
