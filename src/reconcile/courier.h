/* SPDX-License-Identifier: Apache-2.0 */
/* courier: control's answers on the feed: a node that joins gets the last known health of its
 * targets, what it reports goes to the board, lines of logs go to their keeper, and the board is
 * told when it is gone.
 *
 * Owner    the user; it outlives the feed server. Control and log are borrowed. */
#pragma once
#include "base/log.h"
#include "control/control.h"
#include "feed/server.h"
#include "reconcile/log_keeper.h"

struct courier {
    struct feed_server_user user; /* for feed_server_new() */
    struct control *control;
    struct log_keeper *keeper; /* takes the lines of logs; NULL: they break the rules */
    const struct log *log;     /* may be NULL */
};

void courier_init(struct courier *courier, struct control *control, struct log_keeper *keeper,
                  const struct log *log);
