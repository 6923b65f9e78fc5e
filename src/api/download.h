/* SPDX-License-Identifier: Apache-2.0 */
/* download: what the API gives as a URL: a trust store's bundle and its revocation lists. AWS's
 * answers point to S3, ours to the API's own port; both are presigned and expire after ten minutes.
 *
 *   /truststore/{name}/{id}/ca-certificates-bundle
 *   /truststore/{name}/{id}/revocation/{revocation id}
 *
 * Sources  AWS ELBv2 API, GetTrustStoreCaCertificatesBundle, GetTrustStoreRevocationContent; Amazon
 *          S3 API, "Error responses". */
#pragma once
#include "api/answer.h"
#include "api/sigv4.h"

/* The URL, for an answer. RC_LIMIT. */
MUST_USE enum rc download_of_bundle(struct call *call, struct text arn, struct text *out);
MUST_USE enum rc download_of_revocation(struct call *call, struct text arn, int64_t id,
                                        struct text *out);

bool download_is_asked(const struct http_request *head);
/* Verifies the signature and answers, also refusals, as S3 would. `call` is a fresh one. */
void download_answer(struct call *call, const struct control *control,
                     const struct http_request *head, struct answer *answer);
