/* SPDX-License-Identifier: Apache-2.0 */
/* trust_store: the CAs whose client certificates a listener takes: made, found, changed, deleted.
 * The bundle is an object of a bucket, copied when it is named; later changes of the object change
 * nothing. A trust store is active at once. Its revocation lists are control/revocation.h.
 *
 * Sources  AWS ELBv2 API, CreateTrustStore and its kin; AWS ALB, "Configuring mutual TLS",
 *          "Quotas". */
#pragma once
#include "control/object.h"
#include "store/tag.h"
#include "store/trust_store.h"

struct trust_store_new {
    struct text name;
    struct object_name bundle;
    const struct tag_row *tags;
    size_t tag_count;
};

MUST_USE enum rc trust_store_create(struct turn *turn, const struct trust_store_new *wanted,
                                    struct trust_store_row *out);
/* Another bundle; revocation lists stay, and count again where their CA does. */
MUST_USE enum rc trust_store_modify(struct turn *turn, struct text arn,
                                    const struct object_name *bundle, struct trust_store_row *out);
/* With its lists; refused while a listener uses it. */
MUST_USE enum rc trust_store_delete(struct turn *turn, struct text arn);

/* Refuses what is no ARN and what is not there, as all below. */
MUST_USE enum rc trust_store_find_row(struct turn *turn, struct text arn,
                                      struct trust_store_row *out);
/* Those with these ARNs, or these names (one of both at most), in the order given; else all by
 * name. */
MUST_USE enum rc trust_store_find_all(struct turn *turn, const struct text *arns, size_t arn_count,
                                      const struct text *names, size_t name_count,
                                      struct trust_store_rows *out);
/* ARNs of the load balancers that use it. */
MUST_USE enum rc trust_store_users(struct turn *turn, struct text arn, struct text_list *out);
MUST_USE enum rc trust_store_bundle(struct turn *turn, struct text arn, struct text *out);
