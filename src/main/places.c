/* SPDX-License-Identifier: Apache-2.0 */
#include "main/places.h"

#include "snapshot/address.h"

#include <stdio.h>

enum { DNS_PORT = 53, DNS_HOST = 2 };

static enum rc read_place(struct text text, struct net_addr *out)
{
    const size_t colon = text_find(text, ':');
    int64_t port;
    uint32_t ip;

    TRY(address_parse(text_slice(text, 0, colon), &ip));
    TRY(text_to_int(text_slice(text, colon + 1, text.len), 1, UINT16_MAX, &port));
    *out = net_addr_ip4(ip, (uint16_t)port);
    return RC_OK;
}

static enum rc named_place(const struct options *options, enum option option, const char *name,
                           struct net_addr *out, char *why)
{
    if (read_place(options_text(options, option), out) != RC_OK) {
        (void)snprintf(why, OPTIONS_WHY_BYTES,
                       "%s: \"%.100s\" is not an IPv4 address and port, as 127.0.0.1:4566", name,
                       options_string(options, option));
        return RC_BAD;
    }
    return RC_OK;
}

enum rc places_api(const struct options *options, struct net_addr *out, char *why)
{
    return named_place(options, OPTION_API, "--api", out, why);
}

static enum rc add_pool(const struct options *options, enum option option, const char *name,
                        struct grant *grant, char *why)
{
    struct text bad;

    if (grant_add(grant, options_text(options, option), &bad) != RC_OK) {
        (void)snprintf(why, OPTIONS_WHY_BYTES,
                       "%s: \"%.*s\" is neither an IPv4 address nor a CIDR block, as "
                       "127.0.80.0/24",
                       name, TEXT_ARG(text_slice(bad, 0, 100)));
        return RC_BAD;
    }
    return RC_OK;
}

enum rc places_pools(const struct options *options, struct grant *out, char *why)
{
    TRY(add_pool(options, OPTION_PUBLIC_ADDRESSES, "--public-addresses", out, why));
    return add_pool(options, OPTION_PRIVATE_ADDRESSES, "--private-addresses", out, why);
}

enum rc places_dns(const struct options *options, struct net_addr *out, char *why)
{
    struct grant pool = {0};

    if (*options_string(options, OPTION_DNS)) {
        return named_place(options, OPTION_DNS, "--dns", out, why);
    }
    TRY(add_pool(options, OPTION_PUBLIC_ADDRESSES, "--public-addresses", &pool, why));
    if (pool.blocks[0].prefix_len > 29) {
        (void)snprintf(why, OPTIONS_WHY_BYTES,
                       "--public-addresses is no block that has room for DNS: name its place with "
                       "--dns ADDRESS:PORT, or give --no-dns");
        return RC_BAD;
    }
    *out = net_addr_ip4(pool.blocks[0].network + DNS_HOST, DNS_PORT);
    return RC_OK;
}
