/* SPDX-License-Identifier: Apache-2.0 */
/* shelf: small objects of several sizes that come and go with one owner. What is given back lies
 * ready for the next of its size, newest first, so it is warm in the cache and costs a few
 * instructions; malloc keeps seven of a size and searches for the eighth.
 *
 * Owner    embedded in what owns the objects.
 * Thread   one. */
#pragma once
#include "base/rc.h"

#include <stddef.h>

#define SHELF_STEP_BYTES 64 /* sizes are rounded up to it; one behind the last slot is malloc's */
#define SHELF_SLOTS      16

struct shelf_item;

struct shelf {
    struct shelf_item *slots[SHELF_SLOTS]; /* own: unused items */
    size_t kept_bytes;                     /* in them */
    size_t kept_bytes_max;
};

void shelf_init(struct shelf *shelf, size_t kept_bytes_max);
/* Returns what is kept to the system; it can be used on. */
void shelf_clear(struct shelf *shelf);

/* Not zeroed, aligned for any type. */
void *shelf_take(struct shelf *shelf, size_t bytes);
void shelf_give(struct shelf *shelf, void *object); /* NULL is fine */
/* As realloc. */
void *shelf_grow(struct shelf *shelf, void *old, size_t bytes);
