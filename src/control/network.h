/* SPDX-License-Identifier: Apache-2.0 */
/* network: the default VPC and what belongs to it, and look-ups of VPCs and subnets for verbs.
 * Sources  Amazon VPC user guide, "Default VPCs", "Default security groups". */
#pragma once
#include "control/control.h"
#include "store/subnet.h"
#include "store/vpc.h"

/* Makes, on a store without any VPC, the default one: config's CIDR, a default subnet in each zone
 * (a sixteenth of the VPC each), an internet gateway, the default security group. Does nothing
 * otherwise. RC_BAD: the CIDR of the configuration is not /16 to /24. */
MUST_USE enum rc network_seed(struct turn *turn);

/* Refuses with InvalidVpcID.Malformed or InvalidVpcID.NotFound. */
MUST_USE enum rc network_find_vpc(struct turn *turn, struct text id, struct vpc_row *out);
/* The one given, or the default one when `id` is empty: VPCIdNotSpecified when there is none. */
MUST_USE enum rc network_choose_vpc(struct turn *turn, struct text id, struct vpc_row *out);
MUST_USE enum rc network_find_subnet(struct turn *turn, struct text id, struct subnet_row *out);

/* Addresses of a subnet that nothing takes; AWS keeps the first four and the last. */
int64_t network_free_addresses(const struct subnet_row *subnet);
