/* SPDX-License-Identifier: Apache-2.0 */
/* file: small files, whole. Blocking: for start, end and the supervisor. */
#pragma once
#include "base/buf.h"

#include <sys/types.h>

/* Appends the content. RC_ABSENT: no such file. RC_LIMIT: larger than the ceiling of `out`. RC_IO:
 * errno tells. */
MUST_USE enum rc file_read(const char *path, struct buf *out);

/* The file has this content afterwards, or the old one still, whatever happens in between: a new
 * file is written, synced and renamed over it. An old one's owner and mode are kept, else `mode`.
 * Where a rename is not possible (a file mounted into a container) it is overwritten in place.
 * RC_IO: errno tells. */
MUST_USE enum rc file_replace(const char *path, struct text content, mode_t mode);
