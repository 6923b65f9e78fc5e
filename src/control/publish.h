/* SPDX-License-Identifier: Apache-2.0 */
/* publish: the store as the document that nodes and dns live by.
 *
 * Built whole each time, from one consistent view: a snapshot has no history. Groups that no rule
 * refers to are left out: nobody checks or uses their targets. */
#pragma once
#include "base/buf.h"
#include "control/control.h"

/* Appends the document of the store's revision, and to `names` (may be NULL) the part of it that
 * has neither keys nor targets. RC_LIMIT: it does not fit into them or the turn's arena. */
MUST_USE enum rc publish_build(struct turn *turn, struct buf *out, struct buf *names);
