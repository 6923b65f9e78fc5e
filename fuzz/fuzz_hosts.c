/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever stands in a hosts file: putting our block in twice is putting it in once, and taking it
 * out gives back everybody else's bytes. */
#include "fuzz.h"

#include "main/hosts.h"

enum { BYTES_MAX = 4 << 20 };

static void edit(struct text old, struct text lines, struct buf *out)
{
    buf_init(out, BYTES_MAX);
    hosts_edit(old, TEXT("/s"), lines, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct text input = {(const char *)data, size};
    struct buf clean, with, twice, without;

    edit(input, TEXT(""), &clean);
    edit(buf_text(&clean), TEXT("127.0.0.1 a\n"), &with);
    edit(buf_text(&with), TEXT("127.0.0.1 a\n"), &twice);
    edit(buf_text(&twice), TEXT(""), &without);
    ASSERT(text_eq(buf_text(&with), buf_text(&twice)));
    /* A last line without its end got one. */
    ASSERT(text_starts(buf_text(&without), buf_text(&clean)));
    ASSERT(without.len - clean.len <= 1);
    buf_done(&clean);
    buf_done(&with);
    buf_done(&twice);
    buf_done(&without);
    return 0;
}
