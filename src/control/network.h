/* SPDX-License-Identifier: Apache-2.0 */
/* network: what a new account has: the default VPC and its parts.
 * Sources  Amazon VPC user guide, "Default VPCs"; EC2 API reference, CreateDefaultVpc,
 *          CreateDefaultSubnet. */
#pragma once
#include "control/control.h"
#include "store/subnet.h"
#include "store/vpc.h"

/* Makes the default VPC on a store without any VPC. RC_BAD: the CIDR of the configuration is not
 * /16 to /24. */
MUST_USE enum rc network_seed(struct turn *turn);

/* The default VPC: config's CIDR, a default subnet in each zone (a sixteenth of the VPC each), an
 * internet gateway with a route to it, and what every VPC begins with. Refuses a second one. */
MUST_USE enum rc network_create_default_vpc(struct turn *turn, struct vpc_row *out);
/* The default subnet of a zone that has none: the first sixteenth that is free. */
MUST_USE enum rc network_create_default_subnet(struct turn *turn, struct text zone,
                                               struct subnet_row *out);
