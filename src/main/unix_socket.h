/* SPDX-License-Identifier: Apache-2.0 */
/* unix_socket: stream sockets by a path, of any length. */
#pragma once
#include "base/rc.h"

/* Listening, non-blocking, mode 0600; a leftover of that name is replaced. RC_IO: errno tells. */
MUST_USE enum rc unix_listen(const char *path, int *fd);
/* Connected, non-blocking. RC_IO. */
MUST_USE enum rc unix_connect(const char *path, int *fd);
