/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz: what a fuzz target is made of.
 *
 * A target defines LLVMFuzzerTestOneInput(); libFuzzer or fuzz/replay.c calls it. A parser that is
 * fed in pieces also writes down what it saw, and fuzz_however_split() holds it to the same words
 * for every way of cutting the input. A broken promise is an ASSERT. */
#pragma once
#include "base/buf.h"

#include <stddef.h>
#include <stdint.h>

/* The name is libFuzzer's. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Feeds `data` in pieces of at most `piece` bytes and appends every event to `out`. */
typedef void fuzz_trace_fn(const uint8_t *data, size_t size, size_t piece, struct buf *out);

static inline void fuzz_however_split(fuzz_trace_fn *trace, const uint8_t *data, size_t size)
{
    static const size_t pieces[] = {1, 2, 3, 7, 64};
    struct buf whole, cut;

    buf_init(&whole, 64 * 1024 * 1024);
    buf_init(&cut, 64 * 1024 * 1024);
    trace(data, size, size ? size : 1, &whole);
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        buf_clear(&cut);
        trace(data, size, pieces[i], &cut);
        ASSERT(text_eq(buf_text(&whole), buf_text(&cut)));
    }
    buf_done(&whole);
    buf_done(&cut);
}
