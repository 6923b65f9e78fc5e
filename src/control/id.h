/* SPDX-License-Identifier: Apache-2.0 */
/* id: names that AWS would give: EC2 ids, ELBv2 ids, ARNs. From the system's random source, so that
 * nobody meets one twice; uniqueness is still the primary key's affair. */
#pragma once
#include "control/control.h"

/* "sg" -> "sg-0a1b2c3d4e5f67890": 17 lower-case hex digits, the first one 0 as AWS has it. */
struct text id_ec2(struct turn *turn, const char *prefix);
/* 16 lower-case hex digits: load balancers, target groups, listeners, rules. */
struct text id_elb(struct turn *turn);
/* For the number in a load balancer's DNS name: 10^8 .. 10^10 - 1. */
uint64_t id_number(void);

/* arn:aws:{service}:{region}:{account}:{resource} */
struct text arn_of(struct turn *turn, const char *service, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* True for prefix, a dash, and 8 or 17 hex digits: the two lengths that AWS has used. */
bool id_is_ec2(struct text id, const char *prefix);
