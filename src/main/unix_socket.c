/* SPDX-License-Identifier: Apache-2.0 */
#include "main/unix_socket.h"

#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 64 };

/* A socket's path holds 107 bytes; one by way of its opened folder is always short enough. The
 * caller closes *folder_fd. */
static enum rc address_of(const char *path, struct sockaddr_un *out, int *folder_fd)
{
    char folder[PATH_MAX];
    char name[PATH_MAX];

    (void)snprintf(folder, sizeof(folder), "%s", path);
    (void)snprintf(name, sizeof(name), "%s", path);
    *folder_fd = open(dirname(folder), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (*folder_fd < 0) {
        return RC_IO;
    }
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    const int len = snprintf(out->sun_path, sizeof(out->sun_path), "/proc/self/fd/%d/%s",
                             *folder_fd, basename(name));
    if (len >= (int)sizeof(out->sun_path)) {
        (void)close(*folder_fd);
        return RC_IO;
    }
    return RC_OK;
}

static enum rc open_stream(int *out)
{
    *out = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return *out >= 0 ? RC_OK : RC_IO;
}

static enum rc bind_and_listen(int fd, const struct sockaddr_un *address)
{
    (void)unlink(address->sun_path); /* absent, or bind() will say so */
    const mode_t before = umask(0177);
    const int bound = bind(fd, (const struct sockaddr *)address, sizeof(*address));
    (void)umask(before);
    return bound == 0 && listen(fd, BACKLOG) == 0 ? RC_OK : RC_IO;
}

static enum rc join(int fd, const struct sockaddr_un *address)
{
    return connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 ? RC_OK : RC_IO;
}

/* Both ways alike: a socket, brought to life by `use`. */
static enum rc open_at(const char *path, enum rc (*use)(int, const struct sockaddr_un *), int *out)
{
    struct sockaddr_un address;
    int folder_fd;
    int fd;

    TRY(address_of(path, &address, &folder_fd));
    enum rc rc = open_stream(&fd);
    if (rc == RC_OK) {
        rc = use(fd, &address);
        if (rc == RC_OK) {
            *out = fd;
        } else {
            (void)close(fd);
        }
    }
    (void)close(folder_fd);
    return rc;
}

enum rc unix_listen(const char *path, int *fd)
{
    return open_at(path, bind_and_listen, fd);
}

enum rc unix_connect(const char *path, int *fd)
{
    return open_at(path, join, fd);
}
