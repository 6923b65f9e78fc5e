/* SPDX-License-Identifier: Apache-2.0 */
#include "main/names.h"

#include "base/limits.h"
#include "base/mem.h"
#include "feed/follow.h"
#include "main/hosts.h"
#include "main/unix_socket.h"

#include <errno.h>

enum { LINES_BYTES_MAX = 8 * 1024 * 1024 };

struct names {
    const struct log *log;
    const char *hosts_file;
    struct text mark;
    const char *feed;
    struct follow_user user;
    struct follow *follow; /* own */
    bool is_failing;       /* and was said so */
};

static void write_lines(struct names *names, struct text lines)
{
    const enum rc rc = hosts_write(names->hosts_file, names->mark, lines);

    if (rc != RC_OK && !names->is_failing) {
        log_event(names->log, LOG_WARN, "cannot write names to the hosts file",
                  {"file", text_of(names->hosts_file)}, {"why", text_of(strerror(errno))});
    }
    names->is_failing = rc != RC_OK;
}

static enum rc dial(void *arg, int *fd)
{
    return unix_connect(((struct names *)arg)->feed, fd);
}

static void nothing(void *arg)
{
}

static void received(void *arg, enum feed_kind kind, struct text payload)
{
    struct names *names = arg;
    struct snapshot *snapshot;
    char why[256];
    struct buf lines;

    if (kind != FEED_SNAPSHOT) {
        return;
    }
    if (snapshot_decode(payload, &snapshot, why, sizeof(why)) != RC_OK) {
        log_event(names->log, LOG_WARN, "snapshot refused", {"why", text_of(why)});
        return;
    }
    buf_init(&lines, LINES_BYTES_MAX);
    hosts_lines(snapshot, &lines);
    write_lines(names, buf_text(&lines));
    buf_done(&lines);
    snapshot_unref(snapshot);
}

struct names *names_new(struct loop *loop, const struct log *log, const char *hosts_file,
                        struct text mark, const char *feed)
{
    const struct hello hello = {.role = TEXT("serve")};
    struct names *names = MEM_NEW(struct names);

    *names = (struct names){
        .log = log,
        .hosts_file = hosts_file,
        .mark = mark,
        .feed = feed,
        .user = {.dial = dial, .joined = nothing, .received = received, .lost = nothing},
    };
    names->user.arg = names;
    names->follow = follow_new(loop, &hello, &names->user);
    return names;
}

void names_free(struct names *names)
{
    if (names) {
        follow_free(names->follow);
        write_lines(names, TEXT(""));
        mem_give(names);
    }
}
