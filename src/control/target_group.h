/* SPDX-License-Identifier: Apache-2.0 */
/* target_group: target groups: made, found, changed, deleted. Targets are control/target.h.
 *
 * A group belongs to no load balancer until an action of a rule forwards to it; then to that one
 * only, and it cannot be deleted.
 *
 * Sources  AWS ELBv2 API, CreateTargetGroup and its kin; "Health checks for Application Load
 *          Balancer target groups"; messages as observed. */
#pragma once
#include "control/attribute.h"
#include "control/control.h"
#include "store/tag.h"
#include "store/target_group.h"

/* Of a health check, what was given: empty texts and 0 mean not given. */
struct health_check_new {
    bool has_enabled, is_enabled;
    struct text protocol;
    struct text port;
    struct text path;
    int64_t interval_s;
    int64_t timeout_s;
    int64_t healthy_threshold;
    int64_t unhealthy_threshold;
    struct text http_codes;
    struct text grpc_codes;
};

/* Empty texts and 0 mean not given. */
struct target_group_new {
    struct text name;
    struct text target_type;
    struct text protocol;
    struct text protocol_version;
    struct text ip_address_type;
    struct text vpc_id;
    int64_t port;
    struct health_check_new health;
    const struct tag_row *tags;
    size_t tag_count;
};

struct target_group {
    struct target_group_row row;
    struct text balancer; /* ARN; empty: none refers to it */
};

struct target_groups {
    struct target_group *at;
    size_t count;
};

/* Gives the existing one when it has the same name and settings. */
MUST_USE enum rc target_group_create(struct turn *turn, const struct target_group_new *wanted,
                                     struct target_group *out);
MUST_USE enum rc target_group_modify(struct turn *turn, struct text arn,
                                     const struct health_check_new *health,
                                     struct target_group *out);
/* With its targets. Refuses one that a rule refers to; an absent one is fine. */
MUST_USE enum rc target_group_delete(struct turn *turn, struct text arn);

/* Refuses what is no ARN and what is not there. */
MUST_USE enum rc target_group_find(struct turn *turn, struct text arn, struct target_group *out);
MUST_USE enum rc target_group_find_row(struct turn *turn, struct text arn,
                                       struct target_group_row *out);
/* Those of a load balancer, with these ARNs, or with these names (one of the three at most); else
 * all. By name, or in the order in which they were asked for. */
MUST_USE enum rc target_group_find_all(struct turn *turn, struct text balancer,
                                       const struct text *arns, size_t arn_count,
                                       const struct text *names, size_t name_count,
                                       struct target_groups *out);

/* All attributes; then with `changes` applied, all or none. */
MUST_USE enum rc target_group_attributes(struct turn *turn, struct text arn,
                                         struct attribute_set *out);
MUST_USE enum rc target_group_set_attributes(struct turn *turn, struct text arn,
                                             const struct attribute *changes, size_t count,
                                             struct attribute_set *out);
