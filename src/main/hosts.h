/* SPDX-License-Identifier: Apache-2.0 */
/* hosts: the names of load balancers in /etc/hosts, in a marked block of our own, so that every
 * program on this machine finds them with no set-up. Every other byte of the file stays as it is.
 *
 *   # openalb begin /var/lib/openalb
 *   127.0.80.10 news-api-alb-123456789.us-east-1.elb.internal
 *   # openalb end /var/lib/openalb
 *
 * The state's folder in the marks keeps apart several servers on one machine; a block that a
 * crashed server left is found again by it. */
#pragma once
#include "base/buf.h"
#include "snapshot/snapshot.h"

/* Appends `old` with the block of `mark` replaced by one of `lines`; empty lines: without one. The
 * block goes where it was, or to the end. A begin without an end is no block: nobody's lines are
 * lost, and a new block follows. */
void hosts_edit(struct text old, struct text mark, struct text lines, struct buf *out);

/* Appends a line for each name and address of internet-facing and internal load balancers. */
void hosts_lines(const struct snapshot *snapshot, struct buf *out);

/* Edits the file, if that changes it. RC_IO (errno tells), RC_LIMIT. */
MUST_USE enum rc hosts_write(const char *path, struct text mark, struct text lines);
