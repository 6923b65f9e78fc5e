/* SPDX-License-Identifier: Apache-2.0 */
/* target: rows of registered targets, and of deregistered ones until their delay has passed. What
 * nodes observe of them is not here but on control's board. */
#pragma once
#include "store/store.h"

struct arena;

struct target_row {
    struct text group; /* ARN */
    struct text id;    /* as registered: an address, or an instance's name */
    int64_t port;
    struct text zone;       /* "us-east-1a", "all" */
    bool names_zone;        /* the caller named it: it is echoed */
    int64_t drain_until_ms; /* wall clock; 0: registered */
};

struct target_rows {
    struct target_row *at;
    size_t count;
};

/* Adds one, or makes it a registered one again. */
MUST_USE enum rc target_row_put(struct store *store, const struct target_row *row);
/* RC_ABSENT when there is none. */
MUST_USE enum rc target_row_get(struct store *store, struct arena *arena, struct text group,
                                struct text id, int64_t port, struct target_row *out);
MUST_USE enum rc target_row_drain(struct store *store, struct text group, struct text id,
                                  int64_t port, int64_t until_ms);
MUST_USE enum rc target_row_remove(struct store *store, struct text group, struct text id,
                                   int64_t port);
/* Of one group, or of all (group empty), by group, id and port. */
MUST_USE enum rc target_row_list(struct store *store, struct arena *arena, struct text group,
                                 struct target_rows *out);
MUST_USE enum rc target_row_list_all(struct store *store, struct arena *arena,
                                     struct target_rows *out);
/* Registered ones, draining ones not counted: of a group; of all groups that the load balancer's
 * rules forward to. */
MUST_USE enum rc target_row_count(struct store *store, struct text group, int64_t *out);
MUST_USE enum rc target_row_count_of_balancer(struct store *store, struct text balancer,
                                              int64_t *out);
/* When the next delay is over; 0: none drains. */
MUST_USE enum rc target_row_next_drained(struct store *store, int64_t *next_ms);
/* Removes those whose delay is over; gives how many, and in *next_ms when the next one will be
 * (0: none drains). */
MUST_USE enum rc target_row_remove_drained(struct store *store, int64_t now_ms, int64_t *removed,
                                           int64_t *next_ms);
