/* SPDX-License-Identifier: Apache-2.0 */
/* The memory of a session that has nothing to do. nghttp2 keeps 25 KiB for each, nearly all of them
 * zeros: a table of streams, rings of fields, room for the largest frame. What it asks for while it
 * is made lives as long as the session, so it goes into a crate, which is packed at rest. What it
 * asks for later belongs to a stream or a frame, and comes from a shelf, which is cleared. */
#include "base/crate.h"
#include "base/mem.h"
#include "base/shelf.h"
#include "http/h2_stream.h"

#define CRATE_BYTES (28 * 1024)

/* In front of each object in the crate. */
struct head {
    _Alignas(16) size_t bytes;
};

static void *take(size_t bytes, void *arg)
{
    struct h2 *h2 = arg;

    if (h2->is_being_made && h2->crate) {
        struct head *head = crate_take(h2->crate, sizeof(*head) + bytes);

        if (head) {
            head->bytes = bytes;
            return head + 1;
        }
    }
    return shelf_take(h2->config.shelf, bytes);
}

static bool is_in_crate(const struct h2 *h2, const void *object)
{
    return h2->crate && crate_holds(h2->crate, object);
}

static void give(void *object, void *arg)
{
    struct h2 *h2 = arg;

    if (object && !is_in_crate(h2, object)) {
        shelf_give(h2->config.shelf, object);
    }
}

static void *take_array(size_t count, size_t size, void *arg)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes)) {
        return NULL;
    }
    void *object = take(bytes, arg);
    return is_in_crate(arg, object) ? object : memset(object, 0, bytes);
}

static void *grow(void *old, size_t bytes, void *arg)
{
    struct h2 *h2 = arg;

    if (!old) {
        return take(bytes, arg);
    }
    if (!is_in_crate(h2, old)) {
        return shelf_grow(h2->config.shelf, old, bytes);
    }
    const size_t held = ((struct head *)old - 1)->bytes;
    return memcpy(shelf_take(h2->config.shelf, bytes), old, held < bytes ? held : bytes);
}

nghttp2_mem h2_memory(struct h2 *h2)
{
    h2->crate = crate_new(CRATE_BYTES);
    return (nghttp2_mem){h2, take, give, take_array, grow};
}

bool h2_rest(struct h2 *h2)
{
    if (h2->stream_count > 0 || h2->is_over || !h2->crate || h2_wants_output(h2)) {
        return false;
    }
    mem_give(h2->spare);
    h2->spare = NULL;
    return h2_is_resting(h2) || crate_pack(h2->crate);
}

bool h2_is_resting(const struct h2 *h2)
{
    return h2->crate && crate_is_packed(h2->crate);
}

void h2_wake(struct h2 *h2)
{
    if (h2_is_resting(h2)) {
        crate_unpack(h2->crate);
    }
}
