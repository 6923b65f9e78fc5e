/* SPDX-License-Identifier: Apache-2.0 */
#include "net/ingress.h"

#include "base/limits.h"
#include "base/mem.h"

#include <linux/filter.h>
#include <stdlib.h>
#include <sys/socket.h>

#define SOURCE_OFFSET 12 /* of the source address in an IPv4 header */
#define TAKE_ALL      0xffffffffU

/* Two steps a source, two a prefix length, and the frame. */
#define STEPS_MAX (2 * LIMIT_INGRESS_SOURCES + 2 * 33 + 3)

static uint32_t mask_of(uint8_t prefix_len)
{
    return prefix_len == 0 ? 0 : UINT32_MAX << (32 - prefix_len);
}

static int by_network(const void *a, const void *b)
{
    const struct net_source *x = a;
    const struct net_source *y = b;

    if (x->network != y->network) {
        return x->network < y->network ? -1 : 1;
    }
    return (int)x->prefix_len - (int)y->prefix_len;
}

static int by_prefix(const void *a, const void *b)
{
    const struct net_source *x = a;
    const struct net_source *y = b;

    return (int)x->prefix_len - (int)y->prefix_len;
}

/* Drops what lies inside another. Networks nest or are apart, so in order of address what contains
 * one stands right before it. Gives the new count. */
static size_t simplify(struct net_source *sources, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        ASSERT(sources[i].prefix_len <= 32);
        sources[i].network &= mask_of(sources[i].prefix_len);
    }
    qsort(sources, count, sizeof(*sources), by_network);
    for (size_t i = 0; i < count; i++) {
        const struct net_source *last = kept ? &sources[kept - 1] : NULL;

        if (!last || (sources[i].network & mask_of(last->prefix_len)) != last->network) {
            sources[kept++] = sources[i];
        }
    }
    return kept;
}

static unsigned short write_program(struct sock_filter *steps, const struct net_source *sources,
                                    size_t count)
{
    unsigned short at = 0;

    steps[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                                               (uint32_t)(SKF_NET_OFF + SOURCE_OFFSET));
    steps[at++] = (struct sock_filter)BPF_STMT(BPF_MISC | BPF_TAX, 0);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || sources[i].prefix_len != sources[i - 1].prefix_len) {
            steps[at++] = (struct sock_filter)BPF_STMT(BPF_MISC | BPF_TXA, 0);
            steps[at++] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K,
                                                       mask_of(sources[i].prefix_len));
        }
        steps[at++] =
            (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, sources[i].network, 0, 1);
        steps[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, TAKE_ALL);
    }
    steps[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
    return at;
}

static enum rc attach(int fd, const struct net_source *sources, size_t count)
{
    struct sock_filter *steps = mem_take_array(STEPS_MAX, sizeof(*steps));
    const struct sock_fprog program = {
        .len = write_program(steps, sources, count),
        .filter = steps,
    };
    const int failed =
        setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, (socklen_t)sizeof(program));

    mem_give(steps);
    return failed ? RC_IO : RC_OK;
}

static enum rc attach_simplified(int fd, struct net_source *sources, size_t count,
                                 bool *is_filtered)
{
    count = simplify(sources, count);
    if (count > LIMIT_INGRESS_SOURCES) {
        return RC_LIMIT;
    }
    if (count == 1 && sources->prefix_len == 0) {
        ingress_detach(fd);
        *is_filtered = false;
        return RC_OK;
    }
    qsort(sources, count, sizeof(*sources), by_prefix);
    TRY(attach(fd, sources, count));
    *is_filtered = true;
    return RC_OK;
}

enum rc ingress_attach(int fd, const struct net_source *sources, size_t count, bool *is_filtered)
{
    struct net_source *copy = mem_take_array(count + 1, sizeof(*copy)); /* never of nothing */

    if (count) {
        memcpy(copy, sources, count * sizeof(*copy));
    }
    const enum rc rc = attach_simplified(fd, copy, count, is_filtered);
    mem_give(copy);
    return rc;
}

void ingress_detach(int fd)
{
    const int unused = 0;

    /* Fails when there is none: what was wanted. */
    (void)setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof(unused));
}
