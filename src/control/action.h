/* SPDX-License-Identifier: Apache-2.0 */
/* action: what a rule does with a request: forward, redirect, answer with a fixed response.
 *
 * Checked here: everything that an action and its listener tell. What needs the store (are the
 * target groups there, in this VPC, free for this load balancer) is control/forward.h's.
 * The document is JSON, as the store keeps it; what we write we can read.
 *
 * Sources  AWS ELBv2 API, Action; "Listener rules: action types"; messages as observed. */
#pragma once
#include "base/buf.h"
#include "control/control.h"

enum action_type {
    ACTION_FORWARD,
    ACTION_REDIRECT,
    ACTION_FIXED_RESPONSE,
    ACTION_AUTHENTICATE_OIDC,
    ACTION_AUTHENTICATE_COGNITO,
    ACTION_JWT_VALIDATION,
};

struct action_group {
    struct text arn;
    int64_t weight; /* 0..999; -1: not given */
};

struct action_forward {
    struct text target_group_arn; /* the short form; empty when not given */
    struct action_group *groups;
    size_t group_count;
    bool is_sticky;
    int64_t sticky_seconds; /* 0: not given */
};

struct action_redirect {
    bool is_given;
    struct text protocol, host, port, path, query; /* .at NULL: not given */
    struct text status;                            /* "HTTP_301", "HTTP_302" */
};

struct action_fixed {
    bool is_given;
    struct text status, content_type, body; /* .at NULL: not given */
};

struct action {
    enum action_type type;
    int64_t order; /* 0: not given; it is echoed only if it was */
    struct action_forward forward;
    struct action_redirect redirect;
    struct action_fixed fixed;
};

struct actions {
    struct action *at;
    size_t count;
};

/* The listener an action would stand in. */
struct action_place {
    int64_t port;
    bool is_https;
};

/* By AWS's word; RC_ABSENT for another. */
MUST_USE enum rc action_type_find(struct text word, enum action_type *out);
const char *action_type_word(enum action_type type);

/* Checks a rule's actions and completes them in place: groups from the short form, weights,
 * defaults of a redirect; sorted by order. RC_BAD with a refusal. */
MUST_USE enum rc actions_check(struct turn *turn, struct actions *actions,
                               const struct action_place *place);

/* Two complete lists do the same when their documents are equal. */
MUST_USE enum rc actions_encode(const struct actions *actions, struct arena *arena,
                                struct text *out);
/* RC_BAD: it is none of ours: the store is damaged. */
MUST_USE enum rc actions_decode(struct text document, struct arena *arena, struct actions *out);
