/* SPDX-License-Identifier: Apache-2.0 */
/* network: what a new account has.
 * Sources  Amazon VPC user guide, "Default VPCs", "Default security groups". */
#pragma once
#include "control/control.h"

/* Makes, on a store without any VPC, the default one: config's CIDR, a default subnet in each zone
 * (a sixteenth of the VPC each), an internet gateway with a route to it, and what every VPC begins
 * with. Does nothing otherwise. RC_BAD: the CIDR of the configuration is not /16 to /24. */
MUST_USE enum rc network_seed(struct turn *turn);
