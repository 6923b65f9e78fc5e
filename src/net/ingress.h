/* SPDX-License-Identifier: Apache-2.0 */
/* ingress: who may connect to a listening socket, as a classic BPF program on the socket.
 *
 * The kernel drops the SYN of everybody else, so a refused source gets silence, as from a security
 * group. The program reads the IPv4 source address at SKF_NET_OFF. Linux 6
 * wants CAP_NET_ADMIN for it; older ones no privilege.
 *
 * Sources  AWS VPC, "Security groups"; socket(7), SO_ATTACH_FILTER. */
#pragma once
#include "net/listen.h"

/* As listen_allow(). *is_filtered: false when everybody is allowed and no program is attached. */
MUST_USE enum rc ingress_attach(int fd, const struct net_source *sources, size_t count,
                                bool *is_filtered);
/* An accepted socket inherits the program; its source was allowed, so it need not run again. */
void ingress_detach(int fd);
