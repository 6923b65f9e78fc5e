/* SPDX-License-Identifier: Apache-2.0 */
/* fetch: one page of our own API port, for a command line. Blocking, with a timeout. */
#pragma once
#include "base/buf.h"

/* Appends the body of http://ADDRESS:PORT{path}. RC_IO, RC_BAD (no answer of ours): `why`. */
MUST_USE enum rc fetch(struct text url, const char *path, struct buf *body, char *why,
                       size_t why_size);
