/* SPDX-License-Identifier: Apache-2.0 */
/* addr: an address and a port, by value. IPv4 now; IPv6 becomes a second family. */
#pragma once
#include "base/text.h"

#include <netinet/in.h>
#include <stdint.h>

enum net_family { NET_NONE, NET_IPV4 };

struct net_addr {
    uint32_t ip4;   /* host order */
    uint16_t port;  /* host order */
    uint8_t family; /* enum net_family */
};

enum { NET_ADDR_SIZE = 64 }; /* room for any address and port as words */

static inline struct net_addr net_addr_ip4(uint32_t ip4, uint16_t port)
{
    return (struct net_addr){.ip4 = ip4, .port = port, .family = NET_IPV4};
}

/* "192.0.2.1"; RC_BAD for anything else. */
MUST_USE enum rc net_addr_of(struct text ip, uint16_t port, struct net_addr *out);

/* Into `out`, terminated: "192.0.2.1", and with the port "192.0.2.1:80". NET_NONE gives "-". */
struct text net_addr_ip(const struct net_addr *addr, char out[NET_ADDR_SIZE]);
struct text net_addr_text(const struct net_addr *addr, char out[NET_ADDR_SIZE]);

/* For the kernel's calls. Other families than ours become NET_NONE. */
socklen_t net_addr_to_sockaddr(const struct net_addr *addr, struct sockaddr_storage *out);
struct net_addr net_addr_from_sockaddr(const struct sockaddr_storage *from);

/* What the kernel knows of a socket; NET_NONE when it knows nothing. */
struct net_addr net_addr_local(int fd);
struct net_addr net_addr_peer(int fd);

/* What errno of bind(2) or listen(2) means: RC_CONFLICT: in use; RC_DENIED: no right to this port;
 * RC_ABSENT: not an address of this machine; else RC_IO. */
MUST_USE enum rc net_rc(int error);
