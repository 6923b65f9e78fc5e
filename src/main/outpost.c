/* SPDX-License-Identifier: Apache-2.0 */
#include "main/outpost.h"

#include "base/limits.h"
#include "base/mem.h"
#include "feed/follow.h"
#include "main/file.h"
#include "main/process.h"
#include "main/role.h"
#include "main/sandbox.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { ROLE_BYTES = 80 };

struct outpost {
    const struct options *options;
    const struct outpost_user *user;
    char role[ROLE_BYTES]; /* for the log: "node us-east-1a" */
    struct log log;
    struct loop *loop;
    struct signals *signals;
    struct supply supply;
    struct loop_watch desk;
    struct follow_user follow_user;
    struct follow *follow; /* NULL: from a file */
    char rejected[256];
    bool is_ready;
    bool is_ending;
    int exit_code;
};

struct loop *outpost_loop(const struct outpost *outpost)
{
    return outpost->loop;
}

const struct log *outpost_log(const struct outpost *outpost)
{
    return &outpost->log;
}

const struct supply *outpost_supply(const struct outpost *outpost)
{
    return &outpost->supply;
}

struct text outpost_rejected(const struct outpost *outpost)
{
    return text_of(outpost->rejected);
}

void outpost_report(struct outpost *outpost, struct text report)
{
    if (outpost->follow) {
        follow_report(outpost->follow, report);
    }
}

enum rc outpost_lines(struct outpost *outpost, struct text pages)
{
    return outpost->follow ? follow_lines(outpost->follow, pages) : RC_OK;
}

bool outpost_is_flushed(const struct outpost *outpost, size_t held)
{
    if (outpost->follow && !follow_is_joined(outpost->follow)) {
        return true;
    }
    return held == 0 && (!outpost->follow || follow_is_flushed(outpost->follow));
}

void outpost_stop(struct outpost *outpost)
{
    loop_stop(outpost->loop);
}

/* ---- snapshots ---------------------------------------------------------------------------- */

static enum rc apply(struct outpost *outpost, struct snapshot *snapshot)
{
    const char *why = "";
    const enum rc rc = outpost->user->apply(outpost->user->arg, snapshot, &why);

    if (rc != RC_OK) {
        (void)snprintf(outpost->rejected, sizeof(outpost->rejected), "%s", why);
    }
    return rc;
}

static void tell_accepted(struct outpost *outpost, const struct snapshot *snapshot)
{
    char revision[24];

    (void)snprintf(revision, sizeof(revision), "%llu",
                   (unsigned long long)snapshot_revision(snapshot));
    log_event(&outpost->log, LOG_INFO, "snapshot accepted", {"revision", text_of(revision)});
    if (!outpost->is_ready) {
        outpost->is_ready = true;
        supply_ready(&outpost->supply);
    }
}

static enum rc take_snapshot(struct outpost *outpost, struct text document)
{
    struct snapshot *snapshot = NULL;
    enum rc rc;

    rc = snapshot_decode(document, &snapshot, outpost->rejected, sizeof(outpost->rejected));
    if (rc == RC_OK) {
        rc = apply(outpost, snapshot);
    }
    if (rc == RC_OK) {
        outpost->rejected[0] = '\0';
        tell_accepted(outpost, snapshot);
    } else {
        log_event(&outpost->log, LOG_ERROR, "snapshot refused",
                  {"why", text_of(outpost->rejected)});
    }
    snapshot_unref(snapshot);
    return rc;
}

static enum rc read_file(struct outpost *outpost)
{
    const char *path = options_string(outpost->options, OPTION_SNAPSHOT);
    struct buf document;

    buf_init(&document, LIMIT_SNAPSHOT_BYTES);
    enum rc rc = file_read(path, &document);
    if (rc == RC_OK) {
        rc = take_snapshot(outpost, buf_text(&document));
    } else {
        log_event(&outpost->log, LOG_ERROR, "cannot read the snapshot", {"file", text_of(path)},
                  {"why", text_of(strerror(errno))});
    }
    buf_done(&document);
    return rc;
}

/* ---- the feed ----------------------------------------------------------------------------- */

static enum rc dial(void *arg, int *fd)
{
    const struct outpost *outpost = arg;

    return supply_follow(&outpost->supply, fd);
}

static void joined(void *arg)
{
    const struct outpost *outpost = arg;

    log_event(&outpost->log, LOG_DEBUG, "control listens");
    /* Before the first snapshot there is nothing to tell, and control must not forget what it knew
     * of us before we started. */
    if (outpost->user->joined && outpost->is_ready) {
        outpost->user->joined(outpost->user->arg);
    }
}

static void received(void *arg, enum feed_kind kind, struct text payload)
{
    struct outpost *outpost = arg;

    if (kind == FEED_SNAPSHOT) {
        /* Refused: it was logged, is reported, and the one before stays in use. */
        const enum rc rc = take_snapshot(outpost, payload);
        (void)rc;
        if (outpost->user->joined) {
            outpost->user->joined(outpost->user->arg); /* the revision in use, or why not */
        }
    } else if (outpost->user->seed) {
        outpost->user->seed(outpost->user->arg, payload);
    }
}

static void flushed(void *arg)
{
    const struct outpost *outpost = arg;

    if (outpost->user->lines_may_leave) {
        outpost->user->lines_may_leave(outpost->user->arg);
    }
}

static void lost(void *arg)
{
    const struct outpost *outpost = arg;

    if (!outpost->is_ending) {
        log_event(&outpost->log, LOG_WARN, "control is gone; going on with the last snapshot");
    }
}

static void begin_to_follow(struct outpost *outpost)
{
    const struct hello hello = {.role = text_of(outpost->user->role), .zone = outpost->user->zone};

    outpost->follow_user = (struct follow_user){.dial = dial,
                                                .joined = joined,
                                                .received = received,
                                                .flushed = flushed,
                                                .lost = lost,
                                                .arg = outpost};
    outpost->follow = follow_new(outpost->loop, &hello, &outpost->follow_user);
}

/* ---- signals and the supervisor ----------------------------------------------------------- */

static void signal_arrived(void *arg, int number)
{
    struct outpost *outpost = arg;

    if (number == SIGHUP) {
        if (!outpost->follow) {
            const enum rc rc = read_file(outpost);
            (void)rc; /* logged; the one before stays in use */
        }
        return;
    }
    if (outpost->is_ending) {
        outpost_stop(outpost);
        return;
    }
    outpost->is_ending = true;
    log_event(&outpost->log, LOG_INFO, "ending");
    outpost->user->end(outpost->user->arg);
}

/* Answers are read where questions are asked, so this is the end. */
static void desk_ready(struct loop_watch *watch, unsigned events)
{
    struct outpost *outpost = CONTAINER_OF(watch, struct outpost, desk);

    loop_watch_stop(outpost->loop, watch);
    log_event(&outpost->log, LOG_ERROR, "the supervisor is gone");
    outpost->exit_code = EXIT_FAILED;
    outpost_stop(outpost);
}

/* ---- beginning and end -------------------------------------------------------------------- */

static bool has_source(const struct outpost *outpost)
{
    return supply_is_supervised(&outpost->supply) ||
           *options_string(outpost->options, OPTION_SNAPSHOT) ||
           *options_string(outpost->options, OPTION_FEED);
}

int outpost_new(const struct options *options, const struct outpost_user *user,
                struct outpost **out)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, 0};
    struct outpost *outpost = MEM_NEW(struct outpost);
    char why[OPTIONS_WHY_BYTES] = "nothing to follow: give --snapshot FILE or --feed SOCKET";

    outpost->options = options;
    outpost->user = user;
    (void)snprintf(outpost->role, sizeof(outpost->role), "%s%s%.*s", user->role,
                   user->zone.len ? " " : "", TEXT_ARG(user->zone));
    supply_init(&outpost->supply, options_string(options, OPTION_FEED),
                (uint16_t)options_number(options, OPTION_PORT_OFFSET));
    if (!has_source(outpost) || options_log(options, outpost->role, &outpost->log, why) != RC_OK) {
        outpost_free(outpost);
        return role_fail(user->role, EXIT_WRONG_USE, "%s", why);
    }
    process_name(strcmp(user->role, "node") == 0 ? "openalb-node" : "openalb-dns");
    (void)process_raise_files(); /* what there is must do */
    process_guard_memory();
    outpost->loop = loop_new();
    outpost->signals = signals_new(outpost->loop, numbers, signal_arrived, outpost);
    *out = outpost;
    return EXIT_DONE;
}

void outpost_free(struct outpost *outpost)
{
    if (outpost) {
        follow_free(outpost->follow);
        signals_free(outpost->signals);
        loop_free(outpost->loop);
        mem_give(outpost);
    }
}

static enum rc give_up_rights(const struct outpost *outpost)
{
    const struct sandbox wanted = {
        .user = options_string(outpost->options, OPTION_USER),
        .is_alone = !supply_is_supervised(&outpost->supply),
    };
    char why[256];

    if (options_flag(outpost->options, OPTION_NO_SANDBOX)) {
        return RC_OK;
    }
    const enum rc rc = sandbox_enter(&wanted, why, sizeof(why));
    if (rc != RC_OK) {
        log_event(&outpost->log, LOG_ERROR, "cannot give up rights; --no-sandbox keeps them",
                  {"why", text_of(why)});
    }
    return rc;
}

static enum rc begin(struct outpost *outpost, enum rc (*started)(void *arg))
{
    TRY(give_up_rights(outpost));
    if (started) {
        TRY(started(outpost->user->arg));
    }
    if (supply_is_supervised(&outpost->supply)) {
        TRY(loop_watch_level(outpost->loop, &outpost->desk, outpost->supply.desk_fd, desk_ready));
    }
    if (*options_string(outpost->options, OPTION_SNAPSHOT)) {
        return read_file(outpost);
    }
    begin_to_follow(outpost);
    return RC_OK;
}

int outpost_run(struct outpost *outpost, enum rc (*started)(void *arg))
{
    if (begin(outpost, started) != RC_OK) {
        return EXIT_FAILED; /* whoever failed has logged it */
    }
    loop_run(outpost->loop);
    return outpost->exit_code;
}
