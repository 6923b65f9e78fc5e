/* SPDX-License-Identifier: Apache-2.0 */
/* permission: what a caller asks a security group to let in or out, and its check.
 *
 * EC2's two forms of input (--protocol, --port, --cidr; and IpPermissions) come as permissions with
 * one peer each; a permission becomes one rule.
 *
 * Sources  EC2 API reference, IpPermission; the messages as seen in public reports of EC2's
 *          answers. */
#pragma once
#include "control/control.h"
#include "store/security_group.h"
#include "store/security_rule.h"

/* EC2's words for what names and descriptions may hold. */
#define PERMISSION_TEXT_SET "a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"

enum peer_kind { PEER_NONE, PEER_CIDR4, PEER_CIDR6, PEER_GROUP, PEER_PREFIX_LIST };

struct permission {
    struct text protocol; /* "tcp", "6", "-1", ... */
    bool has_from_port, has_to_port;
    int64_t from_port, to_port; /* ICMP: type and code */
    enum peer_kind peer_kind;
    struct text peer;        /* a CIDR, a group's or prefix list's id */
    struct text peer_name;   /* PEER_GROUP without id: its name, in the VPC of the group */
    struct text peer_owner;  /* PEER_GROUP: an account; empty: ours */
    struct text description; /* .at NULL: none */
};

/* The rule of `group` that it asks for, in canonical form, without an id. Refuses whatever EC2
 * would. */
MUST_USE enum rc permission_to_row(struct turn *turn, const struct security_group_row *group,
                                   bool is_egress, const struct permission *permission,
                                   struct security_rule_row *out);

/* the specified rule "peer: 0.0.0.0/0, TCP, from port: 80, to port: 80, ALLOW" already exists */
enum rc permission_refuse_duplicate(struct turn *turn, const struct security_rule_row *row);

/* Refuses a rule's description that EC2 would; .at NULL is fine. */
MUST_USE enum rc permission_check_description(struct turn *turn, struct text description);

/* Up to 255 characters of PERMISSION_TEXT_SET. */
bool permission_text_is_valid(struct text text);
