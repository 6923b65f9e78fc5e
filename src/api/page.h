/* SPDX-License-Identifier: Apache-2.0 */
/* page: pagination, for every operation whose facts say how: the handler gives all items, in a
 * stable order; one page of them is left in the answer, and a token for the rest.
 *
 * A token tells how many items came before, and a digest of the last of them: when items were
 * added or removed in between, the next page goes on behind that item, wherever it stands now. It
 * is opaque to clients.
 *
 * Sources  AWS elbv2 API, PageSize: 1 to 400; EC2 API, "Pagination": up to 1000. */
#pragma once
#include "api/call.h"

/* RC_OK; RC_DENIED: the token is not one of ours, or of another operation. */
MUST_USE enum rc page_cut(struct call *call, const void *in, void *out);
