/* SPDX-License-Identifier: Apache-2.0 */
/* elb_quota: how many of each an account may have: AWS's defaults, which DescribeAccountLimits
 * gives and the verbs hold. */
#pragma once
#include <stdint.h>

enum elb_quota {
#define QUOTA(id, name, maximum) ELB_QUOTA_##id,
#include "control/elb_quota.def"
#undef QUOTA
    ELB_QUOTA_COUNT
};

const char *elb_quota_name(enum elb_quota quota);
int64_t elb_quota_max(enum elb_quota quota);
