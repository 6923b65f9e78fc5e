/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "control/action.h"
#include "control/condition.h"

static struct text again(struct arena *arena, struct text document)
{
    struct conditions conditions;
    struct transforms transforms;
    struct actions actions;
    struct text written = {NULL, 0};

    if (actions_decode(document, arena, &actions) == RC_OK) {
        ASSERT(actions_encode(&actions, arena, &written) == RC_OK);
    } else if (transforms_decode(document, arena, &transforms) == RC_OK) {
        ASSERT(transforms_encode(&transforms, arena, &written) == RC_OK);
    } else if (conditions_decode(document, arena, &conditions) == RC_OK) {
        ASSERT(conditions_encode(&conditions, arena, &written) == RC_OK);
    }
    return written;
}

/* What was read as a rule's document can be written, is read again, and is then written the same.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) struct arena *arena = arena_new(4096, 64 * 1024 * 1024);

    if (size > 4096) {
        return 0; /* the documents of one rule have a limit of their own */
    }
    const struct text first = again(arena, (struct text){(const char *)data, size});
    if (first.at != NULL) {
        ASSERT(text_eq(again(arena, first), first));
    }
    return 0;
}
