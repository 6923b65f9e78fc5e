/* SPDX-License-Identifier: Apache-2.0 */
#include "main/hosts.h"

#include "main/file.h"
#include "snapshot/address.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

enum { HOSTS_BYTES_MAX = 16 * 1024 * 1024 };

static bool is_mark(struct text line, struct text word, struct text mark)
{
    const struct text head = text_slice(line, 0, word.len);

    return text_eq(head, word) && text_eq(text_slice(line, word.len, line.len), mark);
}

/* Where a block stands: from its first byte to behind the end of its last line. */
static bool find_block(struct text old, struct text mark, size_t *from, size_t *to)
{
    bool is_begun = false;

    for (size_t at = 0; at < old.len;) {
        const struct text rest = text_slice(old, at, old.len);
        const struct text line = text_slice(rest, 0, text_find(rest, '\n'));
        const size_t next = at + line.len + (line.len < rest.len);

        if (is_mark(line, TEXT("# openalb begin "), mark)) {
            *from = at;
            is_begun = true;
        } else if (is_begun && is_mark(line, TEXT("# openalb end "), mark)) {
            *to = next;
            return true;
        }
        at = next;
    }
    return false;
}

static void add_block(struct text mark, struct text lines, struct buf *out)
{
    if (!text_is_empty(lines)) {
        buf_printf(out, "# openalb begin %.*s\n", TEXT_ARG(mark));
        buf_add(out, lines);
        buf_printf(out, "# openalb end %.*s\n", TEXT_ARG(mark));
    }
}

void hosts_edit(struct text old, struct text mark, struct text lines, struct buf *out)
{
    size_t from = old.len;
    size_t to = old.len;
    const bool is_there = find_block(old, mark, &from, &to);

    if (!is_there) {
        from = to = old.len;
    }
    buf_add(out, text_slice(old, 0, from));
    if (from > 0 && old.at[from - 1] != '\n' && !text_is_empty(lines)) {
        buf_add_byte(out, '\n'); /* somebody's last line is not ended */
    }
    add_block(mark, lines, out);
    buf_add(out, text_slice(old, to, old.len));
}

void hosts_lines(const struct snapshot *snapshot, struct buf *out)
{
    size_t count;
    const struct snap_balancer *balancers = snapshot_balancers(snapshot, &count);

    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < balancers[i].address_count; j++) {
            char ip[ADDRESS_TEXT_BYTES];
            if (text_is_empty(balancers[i].dns_name)) {
                continue;
            }
            address_print(balancers[i].addresses[j].ip, ip, sizeof(ip));
            buf_printf(out, "%s %.*s\n", ip, TEXT_ARG(balancers[i].dns_name));
        }
    }
}

static enum rc edit_file(const char *path, struct text mark, struct text lines)
{
    struct buf old, edited;
    enum rc rc;

    buf_init(&old, HOSTS_BYTES_MAX);
    buf_init(&edited, 2 * HOSTS_BYTES_MAX);
    rc = file_read(path, &old);
    if (rc == RC_OK || rc == RC_ABSENT) {
        hosts_edit(buf_text(&old), mark, lines, &edited);
        rc = buf_result(&edited);
    }
    if (rc == RC_OK && !text_eq(buf_text(&old), buf_text(&edited))) {
        rc = file_replace(path, buf_text(&edited), 0644);
    }
    buf_done(&old);
    buf_done(&edited);
    return rc;
}

/* Two servers must not overwrite each other's edit. The folder is locked, for the file itself is
 * another one after each edit. */
enum rc hosts_write(const char *path, struct text mark, struct text lines)
{
    char folder[4096];
    const char *slash = strrchr(path, '/');
    const struct text name = slash ? (struct text){path, (size_t)(slash - path) + 1} : TEXT("./");

    TRY(text_to_string(name, folder, sizeof(folder)));
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return RC_IO;
    }
    (void)flock(fd, LOCK_EX); /* a file system without locks: as well as we can */
    const enum rc rc = edit_file(path, mark, lines);
    (void)close(fd);
    return rc;
}
