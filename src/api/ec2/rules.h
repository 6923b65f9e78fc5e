/* SPDX-License-Identifier: Apache-2.0 */
/* rules: security group rules between EC2's shapes and the model, for all operations on them. */
#pragma once
#include "api/call.h"
#include "api/ec2_shapes.h"
#include "control/permission.h"
#include "store/security_rule.h"
#include "store/tag.h"

/* What Authorize and Revoke have in common, in both directions. */
struct rules_input {
    const struct ec2_ip_permission_list *permissions;
    struct text protocol, cidr, peer_name, peer_owner; /* the flat form */
    bool has_from_port, has_to_port;
    int64_t from_port, to_port;
};

#define RULES_INPUT(in)                                     \
    ((struct rules_input){                                  \
        .permissions = &(in)->ip_permissions,               \
        .protocol = (in)->ip_protocol,                      \
        .cidr = (in)->cidr_ip,                              \
        .peer_name = (in)->source_security_group_name,      \
        .peer_owner = (in)->source_security_group_owner_id, \
        .has_from_port = (in)->has_from_port,               \
        .has_to_port = (in)->has_to_port,                   \
        .from_port = (in)->from_port,                       \
        .to_port = (in)->to_port,                           \
    })

struct permissions {
    struct permission *at;
    size_t count;
};

/* One permission a peer, from either form. Refuses both and none. */
MUST_USE enum rc rules_read(struct call *call, const struct rules_input *in,
                            struct permissions *out);

/* As rules: one peer each. `tags`: by rule id. */
MUST_USE enum rc rules_write(struct call *call, const struct security_rule_row *rows, size_t count,
                             struct text vpc_id, const struct tag_rows *tags,
                             struct ec2_security_group_rule *out);
/* As permissions: peers of the same protocol and ports together. `rows` are of one group. */
MUST_USE enum rc rules_write_permissions(struct call *call, const struct security_rule_row *rows,
                                         size_t count, bool is_egress,
                                         struct ec2_ip_permission_list *out);
