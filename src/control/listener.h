/* SPDX-License-Identifier: Apache-2.0 */
/* listener: listeners: made, found, changed, deleted. A listener's default actions are its rule of
 * priority 0, which is made and goes with it; other rules are control/rule.h.
 *
 * Sources  AWS ELBv2 API, CreateListener and its kin; messages as observed. */
#pragma once
#include "control/action.h"
#include "control/attribute.h"
#include "store/listener.h"
#include "store/tag.h"

/* MutualAuthentication. */
struct listener_auth {
    struct text mode;        /* "off", "passthrough", "verify" */
    struct text trust_store; /* ARN; empty but for verify */
    bool ignores_expiry;
    struct text advertises; /* "on", "off": the names of the CAs */
};

/* Empty texts, 0 and empty lists mean not given. */
struct listener_new {
    struct text balancer; /* ARN; create only */
    struct text protocol;
    int64_t port;
    struct text ssl_policy;
    const struct text *certificates; /* ARNs */
    size_t certificate_count;
    bool has_alpn_policy;
    const struct listener_auth *auth; /* NULL: not given */
    struct actions actions;
    const struct tag_row *tags; /* create only */
    size_t tag_count;
};

struct listener {
    struct listener_row row;
    struct text certificate; /* the default one's ARN; empty: HTTP */
    struct listener_auth auth;
    struct actions actions;
};

struct listeners {
    struct listener *at;
    size_t count;
};

/* Gives the existing one when its port and settings are the same. */
MUST_USE enum rc listener_create(struct turn *turn, const struct listener_new *wanted,
                                 struct listener *out);
/* What is given replaces what was. */
MUST_USE enum rc listener_modify(struct turn *turn, struct text arn,
                                 const struct listener_new *wanted, struct listener *out);
/* With its rules. */
MUST_USE enum rc listener_delete(struct turn *turn, struct text arn);
MUST_USE enum rc listener_delete_all(struct turn *turn, struct text balancer);

/* Refuses what is no ARN and what is not there. */
MUST_USE enum rc listener_find_row(struct turn *turn, struct text arn, struct listener_row *out);
/* Those of a load balancer by port, or those with these ARNs in the order given: one of both. */
MUST_USE enum rc listener_find_all(struct turn *turn, struct text balancer, const struct text *arns,
                                   size_t count, struct listeners *out);

/* All attributes; then with `changes` applied, all or none. */
MUST_USE enum rc listener_attributes(struct turn *turn, struct text arn, struct attribute_set *out);
MUST_USE enum rc listener_set_attributes(struct turn *turn, struct text arn,
                                         const struct attribute *changes, size_t count,
                                         struct attribute_set *out);
