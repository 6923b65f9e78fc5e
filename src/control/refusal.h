/* SPDX-License-Identifier: Apache-2.0 */
/* refusal: why the model said no, in AWS's own words. Filled in by whoever knows; the API turns the
 * code into an HTTP status by the facts and sends both. */
#pragma once
#include "base/rc.h"

#include <stdarg.h>
#include <stdio.h>

struct refusal {
    const char *code;   /* static, as on the wire: "LoadBalancerNotFound"; NULL: none */
    char message[4096]; /* cut off when longer */
};

/* Says why and gives `rc` back: return refuse(refusal, RC_ABSENT, "RuleNotFound", "..."). The first
 * word counts: a refusal that is already filled in stays. */
PRINTF_LIKE(4, 5)
static inline enum rc refuse(struct refusal *refusal, enum rc rc, const char *code,
                             const char *format, ...)
{
    va_list args;

    if (refusal->code == NULL) {
        refusal->code = code;
        va_start(args, format);
        (void)vsnprintf(refusal->message, sizeof(refusal->message), format, args);
        va_end(args);
    }
    return rc;
}
