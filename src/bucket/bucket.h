/* SPDX-License-Identifier: Apache-2.0 */
/* bucket: objects of buckets, as files of one folder: <folder>/BUCKET/KEY.
 *
 * AWS reads and writes the large things of a load balancer (certificate bundles, revocation lists,
 * logs) in S3. Here a bucket is a folder and an object a file in it, so that `cp` and `mkdir` are
 * the tools for it. An object is read and written whole. There are no versions: the one there is
 * has the id "null", as in a bucket of S3 that never had versioning.
 *
 * Names come from strangers. A bucket has a name that S3 allows; a key is one that can be a file's
 * path below it: no empty, "." or ".." part. The path is walked part by part and no link is
 * followed, so nothing outside of the folder is ever opened.
 *
 * Owner    whoever opened it.
 * Thread   any; it holds nothing but a descriptor. Calls block on the disk: not for workers.
 * Sources  Amazon S3, "General purpose bucket naming rules", "Naming Amazon S3 objects". */
#pragma once
#include "base/buf.h"

struct buckets;

/* Opens <state_folder>/s3, which is made (0700) when it is not there. RC_IO: errno tells. */
MUST_USE enum rc buckets_open(const char *state_folder, struct buckets **out);
void buckets_free(struct buckets *buckets); /* NULL is fine */
AUTO_DEFINE(buckets)

bool bucket_name_is_valid(struct text bucket);
bool bucket_key_is_valid(struct text key);

/* The bucket is there afterwards. RC_BAD: not a name. RC_CONFLICT: something else has its place.
 * RC_IO. */
MUST_USE enum rc bucket_make(const struct buckets *buckets, struct text bucket);
bool bucket_exists(const struct buckets *buckets, struct text bucket);
bool bucket_has(const struct buckets *buckets, struct text bucket, struct text key);

/* Appends the object. RC_BAD: not a name or a key. RC_ABSENT: no such bucket, or no file of its own
 * is there. RC_LIMIT: larger than the ceiling of `out`. RC_IO: errno tells. */
MUST_USE enum rc bucket_read(const struct buckets *buckets, struct text bucket, struct text key,
                             struct buf *out);

/* The object has this content afterwards, on the disk, or is as it was, whatever happens in
 * between. The folders of its key are made (0700; the file 0600). RC_BAD: not a name or a key.
 * RC_ABSENT: no such bucket. RC_CONFLICT: a part of the key is a file, or the key is a folder.
 * RC_IO: errno tells. */
MUST_USE enum rc bucket_write(const struct buckets *buckets, struct text bucket, struct text key,
                              struct text content);
