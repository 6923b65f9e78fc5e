/* SPDX-License-Identifier: Apache-2.0 */
#include "base/shelf.h"

#include "base/mem.h"

#include <stdalign.h>
#include <stdint.h>

/* In front of each object. */
struct shelf_item {
    size_t bytes;                                  /* of the object */
    alignas(max_align_t) struct shelf_item *below; /* in its slot; else the object begins here */
};

static struct shelf_item *item_of(void *object)
{
    return CONTAINER_OF(object, struct shelf_item, below);
}

static size_t slot_of(size_t bytes)
{
    return (bytes - 1) / SHELF_STEP_BYTES;
}

void shelf_init(struct shelf *shelf, size_t kept_bytes_max)
{
    *shelf = (struct shelf){.kept_bytes_max = kept_bytes_max};
}

void shelf_clear(struct shelf *shelf)
{
    for (size_t i = 0; i < SHELF_SLOTS; i++) {
        for (struct shelf_item *item; (item = shelf->slots[i]);) {
            shelf->slots[i] = item->below;
            mem_give(item);
        }
    }
    shelf->kept_bytes = 0;
}

void *shelf_take(struct shelf *shelf, size_t bytes)
{
    const size_t slot = slot_of(bytes ? bytes : 1);
    struct shelf_item *item;

    ASSERT(bytes < SIZE_MAX / 2);
    if (slot < SHELF_SLOTS) {
        bytes = (slot + 1) * SHELF_STEP_BYTES;
        item = shelf->slots[slot];
        if (item) {
            shelf->slots[slot] = item->below;
            mem_fetch(item->below, bytes);
            shelf->kept_bytes -= bytes;
            return &item->below;
        }
    }
    item = mem_grow(NULL, offsetof(struct shelf_item, below) + bytes);
    item->bytes = bytes;
    return &item->below;
}

void shelf_give(struct shelf *shelf, void *object)
{
    if (!object) {
        return;
    }
    struct shelf_item *item = item_of(object);
    const size_t slot = slot_of(item->bytes);

    if (slot >= SHELF_SLOTS || shelf->kept_bytes + item->bytes > shelf->kept_bytes_max) {
        mem_give(item);
        return;
    }
    item->below = shelf->slots[slot];
    shelf->slots[slot] = item;
    shelf->kept_bytes += item->bytes;
}

void *shelf_grow(struct shelf *shelf, void *old, size_t bytes)
{
    if (old && bytes <= item_of(old)->bytes) {
        return old;
    }
    void *object = shelf_take(shelf, bytes);
    if (old) {
        memcpy(object, old, item_of(old)->bytes);
        shelf_give(shelf, old);
    }
    return object;
}
