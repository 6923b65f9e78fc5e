/* SPDX-License-Identifier: Apache-2.0 */
/* dial: a TCP connection being made, by a deadline.
 *
 * Embedded in its owner; used for one attempt after the other.
 *
 * Thread   the loop's.   Time   loop_now_ms. */
#pragma once
#include "net/stream.h"

/* RC_OK: `stream` is yours, connected. RC_IO: refused, unreachable. RC_LATE: no answer by the
 * deadline. From the loop, once; the dial may be started again or freed from here. */
typedef void dial_done_fn(void *arg, enum rc rc, struct stream *stream);

struct dial {
    struct loop_timer timer;
    struct stream *stream; /* own, while connecting; else NULL */
    dial_done_fn *done;
    void *arg;
};

void dial_init(struct dial *dial);

/* RC_AGAIN  under way; `done` will be called.
 * RC_OK     connected at once: *out is yours; `done` will not be called.
 * RC_IO     refused at once.   RC_LIMIT  no descriptor or no local port left. */
MUST_USE enum rc dial_start(struct dial *dial, struct loop *loop, struct net_addr addr,
                            int64_t deadline_ms, dial_done_fn *done, void *arg,
                            struct stream **out);
/* After it, `done` is not called. Fine when nothing is under way. */
void dial_cancel(struct dial *dial);
