/* SPDX-License-Identifier: Apache-2.0 */
#include "conn/conduit.h"

#include "base/limits.h"
#include "base/mem.h"

#include <fcntl.h>
#include <unistd.h>

void conduits_init(struct conduits *conduits)
{
    *conduits = (struct conduits){.count_max = LIMIT_CONDUITS};
}

static void conduit_free(struct conduit *conduit)
{
    (void)close(conduit->in); /* pipes: nothing is lost but what shall be lost */
    (void)close(conduit->out);
    mem_give(conduit);
}

void conduits_done(struct conduits *conduits)
{
    ASSERT(conduits->count_taken == 0);
    while (conduits->free) {
        struct conduit *conduit = conduits->free;

        conduits->free = conduit->next_free;
        conduit_free(conduit);
    }
}

/* A refusal costs four calls: so not for each of the next bodies again. */
#define SKIPS_AFTER_REFUSAL 1000

static struct conduit *conduit_new(void)
{
    struct conduit *conduit;
    int ends[2];

    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
        return NULL;
    }
    /* Refused beyond a user's share of pipe pages: then it stays small, and copying is better. */
    if (fcntl(ends[1], F_SETPIPE_SZ, LIMIT_CONDUIT_BYTES) < LIMIT_CONDUIT_BYTES) {
        (void)close(ends[0]); /* unused */
        (void)close(ends[1]);
        return NULL;
    }
    conduit = MEM_NEW(struct conduit);
    conduit->out = ends[0];
    conduit->in = ends[1];
    return conduit;
}

struct conduit *conduit_take(struct conduits *conduits)
{
    struct conduit *conduit = conduits->free;

    if (conduits->count_taken >= conduits->count_max) {
        return NULL;
    }
    if (conduit) {
        conduits->free = conduit->next_free;
        conduits->count_free--;
    } else if (conduits->skips > 0) {
        conduits->skips--;
    } else {
        conduit = conduit_new();
        conduits->skips = conduit ? 0 : SKIPS_AFTER_REFUSAL;
    }
    conduits->count_taken += conduit != NULL;
    return conduit;
}

void conduit_give(struct conduits *conduits, struct conduit *conduit)
{
    if (!conduit) {
        return;
    }
    conduits->count_taken--;
    if (conduit->held > 0 || conduits->count_free == LIMIT_CONDUITS_KEPT) {
        conduit_free(conduit);
        return;
    }
    conduit->next_free = conduits->free;
    conduits->free = conduit;
    conduits->count_free++;
}
