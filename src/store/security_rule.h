/* SPDX-License-Identifier: Apache-2.0 */
/* security_rule: rows of security group rules: one protocol, port range and peer each. */
#pragma once
#include "store/store.h"

struct arena;

struct security_rule_row {
    struct text id; /* "sgr-..." */
    struct text group_id;
    bool is_egress;
    struct text protocol; /* "tcp", "udp", "icmp", "icmpv6", "-1" (all), or a number */
    int64_t from_port;    /* ICMP: type. -1: all, or the protocol has none */
    int64_t to_port;      /* ICMP: code */
    struct text cidr4;    /* of the three peers one is not empty */
    struct text cidr6;
    struct text peer_group_id;
    struct text description; /* .at is NULL: none */
};

struct security_rule_rows {
    struct security_rule_row *at;
    size_t count;
};

/* RC_CONFLICT: the group has this very rule (whatever its description), or a group is missing. */
MUST_USE enum rc security_rule_row_insert(struct store *store, const struct security_rule_row *row);
MUST_USE enum rc security_rule_row_delete(struct store *store, struct text id);
/* Everything but id, group and direction. RC_CONFLICT: as for insert. */
MUST_USE enum rc security_rule_row_update(struct store *store, const struct security_rule_row *row);
/* Of one group, in the order they were made; of all groups when `group_id` is empty. */
MUST_USE enum rc security_rule_row_list(struct store *store, struct arena *arena,
                                        struct text group_id, struct security_rule_rows *out);
