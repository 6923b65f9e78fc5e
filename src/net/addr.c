/* SPDX-License-Identifier: Apache-2.0 */
#include "net/addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

enum rc net_addr_of(struct text ip, uint16_t port, struct net_addr *out)
{
    char string[INET_ADDRSTRLEN];
    struct in_addr in;

    if (text_to_string(ip, string, sizeof(string)) != RC_OK ||
        inet_pton(AF_INET, string, &in) != 1) {
        return RC_BAD;
    }
    *out = net_addr_ip4(ntohl(in.s_addr), port);
    return RC_OK;
}

static char *put_byte(char *at, unsigned byte)
{
    if (byte >= 100) {
        *at++ = (char)('0' + byte / 100);
    }
    if (byte >= 10) {
        *at++ = (char)('0' + byte / 10 % 10);
    }
    *at++ = (char)('0' + byte % 10);
    return at;
}

/* By hand: it is written once a request, and snprintf was a tenth of that. */
static char *put_ip4(char *at, uint32_t ip)
{
    for (int shift = 24; shift > 0; shift -= 8) {
        at = put_byte(at, ip >> shift & 255);
        *at++ = '.';
    }
    return put_byte(at, ip & 255);
}

struct text net_addr_ip(const struct net_addr *addr, char out[NET_ADDR_SIZE])
{
    char *end = out;

    if (addr->family == NET_IPV4) {
        end = put_ip4(out, addr->ip4);
    } else {
        *end++ = '-';
    }
    *end = '\0';
    return (struct text){out, (size_t)(end - out)};
}

struct text net_addr_text(const struct net_addr *addr, char out[NET_ADDR_SIZE])
{
    const struct text ip = net_addr_ip(addr, out);

    if (addr->family == NET_NONE) {
        return ip;
    }
    const int len = snprintf(out + ip.len, NET_ADDR_SIZE - ip.len, ":%u", addr->port);
    return (struct text){out, ip.len + (size_t)len};
}

socklen_t net_addr_to_sockaddr(const struct net_addr *addr, struct sockaddr_storage *out)
{
    struct sockaddr_in *in = (struct sockaddr_in *)out;

    ASSERT(addr->family == NET_IPV4);
    *in = (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_port = htons(addr->port),
        .sin_addr.s_addr = htonl(addr->ip4),
    };
    return sizeof(*in);
}

struct net_addr net_addr_from_sockaddr(const struct sockaddr_storage *from)
{
    const struct sockaddr_in *in = (const struct sockaddr_in *)from;

    if (from->ss_family != AF_INET) {
        return (struct net_addr){.family = NET_NONE};
    }
    return net_addr_ip4(ntohl(in->sin_addr.s_addr), ntohs(in->sin_port));
}

struct net_addr net_addr_local(int fd)
{
    struct sockaddr_storage storage = {.ss_family = AF_UNSPEC};
    socklen_t len = sizeof(storage);

    (void)getsockname(fd, (struct sockaddr *)&storage, &len); /* failing leaves AF_UNSPEC */
    return net_addr_from_sockaddr(&storage);
}

struct net_addr net_addr_peer(int fd)
{
    struct sockaddr_storage storage = {.ss_family = AF_UNSPEC};
    socklen_t len = sizeof(storage);

    (void)getpeername(fd, (struct sockaddr *)&storage, &len); /* failing leaves AF_UNSPEC */
    return net_addr_from_sockaddr(&storage);
}

enum rc net_rc(int error)
{
    switch (error) {
    case EADDRINUSE:
        return RC_CONFLICT;
    case EACCES:
    case EPERM:
        return RC_DENIED;
    case EADDRNOTAVAIL:
        return RC_ABSENT;
    default:
        return RC_IO;
    }
}
