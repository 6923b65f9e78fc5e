/* SPDX-License-Identifier: Apache-2.0 */
/* An address or block that is read is printed as it was written. */
#include "fuzz.h"

#include "snapshot/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct text input = {(const char *)data, size};
    char printed[CIDR_TEXT_BYTES];
    struct snap_cidr cidr;
    uint32_t ip;

    if (address_parse(input, &ip) == RC_OK) {
        address_print(ip, printed, sizeof(printed));
        ASSERT(text_eq(text_of(printed), input));
    }
    if (cidr_parse(input, &cidr) == RC_OK) {
        cidr_print(&cidr, printed, sizeof(printed));
        ASSERT(text_starts(text_of(printed), text_slice(input, 0, text_find(input, '/'))));
        ASSERT(cidr_holds(&cidr, cidr.network));
    }
    return 0;
}
