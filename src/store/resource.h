/* SPDX-License-Identifier: Apache-2.0 */
/* resource: is there a row with this id, whatever its noun? For tags, which anything can have. */
#pragma once
#include "store/store.h"

/* `prefix`: of its ids: "vpc", "subnet", "igw", "sg", "sgr", "rtb", "acl", "eni". */
MUST_USE enum rc resource_row_exists(struct store *store, const char *prefix, struct text id,
                                     bool *out);
