/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "tls/choose.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text name;

    if (tls_parse_sni(data, size, &name) == RC_OK) {
        ASSERT(name.len <= 255);
        ASSERT((const uint8_t *)name.at + name.len <= data + size);
    }
    return 0;
}
