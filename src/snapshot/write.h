/* SPDX-License-Identifier: Apache-2.0 */
/* write: the other half of the treaty: plain structs -> the document that snapshot_decode() reads.
 *
 * Fill the structs of snapshot.h, wherever they live, and encode. A forward action points at an
 * element of `groups`, a listener's certificate at an element of `certificates`, its
 * trust store at one of `trust_stores`; they are written by their ARNs. Members left zero are not
 * "the default": fill them all, or begin from snapshot_balancer_defaults() and its like. Nothing is
 * checked here: whoever decodes, checks. */
#pragma once
#include "base/buf.h"
#include "snapshot/snapshot.h"

struct snap_document {
    uint64_t revision;                         /* 1 to 2^63-1 */
    struct text region;                        /* "us-east-1" */
    const struct snap_ticket_key *ticket_keys; /* newest first */
    size_t ticket_key_count;
    const struct snap_certificate *certificates;
    size_t certificate_count;
    const struct snap_trust_store *trust_stores;
    size_t trust_store_count;
    const struct snap_group *groups;
    size_t group_count;
    const struct snap_balancer *balancers;
    size_t balancer_count;
};

/* AWS's defaults, as for members that are left out of a document; everything else is empty. */
void snapshot_balancer_defaults(struct snap_balancer *out);
void snapshot_listener_defaults(struct snap_listener *out);
void snapshot_group_defaults(struct snap_group *out);
void snapshot_action_defaults(struct snap_action *out); /* redirect: "#{protocol}" and so on */

/* What was decoded, borrowed. */
const struct snap_document *snapshot_document(const struct snapshot *snapshot);

/* Appends the document; buf_result(out) is RC_LIMIT when it did not fit. */
void snapshot_encode(const struct snap_document *document, struct buf *out);

/* Appends a document that tells names and addresses only: for peers that serve no requests (dns)
 * and must not hold keys. */
void snapshot_encode_names(const struct snap_document *document, struct buf *out);
