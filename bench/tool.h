/* SPDX-License-Identifier: Apache-2.0 */
/* tool: what the generators and the target share. They end loudly at the first surprise. */
#pragma once
#include <netinet/in.h>
#include <stdint.h>

int64_t now_ns(void);                               /* monotonic */
_Noreturn void die(const char *format, ...);        /* says why, with errno when that is set */
struct sockaddr_in parse_address(const char *text); /* 127.0.0.1:80, or dies */
int dial(const struct sockaddr_in *to,
         unsigned sources); /* connecting, from one of so many addresses; 0: any */
void die_if_closed(int fd); /* by the other side */
