/* SPDX-License-Identifier: Apache-2.0 */
#include "main/grant.h"

#include "snapshot/address.h"

static enum rc read_block(struct text part, struct snap_cidr *out)
{
    if (text_find(part, '/') < part.len) {
        return cidr_parse(part, out);
    }
    out->prefix_len = 32;
    return address_parse(part, &out->network);
}

enum rc grant_add(struct grant *grant, struct text list, struct text *bad)
{
    struct text part;

    while (text_next(&list, ',', &part)) {
        part = text_trim(part);
        if (grant->count == GRANT_BLOCKS_MAX) {
            *bad = part;
            return RC_LIMIT;
        }
        if (read_block(part, &grant->blocks[grant->count]) != RC_OK) {
            *bad = part;
            return RC_BAD;
        }
        grant->count++;
    }
    return RC_OK;
}

bool grant_holds(const struct grant *grant, uint32_t ip)
{
    for (size_t i = 0; i < grant->count; i++) {
        if (cidr_holds(&grant->blocks[i], ip)) {
            return true;
        }
    }
    return false;
}
