/* SPDX-License-Identifier: Apache-2.0 */
#include "bucket/bucket.h"

#include "base/limits.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define FRESH ".openalb-" /* what an object is called while it is written; no part of a key is */

enum { PART_BYTES = 256, FRESH_BYTES = sizeof(FRESH) + 16, READ_BYTES = 64 * 1024 };

struct buckets {
    int fd; /* own; of the folder */
};

enum rc buckets_open(const char *state_folder, struct buckets **out)
{
    char path[4096];
    const int len = snprintf(path, sizeof(path), "%s/s3", state_folder);

    if (len >= (int)sizeof(path)) {
        errno = ENAMETOOLONG;
        return RC_IO;
    }
    if (mkdir(path, 0700) != 0 && errno != EEXIST) {
        return RC_IO;
    }
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return RC_IO;
    }
    *out = MEM_NEW(struct buckets);
    (*out)->fd = fd;
    return RC_OK;
}

void buckets_free(struct buckets *buckets)
{
    if (buckets) {
        (void)close(buckets->fd); /* only a folder's */
        mem_give(buckets);
    }
}

/* ---- names -------------------------------------------------------------------------------- */

/* Amazon S3, "General purpose bucket naming rules": these are its own. */
static const struct text reserved_starts[] = {
    TEXT_INIT("xn--"),
    TEXT_INIT("sthree-"),
    TEXT_INIT("amzn-s3-demo-"),
};
static const struct text reserved_ends[] = {
    TEXT_INIT("-s3alias"), TEXT_INIT("--ol-s3"),    TEXT_INIT(".mrap"),
    TEXT_INIT("--x-s3"),   TEXT_INIT("--table-s3"),
};

static bool is_lower_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_reserved(struct text bucket)
{
    for (size_t i = 0; i < ARRAY_LEN(reserved_starts); i++) {
        if (text_starts(bucket, reserved_starts[i])) {
            return true;
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(reserved_ends); i++) {
        if (text_ends(bucket, reserved_ends[i])) {
            return true;
        }
    }
    return false;
}

/* Four runs of digits with dots between them. */
static bool looks_like_an_address(struct text bucket)
{
    size_t dots = 0;

    for (size_t i = 0; i < bucket.len; i++) {
        if (bucket.at[i] == '.') {
            dots++;
        } else if (bucket.at[i] < '0' || bucket.at[i] > '9') {
            return false;
        }
    }
    return dots == 3;
}

bool bucket_name_is_valid(struct text bucket)
{
    if (bucket.len < 3 || bucket.len > 63) {
        return false;
    }
    for (size_t i = 0; i < bucket.len; i++) {
        const char c = bucket.at[i];
        const bool is_inside = i > 0 && i + 1 < bucket.len;
        const bool is_dot = c == '.' && is_inside && bucket.at[i - 1] != '.';
        if (!is_lower_or_digit(c) && !is_dot && !(c == '-' && is_inside)) {
            return false;
        }
    }
    return !looks_like_an_address(bucket) && !is_reserved(bucket);
}

static bool is_part(struct text part)
{
    return part.len > 0 && part.len < PART_BYTES && !text_eq(part, TEXT(".")) &&
           !text_eq(part, TEXT("..")) && !text_starts(part, TEXT(FRESH));
}

bool bucket_key_is_valid(struct text key)
{
    struct text rest = key;
    struct text part;

    if (key.len == 0 || key.len > LIMIT_OBJECT_KEY_BYTES || key.at[key.len - 1] == '/' ||
        text_find(key, '\0') < key.len) {
        return false;
    }
    while (text_next(&rest, '/', &part)) {
        if (!is_part(part)) {
            return false;
        }
    }
    return true;
}

/* ---- the way to an object ----------------------------------------------------------------- */

static bool sync_folder(int folder)
{
    return fsync(folder) == 0;
}

/* The folder `part` of `folder`; a link is none. */
static enum rc enter(int folder, struct text part, bool makes, int *out)
{
    char name[PART_BYTES];

    TRY(text_to_string(part, name, sizeof(name)));
    int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT && makes) {
        if (mkdirat(folder, name, 0700) == 0 && !sync_folder(folder)) {
            return RC_IO;
        }
        fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    }
    if (fd < 0) {
        const bool is_another = errno == ENOTDIR || errno == ELOOP;
        return errno == ENOENT ? RC_ABSENT : is_another ? RC_CONFLICT : RC_IO;
    }
    *out = fd;
    return RC_OK;
}

/* Opens the folder of an object and gives the object's name in it. Close `*out`. */
static enum rc walk(const struct buckets *buckets, struct text bucket, struct text key, bool makes,
                    int *out, char name[static PART_BYTES])
{
    struct text rest = key;
    struct text part;
    int folder;

    if (!bucket_name_is_valid(bucket) || !bucket_key_is_valid(key)) {
        return RC_BAD;
    }
    TRY(enter(buckets->fd, bucket, false, &folder));
    while (text_next(&rest, '/', &part) && rest.len > 0) {
        int next;
        const enum rc rc = enter(folder, part, makes, &next);
        (void)close(folder); /* only a folder's */
        TRY(rc);
        folder = next;
    }
    *out = folder;
    return text_to_string(part, name, PART_BYTES);
}

enum rc bucket_make(const struct buckets *buckets, struct text bucket)
{
    int folder;

    if (!bucket_name_is_valid(bucket)) {
        return RC_BAD;
    }
    TRY(enter(buckets->fd, bucket, true, &folder));
    (void)close(folder); /* only a folder's */
    return RC_OK;
}

bool bucket_exists(const struct buckets *buckets, struct text bucket)
{
    int folder;

    if (!bucket_name_is_valid(bucket) || enter(buckets->fd, bucket, false, &folder) != RC_OK) {
        return false;
    }
    (void)close(folder); /* only a folder's */
    return true;
}

/* ---- reading ------------------------------------------------------------------------------ */

/* A pipe or a device would make us wait or worse: only a file is an object. */
static enum rc open_object(const struct buckets *buckets, struct text bucket, struct text key,
                           int *out)
{
    char name[PART_BYTES];
    struct stat found;
    int folder;

    const enum rc rc = walk(buckets, bucket, key, false, &folder, name);
    if (rc != RC_OK) {
        return rc == RC_CONFLICT ? RC_ABSENT : rc;
    }
    const int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    const int error = errno;
    (void)close(folder); /* only a folder's */
    if (fd < 0) {
        errno = error;
        return error == ENOENT || error == ELOOP || error == ENXIO ? RC_ABSENT : RC_IO;
    }
    if (fstat(fd, &found) != 0 || !S_ISREG(found.st_mode)) {
        (void)close(fd); /* not an object */
        return RC_ABSENT;
    }
    *out = fd;
    return RC_OK;
}

bool bucket_has(const struct buckets *buckets, struct text bucket, struct text key)
{
    int fd;

    if (open_object(buckets, bucket, key, &fd) != RC_OK) {
        return false;
    }
    (void)close(fd); /* only looked at */
    return true;
}

enum rc bucket_read(const struct buckets *buckets, struct text bucket, struct text key,
                    struct buf *out)
{
    ssize_t got = 1;
    int fd;

    TRY(open_object(buckets, bucket, key, &fd));
    while (got > 0 && !out->is_full) {
        char bytes[READ_BYTES];
        got = read(fd, bytes, sizeof(bytes));
        if (got > 0) {
            buf_add(out, (struct text){bytes, (size_t)got});
        }
    }
    const int error = errno;
    (void)close(fd); /* only read */
    errno = error;
    return got < 0 ? RC_IO : buf_result(out);
}

/* ---- writing ------------------------------------------------------------------------------ */

static bool name_fresh(char out[static FRESH_BYTES])
{
    uint64_t random;

    if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random)) {
        return false;
    }
    (void)snprintf(out, FRESH_BYTES, FRESH "%016llx", (unsigned long long)random);
    return true;
}

static enum rc write_fresh(int folder, const char *fresh, struct text content)
{
    const int fd =
        openat(folder, fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool is_written = fd >= 0;

    if (fd < 0) {
        return RC_IO;
    }
    for (size_t done = 0; is_written && done < content.len;) {
        const ssize_t put = write(fd, content.at + done, content.len - done);
        is_written = put >= 0 || errno == EINTR;
        done += put > 0 ? (size_t)put : 0;
    }
    is_written = is_written && fsync(fd) == 0;
    return close(fd) == 0 && is_written ? RC_OK : RC_IO;
}

static enum rc put_in_place(int folder, const char *name, struct text content)
{
    char fresh[FRESH_BYTES];

    if (!name_fresh(fresh)) {
        return RC_IO;
    }
    if (write_fresh(folder, fresh, content) == RC_OK &&
        renameat(folder, fresh, folder, name) == 0) {
        return sync_folder(folder) ? RC_OK : RC_IO;
    }
    const int error = errno;
    (void)unlinkat(folder, fresh, 0); /* nothing to do about a failure */
    errno = error;
    return error == EISDIR ? RC_CONFLICT : RC_IO;
}

enum rc bucket_write(const struct buckets *buckets, struct text bucket, struct text key,
                     struct text content)
{
    char name[PART_BYTES];
    int folder;

    TRY(walk(buckets, bucket, key, true, &folder, name));
    const enum rc rc = put_in_place(folder, name, content);
    const int error = errno;
    (void)close(folder); /* only a folder's */
    errno = error;
    return rc;
}
