/* SPDX-License-Identifier: Apache-2.0 */
/* h2_side: one HTTP/2 session under test, with its output and the arenas that it borrowed. */
#pragma once
#include "http/h2.h"

#include "base/budget.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/shelf.h"
#include "test.h"

#include <nghttp2/nghttp2.h>

static unsigned arenas_lent;
static struct shelf shelf; /* that keeps nothing: what is used after its end is seen */

static inline struct arena *lend(void *arg, void **stream_arg)
{
    arenas_lent++;
    *stream_arg = arena_new(4096, LIMIT_REQUEST_ARENA_BYTES);
    return *stream_arg;
}

static inline void take_back(void *arg, void *stream_arg)
{
    arenas_lent--;
    arena_free(stream_arg);
}

struct side {
    struct h2 *h2;
    struct h2_output output;
    struct fault fault;
    enum rc rc; /* of the last receive */
};

static inline void side_init_with(struct side *side, bool is_server, struct budget *budget)
{
    const struct h2_config config = {.is_server = is_server,
                                     .is_tls = true,
                                     .arena = lend,
                                     .arena_back = take_back,
                                     .budget = budget,
                                     .shelf = &shelf};

    *side = (struct side){.h2 = h2_new(&config)};
    side->output = (struct h2_output){mem_take(32 * 1024), 0, 32 * 1024};
    h2_output(side->h2, &side->output);
}

static inline void side_init(struct side *side, bool is_server)
{
    side_init_with(side, is_server, NULL);
}

static inline void side_done(struct side *side)
{
    h2_free(side->h2);
    mem_give(side->output.at);
}

static inline void finish(struct h2_stream *stream)
{
    struct arena *arena = h2_stream_arena(stream);

    h2_stream_finish(stream, NGHTTP2_INTERNAL_ERROR);
    take_back(NULL, arena);
}
