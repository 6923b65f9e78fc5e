/* SPDX-License-Identifier: Apache-2.0 */
/* address: IPv4 addresses and blocks as text. Host order inside. */
#pragma once
#include "snapshot/snapshot.h"

#define ADDRESS_TEXT_BYTES 16 /* "255.255.255.255" and the end */
#define CIDR_TEXT_BYTES    19 /* "255.255.255.255/32" and the end */

/* Four decimal numbers and nothing else: no octal, no spaces, no shorter forms. RC_BAD. */
MUST_USE enum rc address_parse(struct text text, uint32_t *out);
void address_print(uint32_t ip, char *out, size_t size);

/* "10.0.0.0/8"; bits behind the prefix must be zero. RC_BAD. */
MUST_USE enum rc cidr_parse(struct text text, struct snap_cidr *out);
void cidr_print(const struct snap_cidr *cidr, char *out, size_t size);

bool cidr_holds(const struct snap_cidr *cidr, uint32_t ip);
