/* SPDX-License-Identifier: Apache-2.0 */
/* rules: the rules of one listener, compiled: which one is the first whose conditions all hold?
 *
 * Looking at a hundred rules one by one costs as much as relaying the request. So the exact hosts
 * and the literal beginnings of paths are hashed to sets of rules; the intersection of the sets of
 * this request's host and path is what has to be looked at, in order of priority. The sets only
 * leave out; whether a rule holds is decided by its conditions alone.
 *
 * Thread   immutable after rules_build: any.
 * Sources  AWS ALB, "Listener rules", "Condition types for listener rules"; reference section 4. */
#pragma once
#include "base/arena.h"
#include "http/message.h"
#include "snapshot/snapshot.h"

struct rules;

/* What conditions look at. */
struct rules_subject {
    const struct http_request *head;
    uint32_t source_ip; /* the TCP peer, host order; X-Forwarded-For is not asked */
};

/* Everything lives in `arena`; `listener` is borrowed for life. RC_LIMIT: the arena is full. */
MUST_USE enum rc rules_build(const struct snap_listener *listener, struct arena *arena,
                             struct rules **out);

/* The default rule always holds; NULL only when `arena`, where the path is normalised, is full.
 * *evaluated: how many rules were looked at, the default one not counted. */
const struct snap_rule *rules_match(const struct rules *rules, const struct rules_subject *subject,
                                    struct arena *arena, unsigned *evaluated);
