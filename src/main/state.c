/* SPDX-License-Identifier: Apache-2.0 */
#include "main/state.h"

#include "main/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_BYTES_MAX = 16 * 1024, PATH_BYTES = 4096 };

/* ---- the folder --------------------------------------------------------------------------- */

enum rc state_find(const struct options *options, struct state *out, char *why)
{
    const char *named = options_string(options, OPTION_STATE);
    const char *home = getenv("XDG_STATE_HOME");
    int len;

    out->lock_fd = -1;
    if (*named) {
        len = snprintf(out->folder, sizeof(out->folder), "%s", named);
    } else if (geteuid() == 0) {
        len = snprintf(out->folder, sizeof(out->folder), "/var/lib/openalb");
    } else if (home && *home) {
        len = snprintf(out->folder, sizeof(out->folder), "%s/openalb", home);
    } else {
        len = snprintf(out->folder, sizeof(out->folder), "%s/.local/state/openalb",
                       getenv("HOME") ? getenv("HOME") : ".");
    }
    if (len >= (int)sizeof(out->folder)) {
        (void)snprintf(why, OPTIONS_WHY_BYTES, "--state: the path is too long");
        return RC_BAD;
    }
    return RC_OK;
}

/* As `mkdir -p`; only what is made here gets mode 0700. */
static bool make_folders(const char *folder)
{
    char path[sizeof(((struct state *)NULL)->folder)];

    (void)snprintf(path, sizeof(path), "%s", folder);
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(path, 0755) != 0 && errno != EEXIST) {
            return false;
        }
        *slash = '/';
    }
    return mkdir(path, 0700) == 0 || errno == EEXIST;
}

static enum rc refuse(const struct state *state, const char *what, char *why)
{
    (void)snprintf(why, OPTIONS_WHY_BYTES, "%s %.200s: %s", what, state->folder, strerror(errno));
    return RC_IO;
}

static void tell_holder(const struct state *state, char *why)
{
    char process[16] = "";
    const ssize_t got = pread(state->lock_fd, process, sizeof(process) - 1, 0);

    (void)got; /* empty then */
    (void)snprintf(why, OPTIONS_WHY_BYTES,
                   "the state in %.200s is in use by another openalb (process %s); end it, or give "
                   "this one a --state of its own",
                   state->folder, *process ? process : "unknown");
}

enum rc state_open(struct state *state, char *why)
{
    char path[PATH_BYTES];
    struct stat folder;

    if (!make_folders(state->folder) || stat(state->folder, &folder) != 0) {
        return refuse(state, "cannot make the state's folder", why);
    }
    if (folder.st_mode & 077 && chmod(state->folder, 0700) != 0) {
        return refuse(state, "cannot close to others the state's folder", why);
    }
    state_path(state, "lock", path, sizeof(path));
    state->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (state->lock_fd < 0) {
        return refuse(state, "cannot write to the state's folder", why);
    }
    if (flock(state->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        tell_holder(state, why);
        state_close(state);
        return RC_CONFLICT;
    }
    if (ftruncate(state->lock_fd, 0) != 0 || dprintf(state->lock_fd, "%d", getpid()) < 0) {
        state_close(state);
        return refuse(state, "cannot write to the state's folder", why);
    }
    return RC_OK;
}

void state_close(struct state *state)
{
    if (state->lock_fd >= 0) {
        (void)close(state->lock_fd);
        state->lock_fd = -1;
    }
}

void state_path(const struct state *state, const char *name, char *out, size_t out_size)
{
    (void)snprintf(out, out_size, "%s/%s", state->folder, name);
}

/* ---- the key ------------------------------------------------------------------------------ */

/* Each byte chooses one of 32 or 64 letters, so all are equally likely. */
static bool random_letters(const char *letters, unsigned mask, char *out, size_t count)
{
    unsigned char bytes[64];

    ASSERT(count <= sizeof(bytes));
    if (getrandom(bytes, count, 0) != (ssize_t)count) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        out[i] = letters[bytes[i] & mask];
    }
    out[count] = '\0';
    return true;
}

static enum rc generate(const struct state *state, const char *path, struct state_key *out,
                        char *why)
{
    char content[300];

    memcpy(out->id, "AKIA", 4);
    if (!random_letters("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 31, out->id + 4, 16) ||
        !random_letters("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 63,
                        out->secret, 40)) {
        return refuse(state, "no random numbers for a key in", why);
    }
    const int len = snprintf(content, sizeof(content),
                             "[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n",
                             out->id, out->secret);
    if (file_replace(path, (struct text){content, (size_t)len}, 0600) != RC_OK) {
        return refuse(state, "cannot keep a key in", why);
    }
    return RC_OK;
}

static enum rc take_value(struct text value, size_t len, char *out)
{
    return value.len == len ? text_to_string(value, out, len + 1) : RC_BAD;
}

enum rc state_key_parse(struct text content, struct state_key *out)
{
    struct state_key key = {0};
    struct text line;

    while (text_next(&content, '\n', &line)) {
        const size_t equals = text_find(line, '=');
        const struct text name = text_trim(text_slice(line, 0, equals));
        const struct text value = text_trim(text_slice(line, equals + 1, line.len));
        if (text_eq(name, TEXT("aws_access_key_id"))) {
            TRY(take_value(value, STATE_KEY_BYTES - 1, key.id));
        } else if (text_eq(name, TEXT("aws_secret_access_key"))) {
            TRY(take_value(value, STATE_SECRET_BYTES - 1, key.secret));
        }
    }
    if (!*key.id || !*key.secret) {
        return RC_BAD;
    }
    *out = key;
    return RC_OK;
}

enum rc state_key_read(const struct state *state, struct state_key *out, char *why)
{
    char path[PATH_BYTES];
    struct buf content;

    state_path(state, "credentials", path, sizeof(path));
    buf_init(&content, FILE_BYTES_MAX);
    enum rc rc = file_read(path, &content);
    if (rc == RC_OK) {
        rc = state_key_parse(buf_text(&content), out);
    }
    buf_done(&content);
    if (rc != RC_OK && rc != RC_ABSENT) {
        (void)snprintf(why, OPTIONS_WHY_BYTES, "%.200s holds no key that can be read", path);
    }
    return rc;
}

enum rc state_key_make(const struct state *state, struct state_key *out, char *why)
{
    char path[PATH_BYTES];
    const enum rc rc = state_key_read(state, out, why);

    if (rc != RC_ABSENT) {
        return rc;
    }
    state_path(state, "credentials", path, sizeof(path));
    return generate(state, path, out, why);
}

/* ---- the endpoint ------------------------------------------------------------------------- */

enum rc state_endpoint_write(const struct state *state, struct text url, struct text region)
{
    char path[PATH_BYTES];
    struct buf content;

    state_path(state, "endpoint", path, sizeof(path));
    buf_init(&content, FILE_BYTES_MAX);
    buf_printf(&content, "%.*s\n%.*s\n", TEXT_ARG(url), TEXT_ARG(region));
    const enum rc rc = file_replace(path, buf_text(&content), 0600);
    buf_done(&content);
    return rc;
}

enum rc state_endpoint_read(const struct state *state, struct buf *url, struct buf *region)
{
    char path[PATH_BYTES];
    struct buf content;
    struct text line;

    state_path(state, "endpoint", path, sizeof(path));
    buf_init(&content, FILE_BYTES_MAX);
    const enum rc rc = file_read(path, &content);
    if (rc == RC_OK) {
        struct text rest = buf_text(&content);
        if (text_next(&rest, '\n', &line)) {
            buf_add(url, line);
        }
        if (text_next(&rest, '\n', &line)) {
            buf_add(region, line);
        }
    }
    buf_done(&content);
    return rc;
}
