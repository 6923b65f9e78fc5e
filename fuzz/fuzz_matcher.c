/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "health/matcher.h"

/* What parses holds at least one code, and none outside the range. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct matcher matcher;
    bool has_any = false;

    if (matcher_parse((struct text){(const char *)data, size}, 200, 499, &matcher) != RC_OK) {
        return 0;
    }
    for (int code = 0; code < 1000; code++) {
        has_any |= matcher_has(&matcher, code);
        ASSERT(!matcher_has(&matcher, code) || (code >= 200 && code <= 499));
    }
    ASSERT(has_any);
    return 0;
}
