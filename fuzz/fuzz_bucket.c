/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever names a stranger gives as BUCKET/KEY: what is allowed stays below the bucket's folder.
 */
#include "fuzz.h"

#include "bucket/bucket.h"

static void check_key(struct text key)
{
    struct text rest = key;
    struct text part;

    ASSERT(key.len > 0 && key.at[0] != '/' && text_find(key, '\0') == key.len);
    while (text_next(&rest, '/', &part)) {
        ASSERT(part.len > 0 && part.len < 256);
        ASSERT(!text_eq(part, TEXT(".")) && !text_eq(part, TEXT("..")));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text key = {(const char *)data, size};
    struct text bucket;

    if (bucket_key_is_valid(key)) {
        check_key(key);
    }
    if (text_next(&key, '/', &bucket) && bucket_name_is_valid(bucket)) {
        ASSERT(bucket.len >= 3 && bucket.at[0] != '.' && bucket.at[0] != '-');
    }
    return 0;
}
