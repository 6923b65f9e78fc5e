/* SPDX-License-Identifier: Apache-2.0 */
/* names: keeps this machine's hosts file as the snapshots say, while the server lives.
 *
 * It follows control's feed as nodes do. What a crashed server left is replaced by the first
 * snapshot; names_free() takes the block away.
 *
 * Thread   the supervisor's. */
#pragma once
#include "base/log.h"
#include "loop/loop.h"

struct names;

/* `hosts_file`, `mark` and `feed` (path of the feed's socket) are borrowed for life. */
struct names *names_new(struct loop *loop, const struct log *log, const char *hosts_file,
                        struct text mark, const char *feed);
void names_free(struct names *names); /* NULL is fine */
