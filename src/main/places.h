/* SPDX-License-Identifier: Apache-2.0 */
/* places: the addresses that the options name. RC_BAD: `why` tells. */
#pragma once
#include "main/grant.h"
#include "main/options.h"
#include "net/addr.h"

/* Where the APIs answer. */
MUST_USE enum rc places_api(const struct options *options, struct net_addr *out, char *why);
/* Where DNS answers, before the port offset: --dns, or the public addresses' base + 2, port 53, as
 * AWS's resolver has the base + 2 of a VPC. */
MUST_USE enum rc places_dns(const struct options *options, struct net_addr *out, char *why);
/* Where listeners of load balancers may be. */
MUST_USE enum rc places_pools(const struct options *options, struct grant *out, char *why);
