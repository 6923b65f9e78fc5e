/* SPDX-License-Identifier: Apache-2.0 */
/* gzip: bytes packed. Several members one behind the other are one file: what is packed piece by
 * piece reads back as a whole.
 *
 * Source   RFC 1952 §2.2. */
#pragma once
#include "base/buf.h"

/* Appends one member that holds `plain`. RC_LIMIT: beyond the ceiling of `out`, which is as it was.
 * Takes some 10 ms a MB: not for workers. */
MUST_USE enum rc gzip_add(struct text plain, struct buf *out);
