/* SPDX-License-Identifier: Apache-2.0 */
/* zone: which names exist under one domain, and their addresses: a pure function of a snapshot.
 *
 * A load balancer has its own name with the addresses of all its zones, dualstack.{name} with the
 * same, and {zone}.{name} with that zone's alone. The domain itself has a name server, ns1, which
 * is us. Every name above one that exists, exists too (without addresses).
 *
 * Owner    the caller; copies what it needs.   Thread   one; immutable after zone_new.
 * Sources  RFC 8020 (what is above a name exists), AWS ALB, "DNS name". */
#pragma once
#include "base/rc.h"
#include "base/text.h"
#include "snapshot/snapshot.h"

enum { ZONE_TTL_S = 60 }; /* AWS ALB, "DNS name": records live 60 seconds */

struct zone;

enum zone_answer {
    ZONE_FOREIGN, /* not under our domain */
    ZONE_ABSENT,  /* under it, and there is no such name */
    ZONE_PRESENT,
};

struct zone_name {
    struct text name; /* lower case, without the last dot */
    const uint32_t *ips;
    size_t ip_count; /* 0: the name exists and has no address */
    bool is_apex;    /* the domain itself: the one with SOA and NS */
};

/* `own_ip` is what ns1.{domain} answers; 0: no such name. Load balancers whose names are not under
 * `domain` (lower case, no dot at the end) are left out. */
struct zone *zone_new(struct text domain, uint32_t own_ip, const struct snap_balancer *balancers,
                      size_t count);
void zone_free(struct zone *zone); /* NULL is fine */
AUTO_DEFINE(zone)

struct text zone_domain(const struct zone *zone);

/* `name` in lower case, without the last dot. *out lives as long as the zone, and is set only for
 * ZONE_PRESENT. */
enum zone_answer zone_find(const struct zone *zone, struct text name, const struct zone_name **out);
