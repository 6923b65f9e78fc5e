/* SPDX-License-Identifier: Apache-2.0 */
/* log_keeper: the lines of load balancers' logs that nodes sent, until they are objects in a
 * bucket: one for each log, load balancer and zone, every interval, sooner when much comes.
 *
 * Lines are packed as they come, so that what waits is small. What cannot be written (the bucket is
 * gone, the disk is full) is dropped aloud; lines of a log that is off, or of a load balancer that
 * is not there, are dropped: what a node says is not believed. A crash loses what was not written
 * yet: logs are best effort, as AWS's are.
 *
 * Limits   LIMIT_LOG_OBJECT_BYTES of one object, packed; LIMIT_LOG_KEPT_BYTES of all together: then
 *          all are written at once.
 * Owner    the user; control and log are borrowed.   Thread  control's. It blocks on the disk.
 * Sources  AWS ALB, "Access log files": every 5 minutes, or more often with much traffic. */
#pragma once
#include "base/log.h"
#include "control/control.h"
#include "loop/loop.h"

struct log_keeper;

struct log_keeper *log_keeper_new(struct loop *loop, struct control *control, int64_t interval_ms,
                                  const struct log *log);
/* Writes what is there, then frees. NULL is fine. */
void log_keeper_free(struct log_keeper *keeper);
AUTO_DEFINE(log_keeper)

/* Pages (snapshot/log_page) of the node of this zone. RC_BAD: they are none; those before were
 * taken. */
MUST_USE enum rc log_keeper_take(struct log_keeper *keeper, struct text zone, struct text pages);
/* Writes what is there. */
void log_keeper_flush(struct log_keeper *keeper);
