/* SPDX-License-Identifier: Apache-2.0 */
/* What is accepted can be written, read again, and is then the same document to the byte. What is
 * refused says why. */
#include "fuzz.h"

#include "base/limits.h"
#include "snapshot/snapshot.h"
#include "snapshot/write.h"

static void read_again(struct text first)
{
    struct snapshot *snapshot = NULL;
    char why[256];
    struct buf second;

    ASSERT(snapshot_decode(first, &snapshot, why, sizeof(why)) == RC_OK);
    buf_init(&second, LIMIT_SNAPSHOT_BYTES);
    snapshot_encode(snapshot_document(snapshot), &second);
    ASSERT(text_eq(first, buf_text(&second)));
    buf_done(&second);
    snapshot_unref(snapshot);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct snapshot *snapshot = NULL;
    char why[256] = "";
    struct buf first;

    if (snapshot_decode((struct text){(const char *)data, size}, &snapshot, why, sizeof(why)) !=
        RC_OK) {
        ASSERT(why[0] != '\0');
        return 0;
    }
    buf_init(&first, LIMIT_SNAPSHOT_BYTES);
    snapshot_encode(snapshot_document(snapshot), &first);
    snapshot_unref(snapshot);
    read_again(buf_text(&first));
    buf_done(&first);
    return 0;
}
