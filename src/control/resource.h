/* SPDX-License-Identifier: Apache-2.0 */
/* resource: what EC2 calls its things, and how it complains about their ids. The kinds stand in
 * resource.def. */
#pragma once
#include "control/control.h"

enum resource_kind {
#define RESOURCE(KIND, prefix, type, malformed, not_found, name) RESOURCE_##KIND,
#include "control/resource.def"
#undef RESOURCE
    RESOURCE_KINDS,
};

/* "security-group": the word in ARNs and in DescribeTags. */
const char *resource_type(enum resource_kind kind);
/* By the id's prefix; RC_ABSENT. */
MUST_USE enum rc resource_kind_of_id(struct text id, enum resource_kind *out);

/* A new id of the kind. */
struct text resource_id(struct turn *turn, enum resource_kind kind);
/* arn:aws:ec2:{region}:{account}:{type}/{id} */
struct text resource_arn(struct turn *turn, enum resource_kind kind, struct text id);

/* Refuses an id that does not look like one: Invalid id: "x" (expecting "sg-..."). */
MUST_USE enum rc resource_check_id(struct turn *turn, enum resource_kind kind, struct text id);
/* The refusal of an id that is not there. */
enum rc resource_refuse_absent(struct turn *turn, enum resource_kind kind, struct text id);
/* Both: RC_OK if the store has it. */
MUST_USE enum rc resource_check_exists(struct turn *turn, enum resource_kind kind, struct text id);
