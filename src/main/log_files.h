/* SPDX-License-Identifier: Apache-2.0 */
/* log_files: logs of load balancers that a node writes itself, without control: --access-log,
 * --connection-log, --health-check-log.
 *
 * Opened before rights are given up, for appending, so that others may truncate them. A line is
 * written with the others that came together, whole; what cannot be written is dropped aloud.
 * Writing blocks the caller's thread as long as the file does: a pipe that nobody reads stops
 * health checks, not requests.
 *
 * Thread   the main one. */
#pragma once
#include "base/log.h"
#include "main/options.h"
#include "snapshot/log_page.h"

struct log_files {
    int fds[LOG_KIND_COUNT]; /* own, but standard output; -1: none */
    unsigned kinds;          /* LOG_SET of those that there are */
    bool is_failing;         /* said already */
};

/* RC_IO: errno and *path tell. */
MUST_USE enum rc log_files_open(const struct options *options, struct log_files *out,
                                const char **path);
void log_files_close(struct log_files *files);

/* The lines of these pages, each to its file, if it has one. `log` hears of failures. */
void log_files_write(struct log_files *files, struct text pages, const struct log *log);
