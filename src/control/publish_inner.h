/* SPDX-License-Identifier: Apache-2.0 */
/* publish_inner: what the files of publish share. */
#pragma once
#include "base/map.h"
#include "control/attribute.h"
#include "control/control.h"
#include "snapshot/snapshot.h"
#include "store/balancer.h"
#include "store/rule.h"
#include "store/target_group.h"

/* One build. Everything it points at is in the turn's arena. */
struct publish {
    struct turn *turn;
    struct snap_group *groups; /* room for all that are in use */
    size_t group_count;
    struct map groups_by_arn; /* own */
    struct snap_certificate *certificates;
    size_t certificate_count;
    struct map certificates_by_arn; /* own */
    struct snap_trust_store *trust_stores;
    size_t trust_store_count;
    struct map trust_stores_by_arn; /* own */
};

MUST_USE enum rc publish_group(struct publish *publish, const struct target_group_row *row,
                               struct snap_group *out);
MUST_USE enum rc publish_balancer(struct publish *publish, const struct balancer_row *row,
                                  struct snap_balancer *out);
MUST_USE enum rc publish_rule(struct publish *publish, const struct rule_row *row,
                              struct snap_rule *out);
/* What a listener's attributes say of header fields. */
MUST_USE enum rc publish_fields(struct publish *publish, const struct attribute_set *set,
                                struct snap_listener *out);
/* The trust stores that listeners use. */
MUST_USE enum rc publish_trust_stores(struct publish *publish);
/* Mutual TLS of a listener. */
MUST_USE enum rc publish_listener_auth(struct publish *publish, struct snap_listener *out);
/* RC_ABSENT: there is no such certificate. */
MUST_USE enum rc publish_certificate(struct publish *publish, struct text arn,
                                     const struct snap_certificate **out);
