/* SPDX-License-Identifier: Apache-2.0 */
/* fault: why something on the wire failed, told once by whoever knows. The status, log reason and
 * metric that follow from it stand in one table (node/faults.def). */
#pragma once
#include "base/rc.h"

#include <stdbool.h>

enum fault_side {
    FAULT_NONE,
    FAULT_CLIENT, /* it broke the rules, was too slow, or went away */
    FAULT_TARGET,
    FAULT_US, /* our limit or our mistake */
};

struct fault {
    enum fault_side side;
    enum rc rc;
    const char *why;      /* static, a short sentence: "two different content-lengths" */
    bool may_try_another; /* nothing reached the target */
};
