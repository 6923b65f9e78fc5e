/* SPDX-License-Identifier: Apache-2.0 */
#include "control/board.h"

#include "base/map.h"
#include "base/mem.h"

#include <stdio.h>

#define REPORT_FIRST_BYTES   (64 * 1024)
#define KEY_BYTES            512 /* an ARN, an address and a port, with room to spare */
#define REPORT_CEILING_BYTES (64 * 1024 * 1024) /* 1000 load balancers' worth of counters */

struct desk {
    struct text zone; /* own */
    bool is_connected;
    struct arena *arena; /* own: the report and the keys */
    struct report report;
    struct map targets; /* key_of() -> struct report_target */
};

struct board {
    struct desk desks[BOARD_ZONES_MAX];
    size_t count;
    uint64_t version;
};

static struct desk *desk_find(const struct board *board, struct text zone);
static struct desk *desk_add(struct board *board, struct text zone);
static void desk_done(struct desk *desk);
static enum rc desk_fill(struct desk *desk, struct text json);
static bool is_same_health(const struct desk *a, const struct desk *b);
static struct text key_of(char out[KEY_BYTES], struct text group, struct text id, uint16_t port);

struct board *board_new(void)
{
    return MEM_NEW(struct board);
}

void board_free(struct board *board)
{
    if (board == NULL) {
        return;
    }
    for (size_t i = 0; i < board->count; i++) {
        desk_done(&board->desks[i]);
        mem_give((void *)(uintptr_t)board->desks[i].zone.at);
    }
    mem_give(board);
}

enum rc board_take(struct board *board, struct text zone, struct text json)
{
    struct desk *desk = desk_find(board, zone);
    struct desk fresh = {.is_connected = true};
    enum rc rc;

    if (desk == NULL && board->count == BOARD_ZONES_MAX) {
        return RC_LIMIT;
    }
    rc = desk_fill(&fresh, json);
    if (rc == RC_OK && !text_eq(fresh.report.zone, zone)) {
        rc = RC_BAD;
    }
    if (rc != RC_OK) {
        desk_done(&fresh);
        return rc;
    }
    if (desk == NULL) {
        desk = desk_add(board, zone);
    }
    if (!desk->is_connected || !is_same_health(desk, &fresh)) {
        board->version++;
    }
    fresh.zone = desk->zone;
    desk_done(desk);
    *desk = fresh;
    return RC_OK;
}

void board_lose(struct board *board, struct text zone)
{
    struct desk *desk = desk_find(board, zone);

    if (desk != NULL && desk->is_connected) {
        desk->is_connected = false;
        board->version++;
    }
}

/* Worse first: what one node says counts for all. */
static bool is_worse(enum target_state a, enum target_state b)
{
    static const int order[] = {[TARGET_UNHEALTHY] = 0, [TARGET_INITIAL] = 1, [TARGET_HEALTHY] = 2};

    return order[a] < order[b];
}

static const struct board_health not_reported = {TARGET_INITIAL,
                                                 TARGET_REASON_REGISTRATION_IN_PROGRESS, 0};

static struct board_health health_at(const struct desk *desk, struct text key)
{
    const struct report_target *target = map_get(&desk->targets, key);

    if (target == NULL || (target->state != TARGET_INITIAL && target->state != TARGET_HEALTHY &&
                           target->state != TARGET_UNHEALTHY)) {
        return not_reported;
    }
    return (struct board_health){target->state, target->reason, target->detail};
}

static bool is_among(struct text zone, const struct text *zones, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (text_eq(zone, zones[i])) {
            return true;
        }
    }
    return false;
}

/* Over the desks that are connected, or over those that are not. */
static bool worst_of(const struct board *board, bool connected, struct text key,
                     const struct text *zones, size_t zone_count, struct board_health *out)
{
    bool has_any = false;

    for (size_t i = 0; i < board->count; i++) {
        const struct desk *desk = &board->desks[i];

        if (desk->is_connected != connected || !is_among(desk->zone, zones, zone_count)) {
            continue;
        }
        const struct board_health health = health_at(desk, key);
        if (!has_any || is_worse(health.state, out->state)) {
            *out = health;
        }
        has_any = true;
    }
    return has_any;
}

struct board_health board_target(const struct board *board, struct text group, struct text id,
                                 uint16_t port, const struct text *zones, size_t zone_count)
{
    struct board_health health = not_reported;
    char word[KEY_BYTES];
    const struct text key = key_of(word, group, id, port);

    if (!worst_of(board, true, key, zones, zone_count, &health)) {
        (void)worst_of(board, false, key, zones, zone_count, &health);
    }
    return health;
}

const struct report *board_report(const struct board *board, struct text zone, bool *is_connected)
{
    const struct desk *desk = desk_find(board, zone);

    if (is_connected != NULL) {
        *is_connected = desk != NULL && desk->is_connected;
    }
    return desk != NULL ? &desk->report : NULL;
}

uint64_t board_version(const struct board *board)
{
    return board->version;
}

void board_seed(const struct board *board, struct text zone, struct buf *out)
{
    const struct desk *desk = desk_find(board, zone);
    struct report seed = {.zone = zone};

    for (size_t i = 0; desk == NULL && i < board->count; i++) {
        desk = &board->desks[i];
    }
    if (desk != NULL) {
        seed.targets = desk->report.targets;
        seed.target_count = desk->report.target_count;
    }
    report_encode(&seed, out);
}

static struct desk *desk_find(const struct board *board, struct text zone)
{
    for (size_t i = 0; i < board->count; i++) {
        if (text_eq(board->desks[i].zone, zone)) {
            return (struct desk *)(uintptr_t)&board->desks[i];
        }
    }
    return NULL;
}

static struct desk *desk_add(struct board *board, struct text zone)
{
    struct desk *desk = &board->desks[board->count++];

    desk->zone = (struct text){mem_string(zone), zone.len};
    return desk;
}

/* But of the zone's name. */
static void desk_done(struct desk *desk)
{
    map_done(&desk->targets);
    arena_free(desk->arena);
}

static enum rc desk_fill(struct desk *desk, struct text json)
{
    map_init(&desk->targets);
    desk->arena = arena_new(REPORT_FIRST_BYTES, REPORT_CEILING_BYTES);
    TRY(report_decode(json, desk->arena, &desk->report));
    for (size_t i = 0; i < desk->report.target_count; i++) {
        struct report_target *target = &desk->report.targets[i];
        char word[KEY_BYTES];
        const struct text key =
            arena_text(desk->arena, key_of(word, target->group_arn, target->id, target->port));

        if (key.at == NULL) {
            return RC_LIMIT;
        }
        (void)map_put(&desk->targets, key, target); /* twice the same: the last one counts */
    }
    return RC_OK;
}

static bool is_same_health(const struct desk *a, const struct desk *b)
{
    if (a->report.target_count != b->report.target_count) {
        return false;
    }
    for (size_t i = 0; i < a->report.target_count; i++) {
        const struct report_target *mine = &a->report.targets[i];
        const struct report_target *other = &b->report.targets[i];

        if (mine->state != other->state || mine->port != other->port ||
            !text_eq(mine->id, other->id) || !text_eq(mine->group_arn, other->group_arn)) {
            return false;
        }
    }
    return true;
}

/* Longer ones, which are none of ours, are cut off and found by nobody. */
static struct text key_of(char out[KEY_BYTES], struct text group, struct text id, uint16_t port)
{
    (void)snprintf(out, KEY_BYTES, "%u|%.*s|%.*s", port, TEXT_ARG(id), TEXT_ARG(group));
    return text_of(out);
}
