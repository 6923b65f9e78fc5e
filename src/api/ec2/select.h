/* SPDX-License-Identifier: Apache-2.0 */
/* select: what of an answer the caller asked for: by ids, and by filters.
 *
 * A Describe handler gives everything there is, in a stable order; these functions leave of it what
 * was asked for. What a filter looks at is a path through the answer, by AWS's member names:
 *
 *   {"cidr-block-association.state", "CidrBlockAssociationSet.CidrBlockState.State"}
 *
 * so a filter sees what the caller sees. tag:<key> and tag-key work on every item that has tags.
 *
 * Sources  EC2 user guide, "List and filter your resources"; EC2 API reference, Filter. */
#pragma once
#include "api/call.h"
#include "api/ec2_shapes.h"
#include "control/resource.h"

struct select_filter {
    const char *name; /* NULL: the end */
    const char *path; /* from the item; "" is never equal to anything: known, but not here */
};

/* Keeps the items whose member `id_member` is among `ids`; all when there are none. An id that is
 * malformed or absent is refused in the words of its kind. `list`: the member of the output. */
MUST_USE enum rc select_ids(struct call *call, enum resource_kind kind, const struct text_list *ids,
                            const char *id_member, const char *list, void *out);

/* The same for names: the name that is absent is given to the caller, and RC_ABSENT. */
MUST_USE enum rc select_names(struct call *call, const struct text_list *names,
                              const char *name_member, const char *list, void *out,
                              struct text *absent);

/* Keeps the items that all filters accept: one of a filter's values matches (* any characters, ?
 * one, \ takes the next as it is). Refuses a name that `known` has not. */
MUST_USE enum rc select_filters(struct call *call, const struct ec2_filter_list *filters,
                                const struct select_filter *known, const char *list, void *out);
