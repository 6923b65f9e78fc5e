/* SPDX-License-Identifier: Apache-2.0 */
/* filter: the Filters of ec2's Describe operations. A noun has a table of the names that it knows:
 *
 *   static bool is_in_vpc(const void *item, struct text key, const struct text_list *values)
 *   {
 *       return filter_text(values, ((const struct subnet *)item)->vpc_id);
 *   }
 *   static const struct filter_rule rules[] = {{"vpc-id", is_in_vpc}, {"tag:", has_tag}, ...};
 *
 *   TRY(filter_check(call, &in->filters, rules, ARRAY_LEN(rules)));
 *   ... if (filter_holds(&in->filters, rules, ARRAY_LEN(rules), subnet)) ...
 *
 * Names and values are compared with their letter case. Several values: one must match; several
 * filters: all must. In values, * stands for any characters, ? for one or none, and a backslash
 * takes the meaning from what follows.
 *
 * Sources  EC2 guide, "Filter resources". */
#pragma once
#include "api/call.h"
#include "api/ec2_shapes.h"

/* `key` is what follows a name that ends with ':' ("tag:Name" -> "Name"), else empty. */
typedef bool filter_fn(const void *item, struct text key, const struct text_list *values);

struct filter_rule {
    const char *name;
    filter_fn *holds;
};

/* RC_DENIED: a name that no rule has; "The filter 'x' is invalid". */
MUST_USE enum rc filter_check(struct call *call, const struct ec2_filter_list *filters,
                              const struct filter_rule *rules, size_t count);

/* After filter_check. */
bool filter_holds(const struct ec2_filter_list *filters, const struct filter_rule *rules,
                  size_t count, const void *item);

/* For rules: does one of the values match? */
bool filter_text(const struct text_list *values, struct text text);
bool filter_bool(const struct text_list *values, bool value);
bool filter_int(const struct text_list *values, int64_t value);
