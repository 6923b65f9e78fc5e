/* SPDX-License-Identifier: Apache-2.0 */
/* sandbox: a process that faces the network gives up what it does not need: its user, its
 * capabilities, and every system call that is not listed. What is not listed fails with EPERM, as
 * if it were not allowed, so that a library that tries something new does not end the process.
 *
 * Thread   call it before threads are made: they inherit all of it.
 * Sources  seccomp(2), capabilities(7), PR_SET_NO_NEW_PRIVS. */
#pragma once
#include "base/rc.h"

#include <stdbool.h>

struct sandbox {
    const char *user; /* what to run as, when root now */
    /* Without a supervisor: it opens its own sockets (CAP_NET_BIND_SERVICE is kept) and reads its
     * snapshot again, so it stays who it is. */
    bool is_alone;
};

/* RC_ABSENT: no such user; RC_IO. `why` tells. */
MUST_USE enum rc sandbox_enter(const struct sandbox *wanted, char *why, size_t why_size);
