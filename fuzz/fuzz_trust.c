/* SPDX-License-Identifier: Apache-2.0 */
/* A bundle, or a revocation list beside it: two parts with a NUL between them. */
#include "fuzz.h"

#include "crypto/trust.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct text input = {(const char *)data, size};
    const size_t cut = text_find(input, '\0');
    const struct text bundle_pem = text_slice(input, 0, cut);
    const struct text list_pem = text_slice(input, cut + 1, input.len);
    char why[TRUST_WHY_BYTES] = "";
    struct trust_bundle bundle;
    int64_t entries;

    if (trust_bundle_read(bundle_pem, &bundle, why) == RC_OK) {
        ASSERT(bundle.certificate_count > 0 && bundle.largest_bytes > 0);
    } else {
        ASSERT(why[0] != '\0');
    }
    if (trust_list_read(list_pem, bundle_pem, &entries, why) == RC_OK) {
        ASSERT(entries >= 0);
    }
    return 0;
}
