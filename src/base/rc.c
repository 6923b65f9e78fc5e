/* SPDX-License-Identifier: Apache-2.0 */
#include "base/rc.h"

#include <stdio.h>
#include <stdlib.h>

const char *rc_name(enum rc rc)
{
    switch (rc) {
    case RC_OK:
        return "ok";
    case RC_AGAIN:
        return "again";
    case RC_END:
        return "end";
    case RC_BAD:
        return "bad";
    case RC_LIMIT:
        return "limit";
    case RC_LATE:
        return "late";
    case RC_ABSENT:
        return "absent";
    case RC_CONFLICT:
        return "conflict";
    case RC_DENIED:
        return "denied";
    case RC_IO:
        return "io";
    }
    return "unknown";
}

void assert_failed(const char *condition, const char *file, int line)
{
    (void)fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, condition);
    abort();
}
