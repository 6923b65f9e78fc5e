/* SPDX-License-Identifier: Apache-2.0 */
/* board: what the nodes last reported: observed state, and no desired one.
 *
 * One report a zone, the newest. It stays when its node goes: a new node begins with what the last
 * one knew, and its health is told until another node knows better. Nothing is kept over a restart
 * of control: nodes report whole when they connect.
 *
 * Owner    control. Reports are copied.
 * Thread   one, control's. */
#pragma once
#include "base/buf.h"
#include "snapshot/report.h"

#define BOARD_ZONES_MAX 6 /* as control's configuration */

struct board;

struct board *board_new(void);
void board_free(struct board *board); /* NULL is fine */
AUTO_DEFINE(board)

/* Takes the newest report of a zone's node, as it came over the feed. RC_BAD: it is none, or one of
 * another zone; RC_LIMIT: too many zones, or too large. Then the last one stays. */
MUST_USE enum rc board_take(struct board *board, struct text zone, struct text json);
/* The node's connection is gone. */
void board_lose(struct board *board, struct text zone);

struct board_health {
    enum target_state state; /* INITIAL, HEALTHY, UNHEALTHY */
    enum target_reason reason;
    int detail;
};

/* The health of a target over the nodes of `zones`: healthy only if every connected node says so,
 * unhealthy as soon as one says so, else initial. Nodes that are gone count only while none is
 * connected. A target that no node has reported: initial, registration in progress. */
struct board_health board_target(const struct board *board, struct text group, struct text id,
                                 uint16_t port, const struct text *zones, size_t zone_count);

/* The last report of a zone, borrowed until the next; NULL: none. is_connected may be NULL. */
const struct report *board_report(const struct board *board, struct text zone, bool *is_connected);
/* Counts changes of health, so that whoever waits for one can see it. */
uint64_t board_version(const struct board *board);

/* The seed for a node that connects: the last health of its zone's targets, else of another's.
 * Appends a report document. */
void board_seed(const struct board *board, struct text zone, struct buf *out);
