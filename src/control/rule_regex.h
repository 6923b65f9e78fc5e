/* SPDX-License-Identifier: Apache-2.0 */
/* rule_regex: which regular expressions rules may have.
 *
 * A node refuses a snapshot whose expressions it cannot compile, and with it every later change:
 * so what is no expression is refused here, before it is stored. The dialect is AWS's: no
 * look-around, back references, atomic groups, possessive quantifiers, recursion, verbs or Unicode
 * classes, so that none takes more than linear time.
 *
 * Sources  AWS ALB, "Condition types: regular expressions". */
#pragma once
#include "base/text.h"

/* NULL: it may be used; else what is wrong with it, in a few static words. */
const char *rule_regex_fault(struct text pattern);
