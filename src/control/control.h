/* SPDX-License-Identifier: Apache-2.0 */
/* control: the model. Its verbs (security_group_create, load_balancer_create, ...: a noun a file)
 * check AWS's rules and quotas and write to the store; nothing here knows sockets or wire formats.
 *
 * A verb works inside a turn: one API call, or one step of a reconciler, which is one transaction.
 *
 *   struct turn turn;
 *   TRY(turn_begin(&turn, control, arena, now_unix_ms, STORE_WRITE));
 *   rc = security_group_create(&turn, &wanted, &created);
 *   return turn_end(&turn, rc);           commits RC_OK, rolls back everything else
 *
 * A verb that refuses returns anything but RC_OK and has filled turn->refusal with AWS's code and
 * message. Without a code it was no refusal but our failure: the API answers InternalError.
 *
 * Owner    control borrows the store; answers live in the turn's arena.
 * Thread   one, control's. One turn at a time.
 * Time     wall clock, unix milliseconds, as read by the loop at the start of the turn. */
#pragma once
#include "base/arena.h"
#include "control/refusal.h"
#include "store/store.h"

struct board;
struct buckets;

/* An instance that may be registered as a target: "i-0123456789abcdef0" and where it is. */
struct control_instance {
    struct text id;
    struct text address;
};

/* Borrowed texts, unchanged while control lives. Empty ones get the default named beside them. */
struct control_config {
    struct text account;      /* 123456789012 */
    struct text region;       /* us-east-1 */
    const struct text *zones; /* {region}a, {region}b: names of zones, at most 6 */
    size_t zone_count;
    struct text domain;            /* elb.internal: behind the names of load balancers */
    struct text vpc_cidr;          /* 172.31.0.0/16: of the default VPC, made at first start */
    struct text public_addresses;  /* 127.0.80.0/24: a CIDR, or addresses with commas */
    struct text private_addresses; /* 127.0.88.0/24 */
    const struct control_instance *instances;
    size_t instance_count;
    const struct buckets *buckets; /* borrowed: what calls mean by S3; NULL: it is empty */
};

struct control {
    struct store *store; /* borrowed */
    struct board *board; /* own: what the nodes last reported */
    struct control_config config;
    struct text default_zones[2]; /* config.zones point here if none were given; own */
};

struct turn {
    const struct control_config *config;
    struct store *store;
    const struct board *board;
    struct arena *arena; /* borrowed */
    int64_t now_unix_ms;
    struct refusal refusal;
};

/* On a store without a VPC that means: the default VPC, its subnets, gateway and security group
 * are made (AWS EC2 guide, "Default VPCs"). RC_BAD: a zone, an address pool, an instance or the
 * CIDR of the configuration makes no sense; `why` (at least 256 bytes) says which. */
MUST_USE enum rc control_new(struct store *store, const struct control_config *config,
                             int64_t now_unix_ms, struct control **out, char *why, size_t why_size);
void control_free(struct control *control); /* NULL is fine; the store stays */
AUTO_DEFINE(control)

MUST_USE enum rc turn_begin(struct turn *turn, const struct control *control, struct arena *arena,
                            int64_t now_unix_ms, enum store_mode mode);
/* Commits if rc is RC_OK, else rolls back. Gives rc back, or RC_IO if the commit failed. */
MUST_USE enum rc turn_end(struct turn *turn, enum rc rc);
