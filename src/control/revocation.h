/* SPDX-License-Identifier: Apache-2.0 */
/* revocation: the revocation lists of a trust store: added, found, removed. Each is an object of a
 * bucket, copied when it is named, and has a number that is never given again.
 *
 * Sources  AWS ELBv2 API, AddTrustStoreRevocations and its kin; AWS ALB, "Quotas". */
#pragma once
#include "control/object.h"
#include "store/trust_store.h"

/* All or none. Gives those that were added. Refuses RevocationContentNotFound,
 * InvalidRevocationContent, TooManyTrustStoreRevocationEntries. */
MUST_USE enum rc revocation_add(struct turn *turn, struct text trust_store,
                                const struct object_name *contents, size_t count,
                                struct revocation_rows *out);
/* All or none. Refuses RevocationIdNotFound, as all below. */
MUST_USE enum rc revocation_remove(struct turn *turn, struct text trust_store, const int64_t *ids,
                                   size_t count);
/* Those with these ids in the order given; without ids all. */
MUST_USE enum rc revocation_find_all(struct turn *turn, struct text trust_store, const int64_t *ids,
                                     size_t count, struct revocation_rows *out);
/* As it came. */
MUST_USE enum rc revocation_content(struct turn *turn, struct text trust_store, int64_t id,
                                    struct text *out);
