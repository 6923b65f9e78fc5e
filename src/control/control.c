/* SPDX-License-Identifier: Apache-2.0 */
#include "control/control.h"

#include "base/mem.h"
#include "control/address_pool.h"
#include "control/board.h"
#include "control/id.h"
#include "control/network.h"
#include "snapshot/address.h"

#include <stdio.h>

#define ZONES_MAX        6 /* as us-east-1 has; the letters behind the region, a to f */
#define SEED_ARENA_BYTES (64 * 1024)

static struct text or_default(struct text given, struct text fallback);
static enum rc check_zones(const struct control_config *config, char *why, size_t why_size);
static enum rc check_instances(const struct control_config *config, char *why, size_t why_size);
static enum rc seed(struct control *control, int64_t now_unix_ms, char *why, size_t why_size);

enum rc control_new(struct store *store, const struct control_config *config, int64_t now_unix_ms,
                    struct control **out, char *why, size_t why_size)
{
    AUTO(control) struct control *control = MEM_NEW(struct control);
    struct control_config *mine = &control->config;

    control->store = store;
    control->board = board_new();
    *mine = *config;
    mine->account = or_default(mine->account, TEXT("123456789012"));
    mine->region = or_default(mine->region, TEXT("us-east-1"));
    mine->domain = or_default(mine->domain, TEXT("elb.internal"));
    mine->vpc_cidr = or_default(mine->vpc_cidr, TEXT("172.31.0.0/16"));
    mine->public_addresses = or_default(mine->public_addresses, TEXT("127.0.80.0/24"));
    mine->private_addresses = or_default(mine->private_addresses, TEXT("127.0.88.0/24"));
    if (mine->zone_count == 0) {
        for (size_t i = 0; i < ARRAY_LEN(control->default_zones); i++) {
            char name[64];
            int len = snprintf(name, sizeof(name), "%.*s%c", TEXT_ARG(mine->region),
                               (char)('a' + (char)i));
            control->default_zones[i] = text_of(mem_string((struct text){name, (size_t)len}));
        }
        mine->zones = control->default_zones;
        mine->zone_count = ARRAY_LEN(control->default_zones);
    }
    TRY(check_zones(mine, why, why_size));
    TRY(address_pool_check(mine->public_addresses, why, why_size));
    TRY(address_pool_check(mine->private_addresses, why, why_size));
    TRY(check_instances(mine, why, why_size));
    TRY(seed(control, now_unix_ms, why, why_size));

    *out = MOVE(control);
    return RC_OK;
}

void control_free(struct control *control)
{
    if (!control) {
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(control->default_zones); i++) {
        mem_give((void *)(uintptr_t)control->default_zones[i].at);
    }
    board_free(control->board);
    mem_give(control);
}

enum rc turn_begin(struct turn *turn, const struct control *control, struct arena *arena,
                   int64_t now_unix_ms, enum store_mode mode)
{
    *turn = (struct turn){
        .config = &control->config,
        .store = control->store,
        .board = control->board,
        .arena = arena,
        .now_unix_ms = now_unix_ms,
    };
    return store_begin(turn->store, mode);
}

enum rc turn_end(struct turn *turn, enum rc rc)
{
    if (rc != RC_OK) {
        store_rollback(turn->store);
        return rc;
    }
    return store_commit(turn->store);
}

static struct text or_default(struct text given, struct text fallback)
{
    return text_is_empty(given) ? fallback : given;
}

static enum rc check_zones(const struct control_config *config, char *why, size_t why_size)
{
    if (config->zone_count > ZONES_MAX) {
        (void)snprintf(why, why_size, "%zu zones; a region has at most %d", config->zone_count,
                       ZONES_MAX);
        return RC_BAD;
    }
    for (size_t i = 0; i < config->zone_count; i++) {
        struct text zone = config->zones[i];
        bool is_good = zone.len == config->region.len + 1 && text_starts(zone, config->region) &&
                       zone.at[zone.len - 1] >= 'a' && zone.at[zone.len - 1] <= 'f';

        if (!is_good) {
            (void)snprintf(why, why_size, "zone %.*s is not %.*s and a letter a to f",
                           TEXT_ARG(zone), TEXT_ARG(config->region));
            return RC_BAD;
        }
    }
    return RC_OK;
}

static enum rc seed(struct control *control, int64_t now_unix_ms, char *why, size_t why_size)
{
    AUTO(arena) struct arena *arena = arena_new(SEED_ARENA_BYTES, SEED_ARENA_BYTES);
    struct turn turn;
    enum rc rc = turn_begin(&turn, control, arena, now_unix_ms, STORE_WRITE);

    if (rc == RC_OK) {
        rc = turn_end(&turn, network_seed(&turn));
    }
    if (rc != RC_OK) {
        (void)snprintf(why, why_size, "the default VPC cannot be made: %s",
                       turn.refusal.code ? turn.refusal.message : store_fault(control->store));
    }
    return rc;
}

static enum rc check_instances(const struct control_config *config, char *why, size_t why_size)
{
    for (size_t i = 0; i < config->instance_count; i++) {
        const struct control_instance *instance = &config->instances[i];
        uint32_t address;

        if (!id_is_ec2(instance->id, "i") || address_parse(instance->address, &address) != RC_OK) {
            (void)snprintf(why, why_size,
                           "instance %.*s=%.*s is not an id and an address, as in "
                           "i-0123456789abcdef0=10.0.0.1",
                           TEXT_ARG(instance->id), TEXT_ARG(instance->address));
            return RC_BAD;
        }
    }
    return RC_OK;
}
