/* SPDX-License-Identifier: Apache-2.0 */
/* courier: control's answers on the feed: a node that joins gets the last known health of its
 * targets, what it reports goes to the board, and the board is told when it is gone.
 *
 * Owner    the user; it outlives the feed server. Control and log are borrowed. */
#pragma once
#include "base/log.h"
#include "control/control.h"
#include "feed/server.h"

struct courier {
    struct feed_server_user user; /* for feed_server_new() */
    struct control *control;
    const struct log *log; /* may be NULL */
};

void courier_init(struct courier *courier, struct control *control, const struct log *log);
