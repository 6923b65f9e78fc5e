/* SPDX-License-Identifier: Apache-2.0 */
#include "control/block.h"

#include <arpa/inet.h>

static enum rc split(struct text text, int64_t prefix_max, struct text *address, int64_t *prefix);

enum rc block_canonical(struct arena *arena, struct text text, struct text *out)
{
    struct text address;
    int64_t prefix;
    uint32_t ip;

    TRY(split(text, 32, &address, &prefix));
    TRY(address_parse(address, &ip));
    ip &= prefix == 0 ? 0 : UINT32_MAX << (32 - prefix);
    *out = block_text(arena, (struct snap_cidr){ip, (uint8_t)prefix});
    return out->at ? RC_OK : RC_LIMIT;
}

enum rc block6_canonical(struct arena *arena, struct text text, struct text *out)
{
    char bytes[INET6_ADDRSTRLEN];
    struct in6_addr address;
    struct text part;
    int64_t prefix;

    TRY(split(text, 128, &part, &prefix));
    if (text_to_string(part, bytes, sizeof(bytes)) != RC_OK ||
        inet_pton(AF_INET6, bytes, &address) != 1) {
        return RC_BAD;
    }
    for (int64_t bit = prefix; bit < 128; bit++) {
        address.s6_addr[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
    }
    (void)inet_ntop(AF_INET6, &address, bytes, sizeof(bytes)); /* it fits */
    *out = arena_printf(arena, "%s/%d", bytes, (int)prefix);
    return out->at ? RC_OK : RC_LIMIT;
}

struct text block_text(struct arena *arena, struct snap_cidr block)
{
    char bytes[CIDR_TEXT_BYTES];

    cidr_print(&block, bytes, sizeof(bytes));
    return arena_text(arena, text_of(bytes));
}

struct text block_address_text(struct arena *arena, uint32_t ip)
{
    char bytes[ADDRESS_TEXT_BYTES];

    address_print(ip, bytes, sizeof(bytes));
    return arena_text(arena, text_of(bytes));
}

uint64_t block_size(struct snap_cidr block)
{
    return UINT64_C(1) << (32 - block.prefix_len);
}

static enum rc split(struct text text, int64_t prefix_max, struct text *address, int64_t *prefix)
{
    size_t slash = text_find(text, '/');

    if (slash == text.len) {
        return RC_BAD;
    }
    *address = text_slice(text, 0, slash);
    text = text_slice(text, slash + 1, text.len);
    if (text.len > 1 && text.at[0] == '0') {
        return RC_BAD;
    }
    return text_to_int(text, 0, prefix_max, prefix);
}
