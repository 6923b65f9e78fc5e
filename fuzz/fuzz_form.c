/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "codec/form.h"

/* Escaped again, the pairs read the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) struct arena *arena = arena_new(4096, 64 * 1024 * 1024);
    struct form_pairs pairs, again;
    struct buf buf;

    if (form_parse((struct text){(const char *)data, size}, arena, &pairs) != RC_OK) {
        return 0;
    }
    buf_init(&buf, 64 * 1024 * 1024);
    for (size_t i = 0; i < pairs.count; i++) {
        form_escape(&buf, pairs.at[i].name, false);
        buf_add_byte(&buf, '=');
        form_escape(&buf, pairs.at[i].value, false);
        buf_add_byte(&buf, '&');
    }
    ASSERT(form_parse(buf_text(&buf), arena, &again) == RC_OK);
    ASSERT(again.count == pairs.count);
    for (size_t i = 0; i < pairs.count; i++) {
        ASSERT(text_eq(again.at[i].name, pairs.at[i].name));
        ASSERT(text_eq(again.at[i].value, pairs.at[i].value));
    }
    buf_done(&buf);
    return 0;
}
