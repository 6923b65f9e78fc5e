/* SPDX-License-Identifier: Apache-2.0 */
#include "control/address_pool.h"

#include "snapshot/address.h"
#include "store/balancer.h"
#include "store/listener.h"

#include <stdio.h>

#define RESERVED_FIRST 10 /* base + 0 .. base + 9; base + 2 is dns's */

/* What else uses an address. */
struct use {
    size_t own;        /* another zone of the same load balancer */
    size_t other_zone; /* another zone of another one */
    size_t same_zone;
    bool clashes; /* another one listens on one of the ports */
};

static enum rc read_pool(struct text pool, uint32_t *out, size_t *count);
static enum rc has_listener(struct turn *turn, struct text balancer, const int64_t *ports,
                            size_t port_count, bool *out);

enum rc address_pool_check(struct text pool, char *why, size_t why_size)
{
    size_t count = 0;

    if (read_pool(pool, NULL, &count) == RC_OK && count > 0) {
        return RC_OK;
    }
    (void)snprintf(why, why_size,
                   "the addresses '%.*s' are neither a block of at least 16 (127.0.80.0/24) nor a "
                   "list of addresses with commas",
                   TEXT_ARG(pool));
    return RC_BAD;
}

enum rc address_pool_list(struct turn *turn, struct text pool, uint32_t **out, size_t *count)
{
    uint32_t *addresses = ARENA_ARRAY(turn->arena, uint32_t, ADDRESS_POOL_MAX);

    if (addresses == NULL) {
        return RC_LIMIT;
    }
    TRY(read_pool(pool, addresses, count));
    *out = addresses;
    return RC_OK;
}

static enum rc read_block(struct text pool, uint32_t *out, size_t *count)
{
    struct snap_cidr block;

    TRY(cidr_parse(pool, &block));
    if (block.prefix_len > 28) {
        return RC_BAD; /* nothing is left of less than 16 */
    }
    const uint64_t size = UINT64_C(1) << (32 - block.prefix_len);
    *count = 0;
    for (uint64_t i = RESERVED_FIRST; i + 1 < size && *count < ADDRESS_POOL_MAX; i++) {
        if (out != NULL) {
            out[*count] = block.network + (uint32_t)i;
        }
        *count += 1;
    }
    return RC_OK;
}

/* `out` may be NULL: only counted. */
static enum rc read_pool(struct text pool, uint32_t *out, size_t *count)
{
    struct text rest = pool;
    struct text one;

    if (text_find(pool, '/') < pool.len) {
        return read_block(pool, out, count);
    }
    *count = 0;
    while (text_next(&rest, ',', &one)) {
        uint32_t address;

        if (*count == ADDRESS_POOL_MAX) {
            return RC_BAD;
        }
        TRY(address_parse(text_trim(one), &address));
        if (out != NULL) {
            out[*count] = address;
        }
        *count += 1;
    }
    return RC_OK;
}

/* Smaller is better; SIZE_MAX: not at all. An address of one's own comes first, then one shared
 * with the same zone of others, so that a zone's node and no other listens on it. */
static size_t cost_of(const struct use *use)
{
    if (use->clashes) {
        return SIZE_MAX;
    }
    return use->own * 1000000 + use->other_zone * 1000 + use->same_zone;
}

static enum rc count_uses(struct turn *turn, const struct balancer_zone_rows *rows,
                          struct text address, struct text balancer, struct text zone,
                          const int64_t *ports, size_t port_count, struct use *out)
{
    struct use use = {0};

    for (size_t i = 0; i < rows->count; i++) {
        const struct balancer_zone_row *row = &rows->at[i];
        bool clashes = false;

        if (!text_eq(row->address, address)) {
            continue;
        }
        if (text_eq(row->balancer, balancer)) {
            use.own++;
            continue;
        }
        TRY(has_listener(turn, row->balancer, ports, port_count, &clashes));
        use.clashes = use.clashes || clashes;
        if (text_eq(row->zone, zone)) {
            use.same_zone++;
        } else {
            use.other_zone++;
        }
    }
    *out = use;
    return RC_OK;
}

enum rc address_pool_choose(struct turn *turn, struct text pool, struct text balancer,
                            struct text zone, const int64_t *ports, size_t port_count,
                            struct text *out)
{
    struct balancer_zone_rows rows;
    struct text best = {NULL, 0};
    size_t best_cost = SIZE_MAX;
    uint32_t *addresses;
    size_t count;

    TRY(balancer_zone_row_list_all(turn->store, turn->arena, &rows));
    TRY(address_pool_list(turn, pool, &addresses, &count));
    for (size_t i = 0; i < count && best_cost > 0; i++) {
        char word[ADDRESS_TEXT_BYTES];
        struct use use;

        address_print(addresses[i], word, sizeof(word));
        TRY(count_uses(turn, &rows, text_of(word), balancer, zone, ports, port_count, &use));
        if (cost_of(&use) < best_cost) {
            best_cost = cost_of(&use);
            best = arena_text(turn->arena, text_of(word));
        }
    }
    if (best.at == NULL) {
        return refuse(&turn->refusal, RC_CONFLICT, "InvalidConfigurationRequest",
                      "Every address of the pool '%.*s' has a load balancer that listens on the "
                      "same port",
                      TEXT_ARG(pool));
    }
    *out = best;
    return RC_OK;
}

enum rc address_pool_check_port(struct turn *turn, struct text balancer, int64_t port)
{
    struct balancer_zone_rows mine;
    struct balancer_zone_rows all;

    TRY(balancer_zone_row_list(turn->store, turn->arena, balancer, &mine));
    TRY(balancer_zone_row_list_all(turn->store, turn->arena, &all));
    for (size_t i = 0; i < all.count; i++) {
        bool clashes = false;

        if (text_eq(all.at[i].balancer, balancer)) {
            continue;
        }
        for (size_t j = 0; j < mine.count && !clashes; j++) {
            if (text_eq(all.at[i].address, mine.at[j].address)) {
                TRY(has_listener(turn, all.at[i].balancer, &port, 1, &clashes));
            }
        }
        if (clashes) {
            return refuse(&turn->refusal, RC_CONFLICT, "InvalidConfigurationRequest",
                          "The load balancer shares the address %.*s with load balancer '%.*s', "
                          "which already listens on port '%lld': the address pool is smaller than "
                          "the number of load balancers",
                          TEXT_ARG(all.at[i].address), TEXT_ARG(all.at[i].balancer),
                          (long long)port);
        }
    }
    return RC_OK;
}

static enum rc has_listener(struct turn *turn, struct text balancer, const int64_t *ports,
                            size_t port_count, bool *out)
{
    for (size_t i = 0; i < port_count; i++) {
        struct listener_row row;
        const enum rc rc = listener_row_get_on(turn->store, turn->arena, balancer, ports[i], &row);

        if (rc == RC_OK) {
            *out = true;
            return RC_OK;
        }
        if (rc != RC_ABSENT) {
            return rc;
        }
    }
    *out = false;
    return RC_OK;
}
