/* SPDX-License-Identifier: Apache-2.0 */
/* zone: Availability Zones by name ("us-east-1a") and id ("use1-az1"). AWS maps names to ids per
 * account; ours are in order: a is az1. */
#pragma once
#include "control/control.h"

/* Of any name that turn->config could hold. */
struct text zone_id(struct turn *turn, struct text name);
bool zone_exists(const struct turn *turn, struct text name);
