/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "crypto/x509.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct text pem = {(const char *)data, size};
    struct arena *arena = arena_new(4096, 1 << 20);
    struct x509 read;
    size_t count;

    if (x509_read(pem, arena, &read) == RC_OK) {
        ASSERT(read.key_usage_count <= X509_USAGES_MAX);
        ASSERT(read.serial.len > 0);
    }
    if (x509_count(pem, &count) == RC_OK) {
        ASSERT(count > 0);
        (void)!x509_check_chain(pem, pem);
    }
    (void)!x509_check_key(pem, pem);
    arena_free(arena);
    return 0;
}
