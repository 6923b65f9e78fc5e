/* SPDX-License-Identifier: Apache-2.0 */
#include "snapshot/address.h"

#include <stdio.h>

enum rc address_parse(struct text text, uint32_t *out)
{
    struct text part;
    uint32_t ip = 0;
    int count = 0;

    while (count < 4 && text_next(&text, '.', &part)) {
        int64_t number;
        if (part.len > 3 || (part.len > 1 && part.at[0] == '0')) {
            return RC_BAD;
        }
        TRY(text_to_int(part, 0, 255, &number));
        ip = ip << 8 | (uint32_t)number;
        count++;
    }
    if (count != 4 || text.at) {
        return RC_BAD;
    }
    *out = ip;
    return RC_OK;
}

void address_print(uint32_t ip, char *out, size_t size)
{
    (void)snprintf(out, size, "%u.%u.%u.%u", ip >> 24, ip >> 16 & 255, ip >> 8 & 255, ip & 255);
}

static uint32_t mask_of(uint8_t prefix_len)
{
    return prefix_len ? UINT32_MAX << (32 - prefix_len) : 0;
}

enum rc cidr_parse(struct text text, struct snap_cidr *out)
{
    const size_t slash = text_find(text, '/');
    int64_t prefix_len;
    uint32_t ip;

    if (slash == text.len) {
        return RC_BAD;
    }
    TRY(address_parse(text_slice(text, 0, slash), &ip));
    TRY(text_to_int(text_slice(text, slash + 1, text.len), 0, 32, &prefix_len));
    if (ip & ~mask_of((uint8_t)prefix_len)) {
        return RC_BAD;
    }
    *out = (struct snap_cidr){ip, (uint8_t)prefix_len};
    return RC_OK;
}

void cidr_print(const struct snap_cidr *cidr, char *out, size_t size)
{
    char ip[ADDRESS_TEXT_BYTES];

    address_print(cidr->network, ip, sizeof(ip));
    (void)snprintf(out, size, "%s/%u", ip, cidr->prefix_len);
}

bool cidr_holds(const struct snap_cidr *cidr, uint32_t ip)
{
    return (ip & mask_of(cidr->prefix_len)) == cidr->network;
}
