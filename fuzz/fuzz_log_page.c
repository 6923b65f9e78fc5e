/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of log lines come from a process that faces the internet: no byte of them is lost or
 * doubled, whatever they are. */
#include "fuzz.h"

#include "snapshot/log_page.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct text whole = {(const char *)data, size};
    struct text rest = whole;
    struct log_page page;
    struct buf again;
    enum rc rc;

    buf_init(&again, size + 1);
    while ((rc = log_page_parse(&rest, &page)) == RC_OK) {
        log_page_begin(page.kind, page.balancer_id, &again);
        buf_add(&again, page.lines);
    }
    ASSERT(rc == RC_END ? text_is_empty(rest) : rc == RC_BAD);
    ASSERT(text_eq(buf_text(&again), text_slice(whole, 0, size - rest.len)));
    buf_done(&again);
    return 0;
}
