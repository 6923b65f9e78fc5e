/* SPDX-License-Identifier: Apache-2.0 */
/* targets_inner: what targets.c (the registry) and targets_report.c (what control is told of it)
 * share. */
#pragma once
#include "health/checks.h"
#include "node/targets.h"

struct targets {
    struct loop *loop;
    int workers;
    struct targets_user user;
    const struct log *log;
    struct checks *checks;             /* own */
    struct map balancers;              /* by id */
    struct map groups;                 /* by arn */
    struct map by_key;                 /* targets */
    struct list forgotten;             /* targets no plan names, until they are cut */
    unsigned generation;               /* of the newest plan */
    struct arena *known_arena;         /* own: what was known before the start, until it is used */
    const struct report_target *known; /* in known_arena */
    size_t known_count;
};
