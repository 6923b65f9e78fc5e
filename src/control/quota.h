/* SPDX-License-Identifier: Apache-2.0 */
/* quota: AWS's default quotas of the networking part of EC2.
 * Source: Amazon VPC user guide, "Amazon VPC quotas"; tags: EC2 user guide, "Tag restrictions". */
#pragma once

/* OURS: AWS begins with 5 and raises it to hundreds for whoever asks. */
#define QUOTA_VPCS             100
#define QUOTA_SECURITY_GROUPS  2500 /* per region */
#define QUOTA_SECURITY_RULES   60   /* per group, direction and address family */
#define QUOTA_INTERFACE_GROUPS 5    /* security groups per network interface */
#define QUOTA_TAGS             50   /* per resource */
#define QUOTA_TAG_KEY_CHARS    128
#define QUOTA_TAG_VALUE_CHARS  256
