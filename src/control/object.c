/* SPDX-License-Identifier: Apache-2.0 */
#include "control/object.h"

#include "bucket/bucket.h"

enum rc object_read(const struct turn *turn, const struct object_name *name, struct buf *out)
{
    if (!turn->config->buckets ||
        (!text_is_empty(name->version) && !text_eq(name->version, TEXT("null")))) {
        return RC_ABSENT;
    }
    const enum rc rc = bucket_read(turn->config->buckets, name->bucket, name->key, out);
    return rc == RC_BAD ? RC_ABSENT : rc;
}
