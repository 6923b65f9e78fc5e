/* SPDX-License-Identifier: Apache-2.0 */
/* elb_arn: the names of load balancing resources, read and checked.
 *
 *   arn:aws:elasticloadbalancing:{region}:{account}:loadbalancer/app/{name}/{id}
 *   ...:listener/app/{name}/{id}/{listener id}
 *   ...:listener-rule/app/{name}/{id}/{listener id}/{rule id}
 *   ...:targetgroup/{name}/{id}
 *   ...:truststore/{name}/{id}
 *
 * An ARN of another account or region is refused as one that is no ARN at all, as AWS does; whether
 * the thing is there is the store's affair. Ids are 16 lower-case hex digits. */
#pragma once
#include "control/control.h"

enum elb_kind { ELB_BALANCER, ELB_LISTENER, ELB_RULE, ELB_TARGET_GROUP, ELB_TRUST_STORE };

bool elb_arn_is(const struct turn *turn, struct text arn, enum elb_kind kind);

/* RC_BAD: ValidationError, "'{arn}' is not a valid load balancer ARN". */
MUST_USE enum rc elb_arn_check(struct turn *turn, struct text arn, enum elb_kind kind);

/* "One or more load balancers not found", with the code of the kind; RC_ABSENT. */
enum rc elb_refuse_absent(struct turn *turn, enum elb_kind kind);

/* What follows the first `/`: "app/name/0123456789abcdef" of a load balancer's ARN. */
struct text elb_arn_id(struct text arn);

/* Names of load balancers and target groups: at most 32 letters, digits and hyphens, no hyphen at
 * either end. `noun` begins the message: "Load balancer", "Target group". */
MUST_USE enum rc elb_name_check(struct turn *turn, const char *noun, struct text name);
