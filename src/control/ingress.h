/* SPDX-License-Identifier: Apache-2.0 */
/* ingress: what security groups let in, as the snapshot wants it: CIDRs and ports. */
#pragma once
#include "control/control.h"
#include "snapshot/snapshot.h"

struct ingress_list {
    struct snap_ingress *at;
    size_t count;
};

/* What the groups together allow over TCP and IPv4. A source group stands for the addresses of the
 * network interfaces that have it now, so a change of those changes this too. In the turn's
 * arena. */
MUST_USE enum rc ingress_resolve(struct turn *turn, const struct text *group_ids, size_t count,
                                 struct ingress_list *out);
