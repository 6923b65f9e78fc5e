/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "codec/timestamp.h"

/* What parses is written in a form that parses to the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct text input = {(const char *)data, size};
    char out[TIMESTAMP_BYTES];
    int64_t first;
    int64_t second;

    if (timestamp_parse_basic(input, &first) == RC_OK) {
        timestamp_write_basic(first, out);
        ASSERT(text_eq(text_of(out), input));
    }
    if (timestamp_parse(input, &first) == RC_OK) {
        timestamp_write(first, out);
        ASSERT(timestamp_parse(text_of(out), &second) == RC_OK);
        ASSERT(first == second);
    }
    return 0;
}
