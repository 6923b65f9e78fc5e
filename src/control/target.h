/* SPDX-License-Identifier: Apache-2.0 */
/* target: targets of a group: registered, deregistered, and how they are.
 *
 * Sources  AWS ELBv2 API, RegisterTargets, DescribeTargetHealth; "Register targets", "Target health
 *          status"; messages as observed. */
#pragma once
#include "control/control.h"
#include "snapshot/report.h"
#include "store/target.h"

struct target_name {
    struct text id;
    int64_t port;     /* 0: not given */
    struct text zone; /* empty: not given */
};

struct target_health {
    struct text id;
    int64_t port;
    struct text zone; /* empty: none to tell */
    struct text health_port;
    enum target_state state;
    struct text reason; /* AWS's code; empty: none */
    struct text description;
};

struct target_healths {
    struct target_health *at;
    size_t count;
};

/* All or none. */
MUST_USE enum rc target_register(struct turn *turn, struct text group,
                                 const struct target_name *names, size_t count);
/* They drain for the group's delay. What is not registered is fine. */
MUST_USE enum rc target_deregister(struct turn *turn, struct text group,
                                   const struct target_name *names, size_t count);
/* Of those named, or, without names, of all that are registered or drain. */
MUST_USE enum rc target_describe(struct turn *turn, struct text group,
                                 const struct target_name *names, size_t count,
                                 struct target_healths *out);

/* "initial", "healthy", ...: AWS's words. */
const char *target_state_word(enum target_state state);
/* The address that is meant by a target's id: itself, or what the configuration says of an
 * instance. RC_ABSENT: no such instance. */
MUST_USE enum rc target_address(const struct control_config *config, struct text id, uint32_t *out);
