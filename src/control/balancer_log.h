/* SPDX-License-Identifier: Apache-2.0 */
/* balancer_log: where a load balancer's access, connection and health check logs go.
 *
 * Sources  AWS ALB, "Enable access logs", "Access log files": a bucket that can be written to, the
 *          test object, the names of objects; messages as observed. */
#pragma once
#include "control/attribute.h"
#include "control/balancer.h"
#include "snapshot/log_page.h"

/* Of a set of a load balancer's attributes. */
bool balancer_log_is_on(const struct attribute_set *set, enum log_kind kind);

/* After `changes` were applied: the bucket of every log that they touch, and that is on now, is
 * there and takes AWS's test object; else RC_BAD with a refusal. */
MUST_USE enum rc balancer_log_prove(struct turn *turn, const struct attribute_set *set,
                                    const struct attribute *changes, size_t count);

/* Where the lines of one log, of one load balancer's node, go. Texts live in the turn's arena. */
struct balancer_log_place {
    struct text bucket;
    struct text key; /* of an object for the interval that ends at end_unix_ms, new at each call */
};

/* RC_ABSENT: no such load balancer, or not in this zone, or the log is off. */
MUST_USE enum rc balancer_log_find(struct turn *turn, enum log_kind kind, struct text balancer_id,
                                   struct text zone, int64_t end_unix_ms,
                                   struct balancer_log_place *out);
