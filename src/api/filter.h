/* SPDX-License-Identifier: Apache-2.0 */
/* filter: the values of a filter against what a thing has. Which filters a noun knows, and what
 * they look at, is the service's affair (api/ec2/select).
 *
 * Letter case counts. One of several values must match; in them * stands for any characters, ? for
 * one or none, and a backslash takes the meaning from what follows. Time grows with pattern times
 * text and no faster, whatever a stranger sends.
 *
 * Sources  EC2 guide, "Filter resources". */
#pragma once
#include "api/shape.h"

struct text_list;

/* Does one of the values match? */
bool filter_text(const struct text_list *values, struct text text);
bool filter_bool(const struct text_list *values, bool value); /* "true", "false" */
bool filter_int(const struct text_list *values, int64_t value);
