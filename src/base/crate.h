/* SPDX-License-Identifier: Apache-2.0 */
/* crate: room for the long-lived objects of one owner, most of whose bytes are zero or were never
 * touched. While nobody uses them they can be packed: what is not zero is set aside, and the pages
 * go back to the system. Unpacked, everything is at its old address again.
 *
 * A byte of a packed crate must not be looked at: it reads as zero. What was set aside is wiped
 * when it is not needed any more.
 *
 * Owner    one; objects die with the crate.
 * Thread   one at a time. */
#pragma once
#include "base/text.h"

#include <stdbool.h>

struct crate;

/* `bytes` are the most that it will hold; memory is used as far as it is touched. NULL: the process
 * has no address space left. */
struct crate *crate_new(size_t bytes);
void crate_free(struct crate *crate); /* packed or not; NULL is fine */
AUTO_DEFINE(crate)
/* Its objects are gone, and nothing of them is left; it takes new ones. Packed or not. */
void crate_clear(struct crate *crate);

/* Zeroed, on a boundary of 16; NULL: it is full. */
void *crate_take(struct crate *crate, size_t bytes);
bool crate_holds(const struct crate *crate, const void *object);
bool crate_is_empty(const struct crate *crate); /* nothing was taken */

/* False: it holds too much for that, and stays as it is. */
bool crate_pack(struct crate *crate);
void crate_unpack(struct crate *crate); /* nothing if it is not packed */
bool crate_is_packed(const struct crate *crate);
