/* SPDX-License-Identifier: Apache-2.0 */
/* security_rule: what a security group lets in and out.
 *
 * Sources  EC2 API reference, AuthorizeSecurityGroupIngress and its kin, IpPermission;
 *          messages as seen in public reports of EC2's answers. */
#pragma once
#include "control/control.h"
#include "control/permission.h"
#include "store/security_group.h"
#include "store/security_rule.h"
#include "store/tag.h"

/* Adds all or none. `tags` go on every new rule. */
MUST_USE enum rc security_rule_authorize(struct turn *turn, const struct security_group_row *group,
                                         bool is_egress, const struct permission *permissions,
                                         size_t count, const struct tag_row *tags, size_t tag_count,
                                         struct security_rule_rows *out);

/* Removes all or none; gives what they were. Ports play no part where the protocol is -1.
 * OURS: EC2's reference has InvalidPermission.NotFound for groups of VPCs that are not the default
 * one only; we answer it for all, so that nobody takes a typing error for a closed port. */
MUST_USE enum rc security_rule_revoke(struct turn *turn, const struct security_group_row *group,
                                      bool is_egress, const struct permission *permissions,
                                      size_t count, struct security_rule_rows *out);
MUST_USE enum rc security_rule_revoke_ids(struct turn *turn, const struct security_group_row *group,
                                          bool is_egress, const struct text *ids, size_t count,
                                          struct security_rule_rows *out);

/* Puts the permission in the place of a rule, which keeps its id and direction. */
MUST_USE enum rc security_rule_modify(struct turn *turn, const struct security_group_row *group,
                                      struct text id, const struct permission *permission);
/* Gives the rules that the permissions mean the permissions' descriptions. */
MUST_USE enum rc security_rule_describe(struct turn *turn, const struct security_group_row *group,
                                        bool is_egress, const struct permission *permissions,
                                        size_t count);
/* The same by id; .at NULL takes the description away. */
MUST_USE enum rc security_rule_describe_id(struct turn *turn,
                                           const struct security_group_row *group, bool is_egress,
                                           struct text id, struct text description);
