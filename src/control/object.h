/* SPDX-License-Identifier: Apache-2.0 */
/* object: an object of a bucket that a call names: where AWS would fetch it from S3. */
#pragma once
#include "base/buf.h"
#include "control/control.h"

struct object_name {
    struct text bucket, key;
    struct text version; /* empty: the newest */
};

/* Appends the object. There is one version, with the id "null": others are absent. RC_ABSENT, also
 * for names that no bucket or object can have; RC_LIMIT: larger than the ceiling of `out`; RC_IO.
 */
MUST_USE enum rc object_read(const struct turn *turn, const struct object_name *name,
                             struct buf *out);
