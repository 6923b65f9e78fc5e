/* SPDX-License-Identifier: Apache-2.0 */
#include "control/elb_quota.h"

static const struct {
    const char *name;
    int64_t maximum;
} quotas[] = {
#define QUOTA(id, name, maximum) [ELB_QUOTA_##id] = {name, maximum},
#include "control/elb_quota.def"
#undef QUOTA
};

const char *elb_quota_name(enum elb_quota quota)
{
    return quotas[quota].name;
}

int64_t elb_quota_max(enum elb_quota quota)
{
    return quotas[quota].maximum;
}
