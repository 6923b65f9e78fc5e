/* SPDX-License-Identifier: Apache-2.0 */
#include "api/presign.h"

#include "api/sigv4.h"
#include "api/sigv4_canonical.h"
#include "api/sigv4_sign.h"
#include "codec/timestamp.h"

static enum rc find_secret(const struct call *call, struct text *out)
{
    for (size_t i = 0; i < call->keys->count; i++) {
        if (text_eq(call->keys->at[i].id, call->access_key)) {
            *out = call->keys->at[i].secret;
            return RC_OK;
        }
    }
    return RC_ABSENT; /* never: the call was verified with it */
}

/* As sigv4_verify() will see it, without the signature. */
static enum rc canonical(struct call *call, struct text path, struct text query, struct text *out)
{
    struct http_field host = {.name = TEXT("host"), .value = call->host, .id = HTTP_FIELD_HOST};
    const struct http_request head = {
        .method = TEXT("GET"),
        .method_id = HTTP_GET,
        .path = path,
        .query = query,
        .authority = call->host,
        .fields = {&host, 1},
    };
    char of_nothing[SHA256_HEX_BYTES];

    sha256_hex(TEXT(""), of_nothing);
    return sigv4_canonical(&head, TEXT("host"), text_of(of_nothing), call->arena, out);
}

enum rc presign_url(struct call *call, struct text path, int64_t expires_s, struct text *out)
{
    char date[TIMESTAMP_BYTES];
    char signature[SHA256_HEX_BYTES];
    struct text secret;
    struct text spelled;
    struct text string_to_sign;

    TRY(find_secret(call, &secret));
    timestamp_write_basic(call->now_unix_ms, date);
    const struct sigv4_scope scope = {
        .date = text_of(date),
        .day = text_slice(text_of(date), 0, 8),
        .region = call->turn.config->region,
        .service = TEXT("s3"),
    };
    const struct text query =
        call_printf(call,
                    "X-Amz-Algorithm=" SIGV4_ALGORITHM "&X-Amz-Credential=%.*s%%2F%.*s%%2F%.*s%%2F"
                    "s3%%2Faws4_request&X-Amz-Date=%s&X-Amz-Expires=%lld&X-Amz-SignedHeaders=host",
                    TEXT_ARG(call->access_key), TEXT_ARG(scope.day), TEXT_ARG(scope.region), date,
                    (long long)expires_s);
    if (query.at == NULL) {
        return RC_LIMIT;
    }
    TRY(canonical(call, path, query, &spelled));
    TRY(sigv4_sign(secret, &scope, spelled, call->arena, &string_to_sign, signature));
    *out = call_printf(call, "http://%.*s%.*s?%.*s&X-Amz-Signature=%s", TEXT_ARG(call->host),
                       TEXT_ARG(path), TEXT_ARG(query), signature);
    return out->at != NULL ? RC_OK : RC_LIMIT;
}
