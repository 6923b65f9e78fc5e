/* SPDX-License-Identifier: Apache-2.0 */
/* tool: what the generators and the target share. They end loudly at the first surprise. */
#pragma once
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

int64_t now_ns(void);                               /* monotonic */
_Noreturn void die(const char *format, ...);        /* says why, with errno when that is set */
struct sockaddr_in parse_address(const char *text); /* 127.0.0.1:80, or dies */
int dial(const struct sockaddr_in *to,
         int sources);      /* connecting, from one of so many addresses; 0: any */
void die_if_closed(int fd); /* by the other side */

enum tool_kind { TOOL_SWITCH, TOOL_COUNT, TOOL_NUMBER, TOOL_TEXT, TOOL_ADDRESS };

struct tool_option {
    const char *name; /* --name, and a value unless it is a switch; NULL: the last one */
    enum tool_kind kind;
    void *at; /* bool, int, double, const char * or struct sockaddr_in */
};

void read_options(int argc, char **argv, const struct tool_option *options); /* or exits with 2 */
