/* SPDX-License-Identifier: Apache-2.0 */
#include "main/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, READ_BYTES = 16 * 1024 };

enum rc file_read(const char *path, struct buf *out)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = 1;

    if (fd < 0) {
        return errno == ENOENT ? RC_ABSENT : RC_IO;
    }
    while (got > 0) {
        /* One byte more than the ceiling holds would be one too many: buf_room says so. */
        char bytes[READ_BYTES];
        got = read(fd, bytes, sizeof(bytes));
        if (got > 0) {
            buf_add(out, (struct text){bytes, (size_t)got});
        }
    }
    (void)close(fd); /* only read */
    return got < 0 ? RC_IO : buf_result(out);
}

static enum rc write_all(int fd, struct text content)
{
    for (size_t done = 0; done < content.len;) {
        const ssize_t put = pwrite(fd, content.at + done, content.len - done, (off_t)done);
        if (put < 0) {
            return RC_IO;
        }
        done += (size_t)put;
    }
    return ftruncate(fd, (off_t)content.len) == 0 && fsync(fd) == 0 ? RC_OK : RC_IO;
}

static enum rc write_in_place(const char *path, struct text content)
{
    const int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0) {
        return RC_IO;
    }
    const enum rc rc = write_all(fd, content);
    return close(fd) == 0 ? rc : RC_IO;
}

static enum rc write_new(const char *path, struct text content, mode_t mode, uid_t uid, gid_t gid)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0) {
        return RC_IO;
    }
    enum rc rc = write_all(fd, content);
    if (rc == RC_OK && (fchown(fd, uid, gid) != 0 || fchmod(fd, mode) != 0)) {
        rc = RC_IO;
    }
    return close(fd) == 0 ? rc : RC_IO;
}

static bool is_link(const char *path)
{
    struct stat found;

    return lstat(path, &found) == 0 && S_ISLNK(found.st_mode);
}

enum rc file_replace(const char *path, struct text content, mode_t mode)
{
    char fresh[PATH_BYTES];
    struct stat old = {.st_mode = mode, .st_uid = geteuid(), .st_gid = getegid()};

    if (is_link(path)) {
        return write_in_place(path, content); /* the link stays one */
    }
    if (snprintf(fresh, sizeof(fresh), "%s.openalb-%d", path, getpid()) >= (int)sizeof(fresh)) {
        errno = ENAMETOOLONG;
        return RC_IO;
    }
    (void)stat(path, &old); /* absent: as preset */
    enum rc rc = write_new(fresh, content, old.st_mode & 07777, old.st_uid, old.st_gid);
    if (rc == RC_OK && rename(fresh, path) == 0) {
        return RC_OK;
    }
    const int error = errno;
    (void)unlink(fresh); /* nothing to do about a failure */
    errno = error;
    /* EBUSY: the file is a mount point, as /etc/hosts in containers. */
    return rc == RC_OK && error == EBUSY ? write_in_place(path, content) : RC_IO;
}
