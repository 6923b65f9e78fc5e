/* SPDX-License-Identifier: Apache-2.0 */
#include "main/hosts.h"

#include "main/file.h"

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK(mark, lines) "# openalb begin " mark "\n" lines "# openalb end " mark "\n"

static void assert_edit(const char *old, const char *lines, const char *expected)
{
    struct buf out;

    buf_init(&out, 1 << 16);
    hosts_edit(text_of(old), TEXT("/s"), text_of(lines), &out);
    assert_text_equal(buf_text(&out), text_of(expected));
    buf_done(&out);
}

TEST(hosts_edit, adds_and_takes_away_at_the_end)
{
    assert_edit("1 a\n", "2 b\n", "1 a\n" BLOCK("/s", "2 b\n"));
    assert_edit("1 a\n" BLOCK("/s", "2 b\n"), "", "1 a\n");
    assert_edit("", "2 b\n", BLOCK("/s", "2 b\n"));
    assert_edit("", "", "");
    assert_edit("1 a", "", "1 a");
    assert_edit("1 a", "2 b\n", "1 a\n" BLOCK("/s", "2 b\n"));
}

TEST(hosts_edit, replaces_in_place_and_keeps_every_other_byte)
{
    assert_edit("1 a\r\n" BLOCK("/s", "2 b\n") "\t3 c \n\n# x", "4 d\n",
                "1 a\r\n" BLOCK("/s", "4 d\n") "\t3 c \n\n# x");
}

TEST(hosts_edit, leaves_the_blocks_of_others_alone)
{
    assert_edit(BLOCK("/other", "1 a\n"), "2 b\n", BLOCK("/other", "1 a\n") BLOCK("/s", "2 b\n"));
    assert_edit(BLOCK("/s/more", "1 a\n"), "", BLOCK("/s/more", "1 a\n"));
}

TEST(hosts_edit, loses_nobodys_lines_when_an_end_is_missing)
{
    assert_edit("# openalb begin /s\n1 a\n", "", "# openalb begin /s\n1 a\n");
    assert_edit("# openalb begin /s\n1 a\n" BLOCK("/s", "2 b\n") "3 c\n", "",
                "# openalb begin /s\n1 a\n3 c\n");
}

TEST(hosts_lines, a_line_for_each_name_and_address)
{
    struct snapshot *snapshot;
    char why[256];
    struct buf lines;

    assert_int_equal(
        snapshot_decode(
            TEXT(
                "{\"balancers\":[{\"name\":\"a\",\"dns_name\":\"a.x\",\"addresses\":["
                "{\"zone\":\"a\",\"ip\":\"127.0.80.10\"},{\"zone\":\"b\",\"ip\":\"127.0.80.11\"}]},"
                "{\"name\":\"b\",\"addresses\":[{\"zone\":\"a\",\"ip\":\"127.0.80.12\"}]}]}"),
            &snapshot, why, sizeof(why)),
        RC_OK);
    buf_init(&lines, 1000);
    hosts_lines(snapshot, &lines);
    assert_text_equal(buf_text(&lines), TEXT("127.0.80.10 a.x\n127.0.80.11 a.x\n"));
    buf_done(&lines);
    snapshot_unref(snapshot);
}

static void assert_content(const char *path, const char *expected)
{
    struct buf content;

    buf_init(&content, 1000);
    assert_int_equal(file_read(path, &content), RC_OK);
    assert_text_equal(buf_text(&content), text_of(expected));
    buf_done(&content);
}

TEST(hosts_write, keeps_the_mode_and_writes_through_a_link)
{
    char folder[] = "/tmp/openalb-test-hosts-XXXXXX";
    char path[100];
    char link_path[100];
    struct stat found;

    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/hosts", folder);
    (void)snprintf(link_path, sizeof(link_path), "%s/link", folder);
    assert_int_equal(file_replace(path, TEXT("1 a\n"), 0640), RC_OK);
    assert_int_equal(hosts_write(path, TEXT("/s"), TEXT("2 b\n")), RC_OK);
    assert_content(path, "1 a\n" BLOCK("/s", "2 b\n"));
    assert_int_equal(stat(path, &found), 0);
    assert_int_equal(found.st_mode & 07777, 0640);

    assert_int_equal(symlink(path, link_path), 0);
    assert_int_equal(hosts_write(link_path, TEXT("/s"), TEXT("")), RC_OK);
    assert_content(path, "1 a\n");
    assert_int_equal(lstat(link_path, &found), 0);
    assert_true(S_ISLNK(found.st_mode));
    assert_int_equal(hosts_write("/nowhere/at/all", TEXT("/s"), TEXT("")), RC_IO);
    (void)unlink(path);
    (void)unlink(link_path);
    assert_int_equal(rmdir(folder), 0); /* nothing else was left */
}

TESTS({
    CASE(hosts_edit__adds_and_takes_away_at_the_end),
    CASE(hosts_edit__replaces_in_place_and_keeps_every_other_byte),
    CASE(hosts_edit__leaves_the_blocks_of_others_alone),
    CASE(hosts_edit__loses_nobodys_lines_when_an_end_is_missing),
    CASE(hosts_lines__a_line_for_each_name_and_address),
    CASE(hosts_write__keeps_the_mode_and_writes_through_a_link),
})
