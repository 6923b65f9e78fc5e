/* SPDX-License-Identifier: Apache-2.0 */
#include "main/log_files.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static const enum option options_of[] = {
    [LOG_KIND_ACCESS] = OPTION_ACCESS_LOG,
    [LOG_KIND_CONNECTION] = OPTION_CONNECTION_LOG,
    [LOG_KIND_HEALTH_CHECK] = OPTION_HEALTH_CHECK_LOG,
};

static int open_one(const char *path)
{
    return strcmp(path, "-") == 0
               ? STDOUT_FILENO
               : open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0640);
}

enum rc log_files_open(const struct options *options, struct log_files *out, const char **path)
{
    *out = (struct log_files){.kinds = 0};
    for (int kind = 0; kind < LOG_KIND_COUNT; kind++) {
        out->fds[kind] = -1;
    }
    for (int kind = 0; kind < LOG_KIND_COUNT; kind++) {
        *path = options_string(options, options_of[kind]);
        if (!**path) {
            continue;
        }
        out->fds[kind] = open_one(*path);
        if (out->fds[kind] < 0) {
            return RC_IO;
        }
        out->kinds |= 1u << kind;
    }
    return RC_OK;
}

void log_files_close(struct log_files *files)
{
    for (int kind = 0; kind < LOG_KIND_COUNT; kind++) {
        if (files->kinds & 1u << kind && files->fds[kind] != STDOUT_FILENO) {
            (void)close(files->fds[kind]); /* what was written is the kernel's */
        }
    }
    files->kinds = 0;
}

static enum rc write_all(int fd, struct text lines)
{
    while (lines.len > 0) {
        const ssize_t wrote = write(fd, lines.at, lines.len);

        if (wrote < 0 && errno != EINTR) {
            return RC_IO;
        }
        lines = text_slice(lines, wrote > 0 ? (size_t)wrote : 0, lines.len);
    }
    return RC_OK;
}

void log_files_write(struct log_files *files, struct text pages, const struct log *log)
{
    struct log_page page;

    while (log_page_parse(&pages, &page) == RC_OK) {
        if (!(files->kinds & 1u << page.kind)) {
            continue;
        }
        const bool failed = write_all(files->fds[page.kind], page.lines) != RC_OK;
        if (failed && !files->is_failing) {
            log_event(log, LOG_WARN, "log lines are dropped: the file cannot be written",
                      {"why", text_of(strerror(errno))});
        }
        files->is_failing = failed;
    }
}
